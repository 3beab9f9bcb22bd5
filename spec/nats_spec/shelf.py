"""Keeps what is derived from a grammar between processes, so that a server starts without Lark.

Deriving takes a third of a second of a start, nearly all of it Lark's. What comes
of it is put away as JSON under a digest of all that it came from: the grammar's
text (with its edits), what was derived, this package's code and Lark. Whatever goes
wrong here costs time and nothing else: it is derived again. Texts that users
parse are never kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

#: Set to a folder to keep things there, to nothing to keep none.
VARIABLE = "NATS_SPEC_CACHE"

#: The modules whose code decides what is derived.
_CODE: Final = ("shelf.py", "recogniser.py", "lalr.py")

T = TypeVar("T")


def folder() -> Path | None:
    """Where things are kept; None if nowhere."""
    chosen = os.environ.get(VARIABLE)
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "nats-spec" / "plans"
    except RuntimeError:  # there is no home
        return None


def kept(
    text: str,
    what: str,
    derive: Callable[[], T],
    *,
    write: Callable[[T], Any],
    read: Callable[[Any], T],
) -> T:
    """What was put away as `what` of the grammar `text`; else derived, and put away.

    `write` makes JSON of it, `read` makes it of JSON again.
    """
    place = folder()
    path = place / _name(text, what) if place is not None else None
    if path is not None:
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            return read(json.loads(path.read_bytes()))
    fresh = derive()
    if path is not None:
        _put(path, json.dumps(write(fresh)))
    return fresh


def _put(path: Path, text: str) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()


def _name(text: str, what: str) -> str:
    digest = hashlib.sha256(_origin())
    digest.update(f"{what}\n{text}".encode())
    return digest.hexdigest()[:32] + ".json"


@cache
def _origin() -> bytes:
    """What is derived depends on this besides the grammar: this code, Lark, Python."""
    code = [Path(__file__).with_name(name) for name in _CODE]
    lark = find_spec("lark")
    marks = [sys.version, lark.origin if lark is not None else ""]
    if lark is not None and lark.origin is not None:
        about = Path(lark.origin).stat()
        marks += [str(about.st_size), str(about.st_mtime_ns)]
    return b"".join(path.read_bytes() for path in code) + "\n".join(map(str, marks)).encode()
