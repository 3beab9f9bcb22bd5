"""Figures of the course, drawn from a few words as SVG: no script, no request, the page's colours.

```` ```sequence ```` draws who says what to whom, one `a -> b: text` a line; `... text` lets time
pass. ```` ```log ```` draws a stream: `1 subject` is a message, `- 2 subject` one that is gone,
`^ 1 name` where somebody has read up to. ```` ```mesh ```` draws services that are each connected
to all, and the same with one server between.
"""

from __future__ import annotations

import html
import math
import re
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Width of a character, height of a line.
_CHAR: Final = 7.3
_LINE: Final = 34
_ARROW: Final = re.compile(r"(?P<from>\S+) -> (?P<to>\S+): (?P<text>.*)")
_MESSAGE: Final = re.compile(r"(?P<gone>- )?(?P<seq>\d+) (?P<subject>.*)")
_CURSOR: Final = re.compile(r"\^ (?P<seq>\d+) (?P<name>.*)")


class BadFigure(ValueError):
    """A line of a figure can't be read."""


def format_figure(
    source: str,
    language: str,
    class_name: str,
    options: dict[str, Any],  # noqa: ARG001 - the signature is superfences'
    md: object,  # noqa: ARG001
    **_: object,
) -> str:
    """Render one figure; what it says stands in its label too."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    width, height, body = _KINDS[language](lines)
    label = html.escape("; ".join(lines), quote=True)
    return (
        f'<div class="{class_name}" tabindex="0" role="group" aria-label="figure">'
        f'<svg role="img" aria-label="{label}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">'
        f"{body}</svg></div>"
    )


def _sequence(lines: Sequence[str]) -> tuple[float, float, str]:
    arrows = [match for line in lines if (match := _ARROW.fullmatch(line))]
    names = list(dict.fromkeys(name for arrow in arrows for name in arrow.group("from", "to")))
    spans = dict.fromkeys(pairwise(names), 90.0)
    for arrow in arrows:
        first, last = sorted((names.index(arrow["from"]), names.index(arrow["to"])))
        pairs = list(zip(names[first:last], names[first + 1 : last + 1], strict=False))
        for pair in pairs:
            spans[pair] = max(spans[pair], (len(arrow["text"]) * _CHAR + 26) / len(pairs))
    edge = max(len(names[0]), len(names[-1]), 6) * _CHAR / 2 + 12
    pause = max((len(line) * _CHAR for line in lines if line.startswith("... ")), default=0)
    edge = max(edge, (pause - sum(spans.values())) / 2)
    places = {names[0]: edge}
    for left, right in pairwise(names):
        places[right] = places[left] + spans[left, right]
    width, height = places[names[-1]] + edge, 40 + _LINE * len(lines) + 8
    parts = [_name(name, x, height) for name, x in places.items()]
    for number, line in enumerate(lines):
        y = 40 + _LINE * (number + 0.75)
        if match := _ARROW.fullmatch(line):
            parts.append(_arrow(places[match["from"]], places[match["to"]], y, match["text"]))
        elif line.startswith("... "):
            parts.append(
                f'<rect class="pause" x="4" y="{y - 16:.0f}" width="{width - 8:.0f}" height="22"/>'
            )
            parts.append(_text(width / 2, y - 1, line[4:], "pause"))
        else:
            raise BadFigure(line)
    return width, height, "".join(parts)


def _name(name: str, x: float, height: float) -> str:
    half = len(name) * _CHAR / 2 + 8
    kind = "server" if name == "server" else "client"
    return (
        f'<line class="life" x1="{x:.1f}" y1="30" x2="{x:.1f}" y2="{height - 4:.0f}"/>'
        f'<rect class="{kind}" x="{x - half:.1f}" y="4" width="{2 * half:.1f}" height="26" rx="4"/>'
        f"{_text(x, 21, name, kind)}"
    )


def _arrow(start: float, end: float, y: float, text: str) -> str:
    tip = -7 if end > start else 7
    kind = "lost" if text.startswith("✗") else "say"
    return (
        f'<path class="{kind}" d="M{start:.1f} {y:.1f}H{end - tip / 7:.1f}'
        f'm{tip} -4l{-tip} 4l{tip} 4"/>{_text((start + end) / 2, y - 6, text, kind)}'
    )


def _log(lines: Sequence[str]) -> tuple[float, float, str]:
    parts: list[str] = []
    ends: dict[int, float] = {}
    x = 6.0
    widest = 0.0
    cursors = 0
    for line in lines:
        if message := _MESSAGE.fullmatch(line):
            size = max(len(message["subject"]) * _CHAR + 14, 46)
            gone = " gone" if message["gone"] else ""
            parts += [
                f'<rect class="message{gone}" x="{x:.1f}" y="20" width="{size:.1f}" height="30"/>',
                _text(x + size / 2, 13, message["seq"], "number"),
                _text(x + size / 2, 39, message["subject"], f"message{gone}"),
            ]
            x += size
            ends[int(message["seq"])] = x
        elif cursor := _CURSOR.fullmatch(line):
            at, y = ends.get(int(cursor["seq"]), 6.0), 68 + 20 * cursors
            parts += [
                f'<path class="cursor" d="M{at:.1f} 52V{y:.0f}"/>',
                f'<text class="cursor" x="{at + 5:.1f}" y="{y:.0f}">{html.escape(cursor["name"])}</text>',
            ]
            widest = max(widest, at + 12 + len(cursor["name"]) * _CHAR)
            cursors += 1
        else:
            raise BadFigure(line)
    return max(x + 6, widest), 56 + 20 * cursors + (4 if cursors else 0), "".join(parts)


def _mesh(lines: Sequence[str]) -> tuple[float, float, str]:
    def ring(middle: float) -> dict[str, tuple[float, float]]:
        turn = 2 * math.pi / len(lines)
        return {
            name: (
                middle + 78 * math.cos(turn * n - math.pi / 2),
                104 + 78 * math.sin(turn * n - math.pi / 2),
            )
            for n, name in enumerate(lines)
        }

    each, around = ring(130), ring(410)
    parts = [_line(each[one], each[other]) for one, other in combinations(lines, 2)]
    parts += [_line(place, (410, 104)) for place in around.values()]
    parts += [_node(name, place) for name, place in [*each.items(), *around.items()]]
    return 540, 208, "".join([*parts, _node("server", (410, 104))])


def _line(one: tuple[float, float], other: tuple[float, float]) -> str:
    return (
        f'<line class="link" x1="{one[0]:.1f}" y1="{one[1]:.1f}" '
        f'x2="{other[0]:.1f}" y2="{other[1]:.1f}"/>'
    )


def _node(name: str, place: tuple[float, float]) -> str:
    half = len(name) * _CHAR / 2 + 8
    kind = "server" if name == "server" else "client"
    x, y = place
    return (
        f'<rect class="{kind}" x="{x - half:.1f}" y="{y - 13:.1f}" width="{2 * half:.1f}" height="26" '
        f'rx="4"/>{_text(x, y + 4, name, kind)}'
    )


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{html.escape(text)}</text>'


_KINDS: Final = {"sequence": _sequence, "log": _log, "mesh": _mesh}
#: The languages of the fences.
KINDS: Final = tuple(_KINDS)
