"""What changed from release to release, as HTML: each change with both conversations."""

from __future__ import annotations

import html
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import matrix_evidence
from matrix_data import columns, spelled

from nats_conformance.matrix import changes, releases, telling
from nats_spec import requirements

if TYPE_CHECKING:
    from nats_conformance.matrix.changes import Change, Pair
    from nats_conformance.results import CaseResult
    from nats_conformance.transcript import Line


@cache
def found() -> tuple[Change, ...]:
    """Every change between neighbouring releases."""
    kept = [each.kept for each in columns() if releases.is_release(each.name)]
    return tuple(changes.between(kept))


def steps() -> list[tuple[str, str, int]]:
    """Each step from one release to the next, and how many changes it brought."""
    names = [each.name for each in columns() if releases.is_release(each.name)]
    return [
        (before, after, sum(each.after == after for each in found()))
        for before, after in pairwise(names)
    ]


def step(after: str) -> str:
    """The changes that came with one release."""
    return "".join(_change(each) for each in found() if each.after == after)


def _change(change: Change) -> str:
    heads = "".join(
        f"<p>{_link(name)} {spelled(text)}</p>" for name, text in telling.sentences(change)
    )
    pairs = "".join(_pair(change, pair) for pair in change.pairs)
    first = change.pairs[0]
    name, case = (change.before, first.before) if change.begins else (change.after, first.after)
    why = f'<p class="why">{releases.brief(name)}: {html.escape(telling.found(case))}</p>'
    kind = "begins" if change.begins else "ends"
    place = f"{releases.brief(change.after)}-{change.requirements[0]}-{kind}"
    return (
        f'<section class="change {kind}" id="{place}"><h3>{", ".join(change.requirements)} '
        f"{telling.headline(change)}</h3>{heads}{why}{pairs}</section>"
    )


def _link(identifier: str) -> str:
    chapter = requirements.load().requirements[identifier].chapter
    return f'<a href="../../spec/{chapter}/#{identifier}">{identifier}</a>'


def _pair(change: Change, pair: Pair) -> str:
    lines = [side.transcript.lines() for side in (pair.before, pair.after)]
    old, new = map(_keys, lines)
    same = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    alike = ({i for m in same for i in range(m.a, m.a + m.size)}, set[int]())
    alike[1].update(i for m in same for i in range(m.b, m.b + m.size))
    sides = "".join(
        _side(
            name,
            case,
            conversation,
            [all(lines) and n not in known for n in range(len(conversation))],
        )
        for name, case, conversation, known in zip(
            (change.before, change.after), (pair.before, pair.after), lines, alike, strict=True
        )
    )
    return (
        f'<details class="case"><summary>{html.escape(pair.before.id)}</summary>'
        f'<div class="sides">{sides}</div></details>'
    )


def _keys(lines: list[Line]) -> list[tuple[int, str, bytes]]:
    return [(line.connection, line.side, line.data) for line in lines]


def _side(name: str, case: CaseResult, lines: list[Line], marked: list[bool]) -> str:
    why = telling.found(case)
    told = f'<p class="why">{html.escape(why)}</p>' if why else ""
    return (
        f'<div class="side-of"><h4>{html.escape(releases.brief(name))}</h4>'
        f"{matrix_evidence.talk(lines, marked)}{told}</div>"
    )
