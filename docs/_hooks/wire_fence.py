"""Wire examples as highlighted HTML: who speaks, the verb, and the control pictures."""

from __future__ import annotations

import html
import re
from typing import Any

_LINE = re.compile(r"(?P<side>[CS]\d*(?:\(\S+\))?[:!])(?P<gap> ?)(?P<text>.*)")
_PIECES = re.compile(
    r"(?P<byte>\\x[0-9A-Fa-f]{2})"
    r"|(?P<hole>\{[^{}\"]+\})"
    r"|(?P<event>\((?:closed|nothing|close|half-close|ack|subscribe [^)]*)\))"
)
_VERB = re.compile(
    r"(?:CONNECT|INFO|H?PUB|SUB|UNSUB|H?MSG|PING|PONG|\+OK|-ERR)(?=[ ␍␊␉{]|$)", re.IGNORECASE
)
_LABELS = {"␍": "CR", "␊": "LF", "␉": "TAB", "␀": "NUL"}


def format_wire(
    source: str,
    language: str,
    class_name: str,
    options: dict[str, Any],
    md: object,  # noqa: ARG001 - the signature is superfences'
    **_: object,
) -> str:
    """Render one `wire` block; its config group is shown when it isn't the default one."""
    config = options.get("config")
    label = f'<span class="wire-config">config: {html.escape(config)}</span>' if config else ""
    lines = "".join(_line(line) for line in source.splitlines())
    return f'<div class="{class_name} {language}">{label}<pre><code>{lines}</code></pre></div>'


def validate_wire(
    language: str,  # noqa: ARG001 - the signature is superfences'
    inputs: dict[str, str],
    options: dict[str, Any],
    attrs: dict[str, Any],  # noqa: ARG001
    md: object,  # noqa: ARG001
) -> bool:
    """Take `config=NAME` and nothing else."""
    options.update(inputs)
    return set(inputs) <= {"config"}


def _line(line: str) -> str:
    match = _LINE.fullmatch(line)
    if match is None:
        kind = "note" if line.startswith("#") else "more"
        return f'<span class="wire-{kind}">{html.escape(line)}</span>\n'
    who = "client" if match["side"].startswith("C") else "server"
    text = match["text"]
    verb = _VERB.match(text)
    shown = f'<span class="verb">{html.escape(verb.group())}</span>' if verb else ""
    rest = _pieces(text[verb.end() :] if verb else text)
    side = f'<span class="side">{match["side"]}</span>{match["gap"]}'
    return f'<span class="wire-{who}">{side}{shown}{rest}</span>\n'


def _pieces(text: str) -> str:
    done = 0
    out: list[str] = []
    for piece in _PIECES.finditer(text):
        out.append(html.escape(text[done : piece.start()]))
        out.append(f'<span class="{piece.lastgroup}">{html.escape(piece.group())}</span>')
        done = piece.end()
    return "".join(out) + html.escape(text[done:])


def with_labels(content: str) -> str:
    """A page's HTML with a label on each control picture, since few fonts have them (`site.css`)."""
    for picture, label in _LABELS.items():
        span = f'<span class="glyph" data-label="{label}">{picture}</span>'
        content = content.replace(picture, span)
    return content
