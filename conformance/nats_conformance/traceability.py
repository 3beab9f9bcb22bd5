"""Requirement by requirement: its text, the code that names it, its cases, its faults.

Code is found by its ids in the sources of the specification and the reference,
read as text: the runner imports no server. Faults are what the reference lists.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from . import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_spec.requirements import Requirement

_SOURCES: Final = ("nats_spec", "nats_reference")
_ID: Final = re.compile(r"\b[A-Z]+(?:-[A-Z]+)*-\d{3}\b")
_RANGE: Final = re.compile(r"\b(([A-Z]+(?:-[A-Z]+)*)-(\d{3})) \.\. (?:\2-)?(\d{3})\b")


class NoFaults(RuntimeError):
    """The reference doesn't list its faults."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A deliberate deviation of the reference."""

    #: A requirement's id, or `ID/word` where one requirement has several.
    id: str
    #: What it does wrong.
    text: str

    @property
    def requirement(self) -> str:
        """The requirement that it breaks."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Traced:
    """One requirement and all that belongs to it."""

    requirement: Requirement
    cases: tuple[str, ...]
    faults: tuple[str, ...]
    code: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The requirement as `list --json` gives it."""
        return {
            "id": self.requirement.id,
            "text": self.requirement.text,
            "level": self.requirement.level.value,
            "profile": self.requirement.profile,
            "chapter": self.requirement.chapter,
            "since": self.requirement.since,
            "provenance": self.requirement.provenance,
            "cases": list(self.cases),
            "faults": list(self.faults),
            "code": list(self.code),
        }


def trace(faults: Sequence[Fault]) -> list[Traced]:
    """Every requirement, in the order of the chapters."""
    covering: dict[str, list[str]] = {}
    for case in catalogue.load():
        for identifier in case.requirements:
            covering.setdefault(identifier, []).append(case.id)
    breaking: dict[str, list[str]] = {}
    for fault in faults:
        breaking.setdefault(fault.requirement, []).append(fault.id)
    named = code()
    return [
        Traced(
            each,
            tuple(covering.get(each.id, ())),
            tuple(breaking.get(each.id, ())),
            tuple(named.get(each.id, ())),
        )
        for each in catalogue.specification().requirements.values()
    ]


def as_json(traced: Sequence[Traced]) -> dict[str, Any]:
    """What `list --json` prints."""
    excluded = catalogue.specification().excluded.values()
    return {
        "requirements": [each.as_json() for each in traced],
        "excluded": [{"id": each.id, "reason": each.reason} for each in excluded],
    }


@cache
def faults() -> tuple[Fault, ...]:
    """What `nats-reference --list-faults` prints.

    Raises:
        NoFaults: it prints something else.
    """
    command = [sys.executable, "-m", "nats_reference", "--list-faults"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return tuple(Fault(each["id"], each["text"]) for each in json.loads(done.stdout))
    except (ValueError, KeyError, TypeError) as error:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise NoFaults(f"nats-reference --list-faults lists no faults: {said}") from error


@cache
def code() -> dict[str, tuple[str, ...]]:
    """For each id the sources that name it, as `package/module.py:line`."""
    found: dict[str, list[str]] = {}
    for package in _SOURCES:
        spec = importlib.util.find_spec(package)
        for root in (spec.submodule_search_locations or ()) if spec else ():
            for file in sorted(Path(root).rglob("*.py")):
                where = f"{package}/{file.relative_to(root).as_posix()}"
                if "/faults/" in where:
                    continue
                for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
                    for identifier in ids(line):
                        found.setdefault(identifier, []).append(f"{where}:{number}")
    return {identifier: tuple(places) for identifier, places in found.items()}


def ids(line: str) -> set[str]:
    """The ids in a line; `FRAME-001 .. FRAME-004` names four."""
    found = set(_ID.findall(line))
    for _, stem, first, last in _RANGE.findall(line):
        found |= {f"{stem}-{number:03}" for number in range(int(first), int(last) + 1)}
    return found
