"""The one results model; console, JSON and JUnit render it and compute nothing.

The order is the chapters' and the targets', never the workers', so a parallel
run's results are a serial run's but for the times.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from .transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SCHEMA_VERSION: Final = 1


class Verdict(Enum):
    """What came of a case or a requirement."""

    PASS = "PASS"  #: the server does what is required  # noqa: S105
    FAIL = "FAIL"  #: it does something else
    NA = "NA"  #: not claimed by this target or this release
    UNTESTABLE = "UNTESTABLE"  #: can't be decided; counts as a failure
    ERROR = "ERROR"  #: the suite's own fault
    XFAIL = "XFAIL"  #: fails as the baseline says
    XPASS = "XPASS"  #: the baseline expects a failure, and it passes

    @property
    def conforms(self) -> bool:
        """Whether a run with this verdict can still exit 0."""
        return self in {Verdict.PASS, Verdict.NA, Verdict.XFAIL}


#: Of several cases, the requirement's verdict is the first that occurs here.
PRECEDENCE: Final = (
    Verdict.ERROR,
    Verdict.FAIL,
    Verdict.UNTESTABLE,
    Verdict.XPASS,
    Verdict.XFAIL,
    Verdict.PASS,
    Verdict.NA,
)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a requirement whose cases have these."""
    present = set(verdicts)
    return next((verdict for verdict in PRECEDENCE if verdict in present), Verdict.NA)


