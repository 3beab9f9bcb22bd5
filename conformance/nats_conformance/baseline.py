"""Expected failures of released servers, with evidence; nothing else is excused.

A baseline is TOML: entries with `requirement` or `case`, `releases` (globs over
the announced version), `evidence`, `date` and optionally `upstream`. An expected
failure that fails is XFAIL; one that passes is XPASS and counts as a failure,
so that a baseline can't grow stale. With `sometimes = true` it may pass: the server
loses a race, and not every time.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from .results import CaseResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

#: What stands between the message of a case and the evidence of its known failure.
EXPECTED: Final = " - expected: "

_FAILURES = frozenset({Verdict.FAIL, Verdict.UNTESTABLE})


class BadBaseline(ValueError):
    """The file can't be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One expected failure."""

    releases: tuple[str, ...]
    evidence: str
    date: str
    requirement: str | None = None
    case: str | None = None
    upstream: str | None = None
    #: Whether the failure depends on a race in the server.
    sometimes: bool = False

    def concerns(self, result: CaseResult) -> bool:
        """Whether this entry speaks of the case."""
        if self.case is not None:
            return result.id == self.case
        return self.requirement in result.requirements

    @property
    def name(self) -> str:
        """What it speaks of."""
        return self.case or self.requirement or ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries that hold for one server."""

    entries: tuple[Entry, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The cases and requirements that it speaks of."""
        return frozenset(entry.name for entry in self.entries)

    def judge(self, result: CaseResult) -> CaseResult:
        """The case with XFAIL or XPASS where the baseline says so."""
        for entry in self.entries:
            if not entry.concerns(result):
                continue
            if result.verdict in _FAILURES:
                return result.becomes(Verdict.XFAIL, f"{result.message}{EXPECTED}{entry.evidence}")
            if result.verdict is Verdict.PASS and entry.case is not None and not entry.sometimes:
                return result.becomes(Verdict.XPASS, _STALE)
        return result

    def stale(self, requirement: str, verdicts: Sequence[Verdict]) -> bool:
        """Whether an entry expects this requirement to fail, and no case of it did."""
        return (
            any(e.requirement == requirement and not e.sometimes for e in self.entries)
            and Verdict.PASS in verdicts
            and Verdict.XFAIL not in verdicts
        )


_STALE = "the baseline expects a failure here; remove its entry"


def read(path: Path, version: str) -> Baseline:
    """The entries of a file that hold for this version."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadBaseline(f"cannot read the baseline {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadBaseline(f"{path} is no baseline: {error}") from error
    return select(_entries(data, str(path)), version)


def shipped(server: str, version: str) -> Baseline:
    """The baseline of a known server, empty when there is none."""
    return select(entries(server), version)


def entries(server: str) -> list[Entry]:
    """What is expected of any release of a known server: `SERVER.toml` and `SERVER-*.toml`."""
    found: list[Entry] = []
    for file in sorted((files(__package__) / "baselines").iterdir(), key=lambda each: each.name):
        if file.name == f"{server}.toml" or fnmatchcase(file.name, f"{server}-*.toml"):
            found += _entries(tomllib.loads(file.read_text("utf-8")), file.name)
    return found


def select(expected: Iterable[Entry], version: str) -> Baseline:
    """Those that speak of this version."""
    return Baseline(
        tuple(e for e in expected if any(fnmatchcase(version, glob) for glob in e.releases))
    )


def _entries(data: dict[str, Any], where: str) -> list[Entry]:
    found: list[Entry] = []
    for number, raw in enumerate(data.get("expected", []), 1):
        try:
            entry = Entry(
                tuple(raw["releases"]),
                str(raw["evidence"]),
                _date(raw["date"]),
                raw.get("requirement"),
                raw.get("case"),
                raw.get("upstream"),
                sometimes=raw.get("sometimes") is True,
            )
        except KeyError as missing:
            raise BadBaseline(f"{where}: entry {number} lacks {missing}") from missing
        if (entry.requirement is None) == (entry.case is None):
            raise BadBaseline(f"{where}: entry {number} needs either requirement or case")
        if unknown := raw.keys() - _KEYS:
            raise BadBaseline(f"{where}: entry {number} has unknown {', '.join(sorted(unknown))}")
        found.append(entry)
    if unknown := data.keys() - {"expected"}:
        raise BadBaseline(
            f"{where}: unknown {', '.join(sorted(unknown))}; entries are [[expected]]"
        )
    return found


_KEYS = frozenset({"requirement", "case", "releases", "evidence", "date", "upstream", "sometimes"})


def _date(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
