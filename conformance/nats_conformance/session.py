"""Runs a plan through pytest, in this process or in xdist workers.

pytest is a means here: no ini file of the user's, no plugin but ours and xdist,
no terminal output. What a case found comes back as evidence in its report.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import nats_spec

from .plugin import EVIDENCE
from .results import CaseResult

if TYPE_CHECKING:
    from .plan import Plan

_HERE: Final = Path(__file__).parent
_TEXT: Final = Path(nats_spec.__file__).parent / "text"

#: Below so many items, starting workers takes longer than it saves.
WORTH_WORKERS: Final = 24

Arrived = Callable[[str, CaseResult], None]


@dataclass(slots=True)
class Outcome:
    """What came of a session."""

    #: By target, in order of arrival.
    cases: dict[str, list[CaseResult]] = field(default_factory=dict)
    #: What went wrong outside any case.
    errors: list[str] = field(default_factory=list)
    interrupted: bool = False


class _Listener:
    """Takes the evidence out of the reports."""

    def __init__(self, outcome: Outcome, arrived: Arrived, *, fail_fast: bool) -> None:
        self._outcome = outcome
        self._arrived = arrived
        self._fail_fast = fail_fast
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, value in report.user_properties:
            if key == EVIDENCE and report.when == "call":
                evidence = json.loads(str(value))
                result = CaseResult.from_json(evidence["case"])
                self._outcome.cases.setdefault(evidence["target"], []).append(result)
                self._arrived(evidence["target"], result)
                if self._fail_fast and not result.verdict.conforms and self._session:
                    self._session.shouldstop = "the first failure"
                return
        if report.failed:
            self._outcome.errors.append(f"{report.nodeid}: {report.longreprtext}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._outcome.errors.append(f"{report.nodeid}: {report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> bool:
        last = str(excrepr).strip().splitlines()[-1:]
        self._outcome.errors.append(f"the test session broke: {' '.join(last)}")
        return True

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # pytest's own way of stopping early is a kind of KeyboardInterrupt.
        self._outcome.interrupted = not isinstance(excinfo.value, pytest.Session.Interrupted)


def run(plan: Plan, *, workers: int, arrived: Arrived, fail_fast: bool = False) -> Outcome:
    """Run every case of the plan; `arrived` hears of each as it ends."""
    outcome = Outcome()
    listener = _Listener(outcome, arrived, fail_fast=fail_fast)
    arguments = [
        *("-p", "nats_conformance.plugin", "-p", "no:cacheprovider", "-p", "no:terminal"),
        *("--nats-plan", plan.to_text(), "--import-mode=importlib"),
        *("-c", str(_HERE / "pytest.ini"), "--rootdir", str(_HERE)),
    ]
    if workers > 1:
        arguments += ["-p", "xdist.plugin", "-n", str(workers)]
        arguments += ["--dist", "loadgroup", "--no-loadscope-reorder"]
    folders = [_TEXT, _HERE / "cases", _HERE / "properties"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        status = pytest.main([*arguments, *map(str, folders)], plugins=[listener])
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
    if status in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}:
        outcome.errors = outcome.errors or [f"the test session ended with status {status}"]
    return outcome
