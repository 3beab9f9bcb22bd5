"""Where a requirement's code, cases and faults stand: the hops from a sentence to its proof."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import sources

_FAULT: Final = re.compile(r"\"([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d{3}(?:/[\w-]+)?)\"")
_FOLDERS: Final = ("cases", "properties")


def code(place: str) -> str:
    """A link to `package/module.py:line`, as traceability gives it."""
    file, _, number = place.rpartition(":")
    return f"[`{place}`](source:{file}#L{number})"


def case(identifier: str) -> str:
    """A link to a case's function; an example stands on the page itself."""
    place = case_place(identifier)
    return f"[`{identifier}`](source:{place})" if place else f"`{identifier}`"


def case_place(identifier: str) -> str | None:
    """The file and line of a case's function, if it has one."""
    stem, _, name = identifier.partition(":")
    for folder in _FOLDERS:
        file = f"nats_conformance/{folder}/test_{stem}.py"
        if sources.path(file).is_file() and (number := sources.line(file, f"test_{name}")):
            return f"{file}#L{number}"
    return None


def fault(identifier: str) -> str:
    """A link to the line that declares a fault."""
    place = _faults().get(identifier)
    return f"[`{identifier}`](source:{place})" if place else f"`{identifier}`"


@cache
def _faults() -> dict[str, str]:
    found: dict[str, str] = {}
    folder = "nats_reference/faults"
    for module in sorted(sources.path(folder).glob("*.py")):
        for number, line in enumerate(module.read_text(encoding="utf-8").splitlines(), 1):
            for identifier in _FAULT.findall(line):
                found.setdefault(identifier, f"{folder}/{module.name}#L{number}")
    return found
