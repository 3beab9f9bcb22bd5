"""The options that a configuration file can have at its top level (CONF-OPT-001, REL-006).

Data is in options.toml, measured on nats-server. Leaves out what is inside blocks:
chapters of their own say that.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Option:
    """One of them."""

    name: str
    #: What its value is: text, texts, integer, size, boolean, duration, address, block.
    kind: str
    meaning: str
    aliases: tuple[str, ...] = ()
    #: As it is shown; nothing where that says nothing.
    default: str = ""
    #: The first of the measured releases that knows it.
    since: str = "2.10"
    #: A value that a check of the file accepts; empty if that needs more than a line.
    example: str = ""
    #: Whether a running server takes another value; None if that was not measured.
    reload: bool | None = None


@cache
def options() -> tuple[Option, ...]:
    """All of them."""
    data = tomllib.loads((files(__package__) / "options.toml").read_text("utf-8"))
    return tuple(
        Option(**{**entry, "aliases": tuple(entry.get("aliases", ()))}) for entry in data["option"]
    )


def markdown(supported: Callable[[str], str]) -> str:
    """The table of options; `supported` says what a server does with one."""
    rows = [
        ("option", "value", "default", "since", "reload", "the reference", "meaning"),
        ("---",) * 7,
    ]
    for each in options():
        names = ", ".join(f"`{name}`" for name in (each.name, *each.aliases))
        reload = {True: "yes", False: "no", None: ""}[each.reload]
        rows.append(
            (names, each.kind, each.default, each.since, reload, supported(each.name), each.meaning)
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
