"""The committed results of the matrix, by target and requirement: what its pages are made from."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from nats_conformance.matrix import folder, releases
from nats_conformance.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nats_conformance.matrix.folder import Kept
    from nats_conformance.results import CaseResult, RequirementResult

#: What a verdict is called, and its sign in a cell.
WORDS = {
    Verdict.PASS: ("pass", "✓"),
    Verdict.FAIL: ("fail", "✗"),
    Verdict.UNTESTABLE: ("untestable", "?"),
    Verdict.ERROR: ("error of the suite", "!"),
    Verdict.XPASS: ("unexpected pass", "±"),
    Verdict.XFAIL: ("known failure", "~"),
    Verdict.NA: ("not required", "–"),
}
BAD = frozenset({Verdict.FAIL, Verdict.UNTESTABLE, Verdict.ERROR, Verdict.XPASS})


@dataclass(frozen=True, slots=True)
class Column:
    """One target."""

    kept: Kept
    requirements: dict[str, RequirementResult]
    #: By requirement, the cases that there is something to show of.
    shown: dict[str, list[CaseResult]]

    @property
    def name(self) -> str:
        """`nats-server@2.12.8`."""
        return self.kept.name

    @property
    def brief(self) -> str:
        """`2.12.8`."""
        return releases.brief(self.name)

    @property
    def version(self) -> str:
        """What it announces."""
        return str(self.kept.target.server.get("version", ""))

    @property
    def stem(self) -> str:
        """What its page is called."""
        return self.kept.path.stem

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name.replace("@", " ")


@cache
def columns() -> tuple[Column, ...]:
    """Every target of the matrix, the releases by number, then the reference."""
    return tuple(map(_column, folder.read(folder.SHIPPED)))


def _column(kept: Kept) -> Column:
    shown: dict[str, list[CaseResult]] = {}
    for case in kept.target.cases:
        if case.recorded or case.outside or case.message or case.verdict is not Verdict.PASS:
            for name in case.requirements:
                shown.setdefault(name, []).append(case)
    return Column(kept, {each.id: each for each in kept.target.requirements}, shown)


def spans(chosen: Callable[[RequirementResult], bool], requirement: str) -> str:
    """Which targets' verdict of a requirement is so: `reference, nats-server 2.10.25–2.11.11`."""
    hits = [each for each in columns() if _is(each, requirement, chosen)]
    others = [each.title for each in hits if not releases.is_release(each.name)]
    names = [each.brief for each in columns() if releases.is_release(each.name)]
    mine = [each.brief for each in hits if releases.is_release(each.name)]
    numbers = ", ".join(_runs(names, mine))
    return ", ".join([*others, *([f"nats-server {numbers}"] if numbers else [])])


def _is(column: Column, requirement: str, chosen: Callable[[RequirementResult], bool]) -> bool:
    found = column.requirements.get(requirement)
    return found is not None and chosen(found)


def _runs(names: Sequence[str], mine: Sequence[str]) -> Iterator[str]:
    """Neighbours among `names` become `first–last`."""
    run: list[str] = []
    for name in [*names, ""]:
        if name in mine:
            run.append(name)
        elif run:
            yield run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}"
            run = []


def spelled(sentence: str) -> str:
    """A requirement's sentence as HTML."""
    parts = html.escape(sentence).split("`")
    return "".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(parts))
