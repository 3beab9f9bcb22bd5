"""Keeps the plans of recognisers between processes, so that a server starts without Lark.

Deriving a plan takes a third of a second of a start, nearly all of it Lark's. A
plan is put away under a digest of all that it came from: the grammar's text (with
its edits), the start rule, this package's code and Lark. Whatever goes wrong here
costs time and nothing else: the plan is derived again. Lark's own tables stand beside them.
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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nats_spec.recogniser import Plan

#: Set to a folder to keep plans there, to nothing to keep none.
VARIABLE = "NATS_SPEC_CACHE"


def folder() -> Path | None:
    """Where plans are kept; None if nowhere."""
    chosen = os.environ.get(VARIABLE)
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "nats-spec" / "plans"
    except RuntimeError:  # there is no home
        return None


def take(text: str, start: str) -> Plan | None:
    """The plan that was put away for rule `start` of the grammar `text`, if any."""
    place = folder()
    if place is None:
        return None
    try:
        kept = json.loads((place / _name(text, start)).read_bytes())
        return _plan(kept)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def put(text: str, start: str, plan: Plan) -> None:
    """Put `plan` away for the next process."""
    place = folder()
    if place is None:
        return
    path = place / _name(text, start)
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        place.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(_kept(plan)), encoding="utf-8")
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()


def tables(text: str) -> str | bool:
    """Where Lark may keep its own tables of the grammar `text`; False if nowhere."""
    place = folder()
    if place is None:
        return False
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return str(place / _name(text, "tables")).removesuffix("json") + "lark"


def _name(text: str, start: str) -> str:
    digest = hashlib.sha256(_origin())
    digest.update(f"{start}\n{text}".encode())
    return digest.hexdigest()[:32] + ".json"


@cache
def _origin() -> bytes:
    """What a plan depends on besides the grammar: this code, Lark, Python."""
    code = [Path(__file__), Path(__file__).with_name("recogniser.py")]
    lark = find_spec("lark")
    marks = [sys.version, lark.origin if lark is not None else ""]
    if lark is not None and lark.origin is not None:
        about = Path(lark.origin).stat()
        marks += [str(about.st_size), str(about.st_mtime_ns)]
    return b"".join(path.read_bytes() for path in code) + "\n".join(map(str, marks)).encode()


def _kept(plan: Plan) -> dict[str, Any]:
    return {
        "pattern": plan.pattern.decode("latin-1"),
        "productions": [[group, *each] for group, each in plan.productions.items()],
        "openings": [
            {
                "verb": each.verb.decode("latin-1"),
                "folded": each.folded,
                "then": sorted(each.then),
                "idle": each.idle,
                "blanks": each.blanks.decode("latin-1"),
            }
            for each in plan.openings
        ],
    }


def _plan(kept: dict[str, Any]) -> Plan:
    from nats_spec.recogniser import Opening, Plan  # noqa: PLC0415 - it imports this module

    return Plan(
        kept["pattern"].encode("latin-1"),
        {group: (name, tuple(arguments)) for group, name, arguments in kept["productions"]},
        tuple(
            Opening(
                verb=each["verb"].encode("latin-1"),
                folded=each["folded"],
                then=frozenset(each["then"]),
                idle=each["idle"],
                blanks=each["blanks"].encode("latin-1"),
            )
            for each in kept["openings"]
        ),
    )
