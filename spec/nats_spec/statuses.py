"""The table of status lines that consumers send.

Reads `statuses.toml`. `said` finds the entry of a status that a server sent, `status` the
one of a name, `markdown` renders the table of chapter 121. JS-PULL-003 .. JS-PULL-040.

Leaves out the statuses of direct get (chapter 113) and of batches.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Final

from nats_spec.headers import HeaderBlock

#: What stands for a number, a duration or a reason in a text.
_PLACEHOLDER: Final = re.compile(r"\\\{[a-z]+\\\}")


@dataclass(frozen=True)
class Status:
    """One status line."""

    #: Its name, e.g. `request-timeout`.
    id: str
    code: int
    #: What stands behind the code, with placeholders; empty if nothing does.
    text: str
    #: What brings it about.
    when: str
    #: The header fields that come with it, in order; in brackets if one may be missing.
    fields: tuple[str, ...]
    #: Whether it ends the pull request that it answers.
    ends: bool
    #: What whoever gets it must do.
    client: str
    #: The server release from which on it exists.
    since: str
    #: The requirement that says so.
    requirement: str
    #: Whether it has a reply subject.
    reply: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the text that a server sent must match as a whole."""
        return re.compile(_PLACEHOLDER.sub(".+", re.escape(self.text)), re.DOTALL)

    def block(self, *values: object, **placeholders: object) -> bytes:
        """The header block of this status: the values of its fields, what its text leaves open."""
        named = zip(self.fields, values, strict=False)
        return HeaderBlock(
            self.code,
            self.text.format(**placeholders).encode(),
            tuple((name.strip("[]").encode(), str(value).encode()) for name, value in named),
        ).encode()

    def lacks(self, fields: tuple[str, ...]) -> list[str]:
        """How the fields that came differ from those that belong to it, a sentence each."""
        wanted = [name for name in self.fields if not name.startswith("[")]
        allowed = {name.strip("[]") for name in self.fields}
        missing = [f"{name} is missing" for name in wanted if name not in fields]
        return missing + [f"{name} does not belong to it" for name in fields if name not in allowed]


def _read() -> tuple[Status, ...]:
    text = (files("nats_spec") / "statuses.toml").read_text(encoding="utf-8")
    return tuple(
        Status(**(entry | {"fields": tuple(entry["fields"])}))
        for entry in tomllib.loads(text)["status"]
    )


#: Every entry, in the order of the file.
STATUSES: Final[tuple[Status, ...]] = _read()


@cache
def status(name: str) -> Status:
    """The entry of this name.

    Raises:
        KeyError: there is none.
    """
    return {each.id: each for each in STATUSES}[name]


@cache
def said(code: int, text: str) -> Status | None:
    """The entry of a status line with this code and text, or None."""
    return next(
        (each for each in STATUSES if each.code == code and each.pattern.fullmatch(text)), None
    )


def markdown() -> str:
    """The table of chapter 121."""
    head = ("status", "when", "header fields", "ends it", "what the client does", "since", "see")
    rows = [head, ("---",) * len(head), *map(_row, STATUSES)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(status: Status) -> tuple[str, ...]:
    return (
        f"`{f'{status.code} {status.text}'.strip()}`",
        status.when,
        ", ".join(f"`{name}`" for name in status.fields),
        "yes" if status.ends else "no",
        status.client,
        status.since,
        status.requirement,
    )
