"""A live stream before the invariants: INFO, its log, INFO again, what was wrong.

Kept are the first `SHOWN` breaches of each requirement and the number of all, so that a
stream damaged throughout costs no more memory than a sound one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.invariants.stream import Judge
from nats_conformance.invariants.stream_log import Figures, View

from .reading import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nats_conformance.invariants.stream import Violation

    from .client import Client

#: Breaches of one requirement that are shown.
SHOWN: Final = 20
#: Messages between two signs of progress.
_STEP: Final = 1000


@dataclass(slots=True)
class Finding:
    """What an audit of a stream found."""

    config: dict[str, Any]
    before: Figures
    after: Figures
    read: int = 0
    #: The first breaches of each requirement.
    shown: list[Violation] = field(default_factory=list)
    #: How many there were, by requirement, remarks apart.
    violations: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    #: What could not be judged.
    not_judged: list[str] = field(default_factory=list)

    def add(self, breaches: Iterable[Violation]) -> None:
        """Count these, and keep the first."""
        for each in breaches:
            counts = self.remarks if each.remark else self.violations
            counts[each.requirement] += 1
            if counts[each.requirement] <= SHOWN:
                self.shown.append(each)


def audit(client: Client, name: str, progress: Callable[[int, int], None]) -> Finding:
    """Read the stream and judge it; `progress` hears how many of how many are read.

    Raises:
        Refused: there is no such stream.
        Unreachable: the server went away.
    """
    info = client.request(f"STREAM.INFO.{name}")
    view = View.of(info)
    judge = Judge(view)
    finding = Finding(info["config"], view.before, view.before)
    for message in log(client, info["config"], view.before.first_seq, view.before.last_seq):
        if found := judge.see(message):
            finding.add(found)
        finding.read += 1
        if finding.read % _STEP == 0:
            progress(finding.read, view.before.messages)
    finding.after = Figures.of(client.request(f"STREAM.INFO.{name}")["state"])
    finding.add(judge.end(finding.after))
    finding.not_judged = judge.given_up
    progress(finding.read, view.before.messages)
    return finding
