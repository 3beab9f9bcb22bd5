"""The options that a configuration file can have at its top level, and files that are wrong.

CONF-OPT-001, REL-006, CONF-SYN-011. Data is in options.toml and broken.toml, measured on
nats-server. Leaves out what is inside blocks: chapters of their own say that.
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


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is wrong."""

    what: str
    text: str
    #: What is said of it after the program's name.
    server: str
    reference: str


@cache
def broken() -> tuple[Broken, ...]:
    """All of them."""
    data = tomllib.loads((files(__package__) / "broken.toml").read_text("utf-8"))
    return tuple(Broken(**entry) for entry in data["broken"])


def broken_markdown() -> str:
    """The table of files that are wrong."""
    rows = [("file", "nats-server 2.15.1 says", "the reference says"), ("---",) * 3]
    rows += [
        (f"{each.what}:<br>{code(each.text)}", code(each.server), code(each.reference))
        for each in broken()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def code(text: str) -> str:
    """Lines of a text as code in a cell; blanks at their starts stay."""
    lines = (line.replace("|", "\\|") for line in text.splitlines())
    indented = (line.replace(" ", "\u00a0") if line[:1] == " " else line for line in lines)
    return "<br>".join(f"`{line}`" for line in indented)
