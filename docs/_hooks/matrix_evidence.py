"""What a case found, as HTML: why, what was expected, and the conversation, line by line.

A script draws the conversation as the report does; without it the lines are read as they are.
"""

from __future__ import annotations

import html
from functools import cache
from typing import TYPE_CHECKING

from matrix_data import WORDS

from nats_conformance import baseline, visible
from nats_conformance.results import Verdict
from nats_conformance.transcript import NOTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.baseline import Entry
    from nats_conformance.results import CaseResult
    from nats_conformance.transcript import Line

#: Characters of one line.
_WIDTH = 400


def anchor(case: str) -> str:
    """Where on a page the case stands."""
    return f"case-{case.replace(':', '-')}"


def case(found: CaseResult, seed: int, target: str, version: str) -> str:
    """One case, closed until somebody opens it."""
    expected = _expected(target.partition("@")[0], version)
    kind, word = found.verdict.value, WORDS[found.verdict][0]
    if found.outside is not None:
        word = "does so" if found.outside.verdict is Verdict.PASS else "does otherwise"
    facts = "".join(
        f"<dt>{name}</dt><dd>{html.escape(value)}</dd>"
        for name, value in _facts(found, expected)
        if value
    )
    again = f"nats-conformance run {target} --select {found.id} --seed {seed}"
    return (
        f'<details class="case" id="{anchor(found.id)}"><summary>'
        f'<span class="mark {kind}">{word}</span> {html.escape(found.id)}</summary>'
        f"{f'<dl>{facts}</dl>' if facts else ''}{talk(found.transcript.lines())}"
        f"<p>Again: <code>{html.escape(again)}</code></p></details>"
    )


@cache
def _expected(server: str, version: str) -> tuple[Entry, ...]:
    return baseline.shipped(server, version).entries


def talk(lines: Sequence[Line], marked: Sequence[bool] = ()) -> str:
    """A conversation as a list; lines that are `marked` stand out."""
    if not lines:
        return ""
    flags = [*marked, *([False] * (len(lines) - len(marked)))]
    items = "".join(_item(line, flag) for line, flag in zip(lines, flags, strict=True))
    return f'<ol class="talk">{items}</ol>'


def _item(line: Line, marked: bool) -> str:
    text = visible.line(line.data, _WIDTH)
    kind = f' class="{line.side if line.side != NOTE else "N"}{" part" if marked else ""}"'
    if line.side == NOTE:
        return f"<li{kind}>({html.escape(line.data.decode(errors='replace'))})</li>"
    shown = html.escape(text.removesuffix("␍␊"))
    return f'<li{kind} data-on="{line.connection}">{shown or "&nbsp;"}</li>'


def _facts(found: CaseResult, expected: Sequence[Entry]) -> list[tuple[str, str]]:
    if found.outside is not None:
        outside = found.outside
        return [
            ("required", found.message),
            ("found", outside.message),
            ("expected", outside.expected),
            ("got", outside.got),
        ]
    known = next((each.evidence for each in expected if each.concerns(found)), "")
    return [
        ("because", found.message),
        ("known", known if found.verdict is Verdict.XFAIL else ""),
        ("expected", found.expected),
        ("got", found.got),
    ]