@dataclass(frozen=True, slots=True)
class Outside:
    """What a case found on a release for which none of its requirements holds: no verdict."""

    verdict: Verdict
    message: str = ""
    expected: str = ""
    got: str = ""

    def as_json(self) -> dict[str, Any]:
        """The evidence as results.json has it."""
        return {
            "verdict": self.verdict.value,
            "message": self.message,
            "expected": self.expected,
            "got": self.got,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outside:
        """The evidence that `as_json` was made of."""
        texts = [data.get(name, "") for name in ("message", "expected", "got")]
        return cls(Verdict(data["verdict"]), *texts)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case on one target."""

    id: str
    requirements: tuple[str, ...]
    verdict: Verdict
    seconds: float = 0.0
    message: str = ""
    expected: str = ""
    got: str = ""
    delivery: str = "whole"
    #: The transcript, or its JSON; turned into the other only where somebody looks at it.
    recorded: Transcript | Sequence[dict[str, Any]] = ()
    #: Generated inputs that were tried; 1 for a plain case.
    examples: int = 1
    #: The config group of its server.
    config: str = "default"
    #: What the generated inputs were examples of, and how often.
    met: str = ""
    #: A bare assert failed, which could tell more (introspection.py).
    mute: bool = False
    #: When it ended, by this machine's monotonic clock; nobody else is told.
    ended: float = 0.0
    #: Of a case that is NA by its release: what it found there all the same, if asked for.
    outside: Outside | None = None

    @property
    def transcript(self) -> Transcript:
        """What went over the wire."""
        if isinstance(self.recorded, Transcript):
            return self.recorded
        return Transcript.from_json(self.recorded)

    def becomes(self, verdict: Verdict, message: str) -> CaseResult:
        """The same with another verdict."""
        return dataclasses.replace(self, verdict=verdict, message=message)

    def lasting(self, seconds: float, ended: float) -> CaseResult:
        """The same with the time that it took."""
        return dataclasses.replace(self, seconds=seconds, ended=ended)

    def as_json(self) -> dict[str, Any]:
        """The case as results.json has it."""
        return {
            "id": self.id,
            "requirements": list(self.requirements),
            "verdict": self.verdict.value,
            "seconds": round(self.seconds, 4),
            "message": self.message,
            "expected": self.expected,
            "got": self.got,
            "delivery": self.delivery,
            "transcript": (
                self.recorded.as_json()
                if isinstance(self.recorded, Transcript)
                else list(self.recorded)
            ),
            "examples": self.examples,
            "config": self.config,
            "met": self.met,
        } | ({"outside": self.outside.as_json()} if self.outside else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CaseResult:
        """The case that `as_json` was made of, or the lean form of it."""
        return cls(
            data["id"],
            tuple(data["requirements"]),
            Verdict(data["verdict"]),
            data.get("seconds", 0.0),
            data.get("message", ""),
            data.get("expected", ""),
            data.get("got", ""),
            data.get("delivery", "whole"),
            data.get("transcript", ()),
            data.get("examples", 1),
            data.get("config", "default"),
            data.get("met", ""),
            outside=Outside.from_json(data["outside"]) if "outside" in data else None,
        )


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """What came of one requirement on one target."""

    id: str
    level: str
    profile: str
    verdict: Verdict
    #: Of one that is NA by the release: what its cases found all the same.
    outside: Verdict | None = None

    def as_json(self) -> dict[str, Any]:
        """The requirement as results.json has it."""
        return {
            "id": self.id,
            "level": self.level,
            "profile": self.profile,
            "verdict": self.verdict.value,
        } | ({"outside": self.outside.value} if self.outside else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RequirementResult:
        """The requirement that `as_json` was made of."""
        outside = Verdict(data["outside"]) if "outside" in data else None
        return cls(data["id"], data["level"], data["profile"], Verdict(data["verdict"]), outside)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds that the cases of one target took, side by side as they ran."""

    #: Those that are written out.
    written: float
    #: Those that generate their inputs.
    generated: float


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What came of one target."""

    name: str
    address: str
    #: The INFO of the server, `version` among it.
    server: dict[str, Any]
    requirements: Sequence[RequirementResult]
    cases: Sequence[CaseResult]
    #: Unknown of a target that was not run here.
    spent: Spent | None = None

    @property
    def summary(self) -> Counter[str]:
        """How many requirements have which verdict."""
        return Counter(each.verdict.value for each in self.requirements)

    @property
    def conforms(self) -> bool:
        """Whether nothing speaks against this target."""
        verdicts = [case.verdict for case in self.cases]
        verdicts += [requirement.verdict for requirement in self.requirements]
        return bool(verdicts) and all(verdict.conforms for verdict in verdicts)

    def as_json(self) -> dict[str, Any]:
        """The target as results.json has it."""
        return {
            "name": self.name,
            "address": self.address,
            "server": self.server,
            "profiles": sorted({each.profile for each in self.requirements}),
            "summary": {v.value: self.summary[v.value] for v in Verdict if self.summary[v.value]},
            "requirements": [each.as_json() for each in self.requirements],
            "cases": [each.as_json() for each in self.cases],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TargetResult:
        """The target that `as_json` was made of, or the lean form of it."""
        return cls(
            data["name"],
            data["address"],
            data["server"],
            [RequirementResult.from_json(each) for each in data["requirements"]],
            [
                *(CaseResult.from_json(each) for each in data["cases"]),
                *(
                    CaseResult(case, tuple(each["requirements"]), Verdict.PASS)
                    for each in data.get("passed", ())
                    for case in each["cases"]
                ),
            ],
        )


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a run."""

    suite_version: str
    #: ISO 8601, UTC.
    started: str
    seconds: float
    seed: int
    budget: str
    targets: Sequence[TargetResult]
    #: What went wrong with the suite itself, outside any case.
    errors: Sequence[str] = ()
    #: What the run was made of, if it is kept to be compared (matrix/made.py).
    made: str = ""

    def as_json(self) -> dict[str, Any]:
        """results.json."""
        return {
            "schema_version": SCHEMA_VERSION,
            "suite_version": self.suite_version,
            "started": self.started,
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "budget": self.budget,
            "targets": [each.as_json() for each in self.targets],
            "errors": list(self.errors),
        } | ({"made": self.made} if self.made else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Results:
        """The run that `as_json` was made of."""
        return cls(
            data["suite_version"],
            data["started"],
            data["seconds"],
            data["seed"],
            data["budget"],
            [TargetResult.from_json(each) for each in data["targets"]],
            data.get("errors", []),
            data.get("made", ""),
        )
