"""Where the grammars are, and the parsers that Lark makes of them.

A grammar file is the definition of its language; everything else (recogniser,
strategies, diagrams) is derived from what this module loads. A caller may edit
a grammar's text before anything is derived from it: that is how a test proves
that the server speaks the grammar, and how a fault misspells it.

Leaves out payloads (framing.py) and what words mean (operations.py).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lark import Lark

#: Every textual language of NATS that has a grammar, with its start rules.
STARTS: Final[dict[str, tuple[str, ...]]] = {
    "client": ("line",),
    "refusals": ("line",),
    "server": ("line",),
    "headers": ("block", "line"),
    "subjects": ("pattern", "literal"),
    "config": ("file",),
    "acks": ("reply", "payload", "duration"),
    "jetstream": ("request", "flow", "name"),
    "kv": ("bucket", "key", "filter"),
}

_EDITS: dict[str, list[tuple[str, str]]] = {}


class UnknownGrammar(LookupError):
    """There is no grammar of that name."""


@cache
def source(name: str) -> str:
    """The text of grammar `name`, with the edits made so far."""
    file = Path(__file__).with_name("grammar") / f"{name}.lark"
    if not file.is_file():
        raise UnknownGrammar(f"no grammar named {name!r}; there are {', '.join(sorted(STARTS))}")
    text = file.read_text(encoding="utf-8")
    for old, new in _EDITS.get(name, ()):
        text = text.replace(old, new)
    return text


@cache
def parser(name: str) -> Lark:
    """The LALR(1) parser of grammar `name`, over bytes: the definition of the language."""
    from lark import Lark  # noqa: PLC0415 - it takes longer to import than a server to start

    return Lark(
        source(name),
        parser="lalr",
        start=list(STARTS[name]),
        use_bytes=True,
        maybe_placeholders=False,
        keep_all_tokens=False,
    )


def edit(name: str, old: str, new: str) -> None:
    """Replace `old` by `new` in grammar `name`, everywhere, from now on.

    Raises:
        ValueError: `old` does not occur; an edit that changes nothing proves nothing.
    """
    if old not in source(name):
        raise ValueError(f"grammar {name!r} has no {old!r} to edit")
    _EDITS.setdefault(name, []).append((old, new))
    forget()


def restore() -> None:
    """Take all edits back."""
    _EDITS.clear()
    forget()


def forget() -> None:
    """Drop what has been derived so far, here and in what derives from it."""
    from nats_spec import acks, lalr, recogniser  # noqa: PLC0415 - they import this module

    source.cache_clear()
    parser.cache_clear()
    recogniser.recogniser.cache_clear()
    acks.read_once.cache_clear()
    lalr.parser.cache_clear()
