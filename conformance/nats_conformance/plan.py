"""What a run is to do: which cases against which targets, in which order, and what together.

Target by target come the written cases, those that mostly wait ahead of the
others and beside them; the generated ones of all targets come last. So the time
that the written cases of one target take is theirs alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_spec.requirements import Requirement

    from .cases import Case
    from .engine import Settings, Subject

#: So many jobs are handed over at once: those that share a server of their own, others.
_TOGETHER: Final = 24
_FEW: Final = 8


@dataclass(frozen=True, slots=True)
class Job:
    """One case against one target."""

    case: Case
    subject: Subject


@dataclass(frozen=True, slots=True)
class Unit:
    """Jobs that one worker does, one after the other, or all at once if they wait."""

    #: Units of a phase are begun before those of the next.
    phase: int
    waits: bool
    #: Where in the plan's jobs they stand.
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs of a run, and what holds for all of them."""

    jobs: Sequence[Job]
    settings: Settings
    requirements: dict[str, Requirement]

    def units(self) -> list[Unit]:
        """Every job in one unit, the units in the order in which they are begun."""
        targets = list(dict.fromkeys(job.subject.target.name for job in self.jobs))
        kinds: dict[tuple[int, int, str], list[int]] = {}
        for place, job in enumerate(self.jobs):
            kinds.setdefault(_kind(place, job, targets), []).append(place)
        return [
            Unit(phase, not rank, tuple(places[at : at + size]))
            for (phase, rank, _), places in sorted(kinds.items())
            for size in [_SIZES.get(rank) or len(places)]
            for at in range(0, len(places), size)
        ]


#: Ranks within a phase: 0 waits; 1 takes long, so comes early and alone; 2 shares the
#: server of a config group; 3 is any other. How many are handed over at once:
_SIZES: Final = {1: 1, 2: _TOGETHER, 3: _FEW}


def _kind(place: int, job: Job, targets: Sequence[str]) -> tuple[int, int, str]:
    """Phase, rank, and what tells it from others of that rank."""
    case, phase = job.case, targets.index(job.subject.target.name)
    if case.generated:
        return len(targets), 1, f"{place:06}"
    if case.waits:
        return phase, 0, ""
    if case.private:
        return phase, 1, f"{place:06}"
    return (phase, 3, "") if case.config == "default" else (phase, 2, case.config)


def plan(
    cases: Sequence[Case],
    subjects: Sequence[Subject],
    settings: Settings,
    requirements: dict[str, Requirement],
) -> Plan:
    """Every case against every target; each is compared with the first that is not itself."""
    rivals = [next((other for other in subjects if other is not each), None) for each in subjects]
    paired = [replace(each, rival=rival) for each, rival in zip(subjects, rivals, strict=True)]
    return Plan([Job(case, each) for each in paired for case in cases], settings, requirements)
