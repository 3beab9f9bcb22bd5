"""What changed from one release to the next: cases that come out otherwise, with both transcripts.

A case comes out as holding or not: by its verdict, and where its requirements are of other
releases, by what it found there all the same. Left out is what a race decides (baseline entries
that fail sometimes), and what generated inputs happened on.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from nats_conformance import baseline, catalogue

from . import releases
from .outcome import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nats_conformance.results import CaseResult

    from .folder import Kept

#: Lines of either conversation.
_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """One case on both sides of a change."""

    before: CaseResult
    after: CaseResult

    def parted(self, width: int = 110) -> list[str]:
        """Both conversations as one: `- ` begins what only was, `+ ` what only is."""
        old, new = (side.transcript.shortest(_LINES, width) for side in (self.before, self.after))
        lines: list[str] = []
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind == "equal":
                lines += [f"  {line}" for line in old[a:b]]
            else:
                lines += [f"- {line}" for line in old[a:b]] + [f"+ {line}" for line in new[c:d]]
        return lines

    def as_json(self) -> dict[str, Any]:
        """The pair as `--json` writes it."""
        return {
            "case": self.before.id,
            "before": self.before.as_json(),
            "after": self.after.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """What the requirements say holds on one side, and not on the other."""

    before: str
    after: str
    #: The requirements' ids.
    requirements: tuple[str, ...]
    #: Whether it holds after.
    begins: bool
    pairs: tuple[Pair, ...]

    def as_json(self) -> dict[str, Any]:
        """The change as `--json` writes it."""
        return {
            "before": releases.brief(self.before),
            "after": releases.brief(self.after),
            "requirements": list(self.requirements),
            "holds": "after" if self.begins else "before",
            "cases": [pair.as_json() for pair in self.pairs],
        }


def between(kept: Sequence[Kept]) -> list[Change]:
    """The changes from each file to the next."""
    return [change for before, after in pairwise(kept) for change in _changes(before, after)]


def _changes(before: Kept, after: Kept) -> Iterator[Change]:
    known = catalogue.specification().requirements
    unsettled = {each.name for each in baseline.entries("nats-server") if each.sometimes}
    written = {case.id for case in catalogue.load(properties=False)}
    earlier = {case.id: case for case in before.target.cases}
    groups: dict[tuple[tuple[str, ...], bool], list[Pair]] = {}
    for new in after.target.cases:
        old = earlier.get(new.id)
        if old is None or new.id not in written or unsettled & {new.id, *new.requirements}:
            continue
        pair = Pair(old, new)
        sides = (holds(old), holds(new))
        if None not in sides and sides[0] != sides[1]:
            groups.setdefault((new.requirements, bool(sides[1])), []).append(pair)
    for (names, begins), pairs in groups.items():
        if any(name in known for name in names):
            yield Change(before.name, after.name, names, begins, tuple(pairs))
