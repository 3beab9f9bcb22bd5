"""The files of the matrix: one for each target, written in one go, a line for each thing in it.

A file is what `results.schema.json` says. Another file in the folder is nobody's: it is told
of, and left alone.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nats_conformance import results_file
from nats_conformance.results import SCHEMA_VERSION, Results
from nats_conformance.results_file import BadResults

from . import lean, releases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nats_conformance.results import CaseResult, TargetResult

#: Where the matrix of the site is kept.
SHIPPED: Final = Path(__file__).parents[1] / "results"


@dataclass(frozen=True, slots=True)
class Kept:
    """One target's file."""

    path: Path
    results: Results

    @property
    def target(self) -> TargetResult:
        """The one target of it."""
        return self.results.targets[0]

    @property
    def name(self) -> str:
        """The target's name."""
        return self.target.name


def read(folder: Path) -> list[Kept]:
    """Every file of the folder, releases by number, then the others.

    Raises:
        BadResults: one can't be read, or is of something else.
    """
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return sorted(map(_read, paths), key=lambda each: releases.order(each.name))


def prepare(folder: Path) -> None:
    """Make the folder, before anything has been run for it.

    Raises:
        BadResults: nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadResults(f"cannot write to {folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise BadResults(f"cannot write to {folder}; name another folder with --results")


def write(folder: Path, results: Results) -> Path:
    """Write the file of the one target of `results`: it is there as a whole, or not at all."""
    path = folder / releases.file_name(results.targets[0].name)
    fresh = path.with_suffix(f".{os.getpid()}.fresh")
    try:
        fresh.write_text(text(results), "utf-8")
        fresh.replace(path)
    except OSError as error:
        raise BadResults(f"cannot write {path}: {error.strerror}") from error
    finally:
        fresh.unlink(missing_ok=True)
    return path


def settle(folder: Path) -> None:
    """Drop the transcripts that tell no release from its neighbours; the others stay."""
    kept = read(folder)
    numbered = [each for each in kept if releases.is_release(each.name)]
    beside: dict[str, tuple[dict[str, CaseResult], dict[str, CaseResult]]] = {}
    for place, each in enumerate(numbered):
        around = (numbered[place - 1 : place], numbered[place + 1 : place + 2])
        beside[each.name] = (_cases(around[0]), _cases(around[1]))
    for each in kept:
        if each.name in beside and len(numbered) == 1:
            continue  # nobody knows yet what it will be compared with
        earlier, later = beside.get(each.name, ({}, {}))
        cases = [
            lean.settled(case, earlier.get(case.id), later.get(case.id))
            for case in each.target.cases
        ]
        target = replace(each.target, cases=cases)
        fresh = replace(each.results, targets=[target])
        if text(fresh) != each.path.read_text("utf-8"):
            write(folder, fresh)


def _cases(kept: Sequence[Kept]) -> dict[str, CaseResult]:
    return {case.id: case for each in kept for case in each.target.cases}


def text(results: Results) -> str:
    """The document, so that two of them can be read side by side."""
    return "\n".join(_document(replace(results, seconds=round(results.seconds)))) + "\n"


def _read(path: Path) -> Kept:
    """The file; whether every member of it follows the schema, only its tests ask."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["made"] and document["schema_version"] == SCHEMA_VERSION:
            kept = Kept(path, Results.from_json(document))
            if path.name == releases.file_name(kept.name):
                return kept
    except (OSError, ValueError, LookupError, TypeError):
        pass  # the sentence is another's
    results_file.read(path)
    raise BadResults(
        f"{path} is a results.json, but not of the matrix;"
        " keep other files elsewhere, or name another folder with --results"
    )


def _document(results: Results) -> Iterator[str]:
    whole = results.as_json()
    (target,) = whole["targets"]
    found = sorted(results.targets[0].cases, key=lambda case: case.id)
    cases = [lean.case_json(case) for case in found if lean.telling(case)]
    passed: dict[tuple[str, ...], list[str]] = {}
    for case in found:
        if not lean.telling(case):
            passed.setdefault(case.requirements, []).append(case.id)
    yield "{"
    for name, value in whole.items():
        if name not in {"targets", "errors"}:
            yield f" {_line(name)}: {_line(value)},"
    yield f' "errors": {_line(whole["errors"])},'
    yield ' "targets": [{'
    for name, value in target.items():
        if name not in {"requirements", "cases"}:
            yield f"  {_line(name)}: {_line(value)},"
    yield '  "requirements": ['
    yield from _items(target["requirements"])
    yield '  ],\n  "cases": ['
    yield from _items(cases)
    yield '  ],\n  "passed": ['
    yield from _items([{"requirements": list(k), "cases": v} for k, v in sorted(passed.items())])
    yield "  ]\n }]\n}"


def _items(items: list[dict[str, Any]]) -> Iterator[str]:
    for place, item in enumerate(items):
        comma = "," if place < len(items) - 1 else ""
        entries = item.pop("transcript", [])
        if not entries:
            yield f"   {_line(item)}{comma}"
            continue
        yield f'   {_line(item)[:-1]}, "transcript": ['
        for number, entry in enumerate(entries):
            yield f"    {_line(entry)}{',' if number < len(entries) - 1 else ''}"
        yield f"   ]}}{comma}"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
