"""The table of refusals: every -ERR, and every end of a connection without one.

Reads `errors.toml`. `said` finds the entry of a text that a server sent;
`markdown` renders the table of chapter 60. ERR-001 .. ERR-028.

Leaves out when a server refuses what: the chapters and the reference say that.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["error", "silent-close"]

#: What stands for the refused subject, queue group, sid or reply in a text.
_PLACEHOLDER: Final = re.compile(r"\\\{[a-z]+\\\}")


@dataclass(frozen=True)
class Error:
    """One way in which a server refuses a client."""

    #: Its name, e.g. `invalid-subject`.
    id: str
    #: What stands between the quotes of -ERR, with placeholders; empty if nothing is said.
    text: str
    #: Whether the connection ends.
    closes: bool
    #: What brings it about.
    trigger: str
    #: The server release from which on it exists.
    since: str
    #: The requirement that says so.
    requirement: str
    kind: Kind

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a text that a server sent must match as a whole."""
        return re.compile(_PLACEHOLDER.sub(".+", re.escape(self.text)), re.DOTALL)


def _read() -> tuple[Error, ...]:
    text = (files("nats_spec") / "errors.toml").read_text(encoding="utf-8")
    return tuple(
        Error(**({"text": "", "closes": True} | entry)) for entry in tomllib.loads(text)["error"]
    )


#: Every entry: first what is said and closes, then what is said and stays, then the silent ones.
ERRORS: Final[tuple[Error, ...]] = _read()


@cache
def said(text: str) -> Error | None:
    """The entry of an -ERR with this text between its quotes, or None."""
    found = (e for e in ERRORS if e.kind == "error" and e.pattern.fullmatch(text))
    return max(found, key=lambda error: len(error.text), default=None)


def markdown() -> str:
    """The three tables of chapter 60."""
    return "\n\n".join(
        (
            _table("-ERR, and the connection ends", [e for e in _errors() if e.closes]),
            _table("-ERR, and the connection stays", [e for e in _errors() if not e.closes]),
            _table(
                "The connection ends, and nothing is said",
                [e for e in ERRORS if e.kind == "silent-close"],
            ),
        )
    )


def _errors() -> list[Error]:
    return [error for error in ERRORS if error.kind == "error"]


def _table(title: str, entries: list[Error]) -> str:
    spoken = entries[0].kind == "error"
    head = ["text", "when", "since", "see"] if spoken else ["when", "since", "see"]
    rows = [head, ["---"] * len(head)]
    for entry in entries:
        cells = [entry.trigger, entry.since, entry.requirement]
        rows.append([f"`{entry.text}`", *cells] if spoken else cells)
    return "\n".join([f"**{title}**", "", *(f"| {' | '.join(row)} |" for row in rows)])
