"""Where else a requirement appears: the cases that cover it, its faults, and the code.

None of this is written down anywhere: cases declare what they cover, faults what they break,
and code names in its docstrings and comments the requirement that it keeps.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nats_reference
import nats_spec
from nats_conformance import catalogue

_ID = re.compile(r"(?P<stem>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)-(?P<first>\d{3})(?!\d)")
_SPAN = re.compile(_ID.pattern + r" \.\. (?P=stem)-(?P<last>\d{3})")
_FAULT = re.compile(r'@fault\(\s*"(?P<id>[^"]+)"')


@dataclass(slots=True)
class Trace:
    """What belongs to one requirement."""

    cases: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)


def of(identifier: str) -> Trace:
    """What belongs to this requirement."""
    return _traces().get(identifier, Trace())


@cache
def _traces() -> dict[str, Trace]:
    found: dict[str, Trace] = defaultdict(Trace)
    for case in catalogue.load():
        for identifier in case.requirements:
            found[identifier].cases.append(case.id)
    for package in (nats_spec, nats_reference):
        root = Path(package.__path__[0])
        for module in sorted(root.rglob("*.py")):
            text = module.read_text(encoding="utf-8")
            name = module.relative_to(root.parent).as_posix()
            if module.parent.name == "faults":
                for fault in _FAULT.finditer(text):
                    found[fault["id"].partition("/")[0]].faults.append(fault["id"])
            else:
                for identifier in _named(text):
                    found[identifier].code.append(name)
    return found


def _named(text: str) -> list[str]:
    """The ids in a text, those within `FRAME-001 .. FRAME-007` among them."""
    ids = {match.group() for match in _ID.finditer(text)}
    for span in _SPAN.finditer(text):
        numbers = range(int(span["first"]), int(span["last"]) + 1)
        ids.update(f"{span['stem']}-{number:03d}" for number in numbers)
    return sorted(ids)
