"""What an audit found: the first breaches of each requirement, and how many there were.

So something that is damaged throughout costs no more memory than something sound.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from nats_conformance.invariants import consumer_view, kv, objects_rules, stream

    #: A breach of a requirement, of any of the kinds of things that are audited.
    Violation: TypeAlias = (
        "stream.Violation | objects_rules.Violation | kv.Violation | consumer_view.Violation"
    )

#: Breaches of one requirement that are shown.
SHOWN: Final = 20


@dataclass(slots=True)
class Finding:
    """What an audit found."""

    config: dict[str, Any]
    #: What was looked at, in figures.
    summary: str = ""
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
