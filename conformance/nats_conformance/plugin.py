"""The pytest plugin: one item for each case and target, evidence in its report.

Loaded with `-p nats_conformance.plugin --nats-plan PLAN`; works under
pytest-xdist, where each worker has servers of its own. Cases that mostly wait go
first, into threads, and are collected at the end, so they cost no time.
"""

from __future__ import annotations

import atexit
import json
import signal
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from _pytest.reports import TestReport

from nats_spec.recogniser import recogniser

from . import catalogue
from .engine import Subject, run_case
from .plan import Plan
from .results import CaseResult, Verdict
from .targets import resolve
from .targets.instance import stop_all
from .targets.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .cases import Case

#: The key of the evidence among a report's user properties.
EVIDENCE: Final = "nats"

#: Waiting cases that run at once in one worker.
_THREADS: Final = 24


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plan comes as one option."""
    parser.addoption("--nats-plan", help="what to run, as nats_conformance.plan writes it")


def pytest_configure(config: pytest.Config) -> None:
    """Without a plan the plugin does nothing."""
    text = config.getoption("--nats-plan")
    if text:
        config.pluginmanager.register(Runner(Plan.from_text(text)), "nats-runner")


class CaseItem(pytest.Item):
    """A case on a target."""

    case: Case
    subject: Subject
    runner: Runner

    def runtest(self) -> None:
        """Run it; the evidence goes with the report."""
        self.record(self.run_now())

    def run_now(self) -> CaseResult:
        """Run it, here."""
        runner = self.runner
        known = catalogue.specification().requirements
        return run_case(self.case, self.subject, runner.pool, runner.plan.settings, known)

    def record(self, result: CaseResult) -> None:
        """Attach the evidence."""
        evidence = json.dumps({"target": self.subject.target.name, "case": result.as_json()})
        self.user_properties.append((EVIDENCE, evidence))
        if result.verdict in {Verdict.FAIL, Verdict.UNTESTABLE, Verdict.ERROR}:
            raise CaseFailed(result)
        if result.verdict is Verdict.NA:
            pytest.skip(result.message)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:  # noqa: ANN401
        """A verdict is no traceback."""
        if isinstance(excinfo.value, CaseFailed):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where pytest says it is."""
        return self.path, 0, self.name


class CaseFailed(Exception):
    """The case's verdict isn't a pass."""

    def __init__(self, result: CaseResult) -> None:
        super().__init__(f"{result.verdict.value} {result.id}: {result.message}")


class Chapters(pytest.File):
    """The wire examples of one chapter."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each example and target."""
        runner: Runner = self.config.pluginmanager.getplugin("nats-runner")
        stem = self.path.stem
        known = catalogue.specification().requirements
        mine = [c for c in catalogue.example_cases() if known[c.requirements[0]].chapter == stem]
        yield from runner.items(self, mine)


class Cases(pytest.Module):
    """A module of cases; only what `@case` declared is collected."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each case and target."""
        runner: Runner = self.config.pluginmanager.getplugin("nats-runner")
        yield from runner.items(self, list(catalogue.python_cases(self.obj)))


class Runner:
    """The plan at work in one process."""

    def __init__(self, plan: Plan) -> None:
        """Prepare to run `plan`."""
        self.plan = plan
        self.pool = Pool(plan.settings.patience)
        self._subjects = _subjects(plan)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="waiting")
        self._waiting: list[tuple[CaseItem, Future[CaseResult]]] = []
        recogniser("server")  # made now, so that no case is charged for it
        # A waiting case that gets busy must not hold up the others' many small sends.
        sys.setswitchinterval(0.0005)
        atexit.register(stop_all)
        signal.signal(signal.SIGTERM, signal.default_int_handler)

    def items(self, parent: pytest.Collector, cases: list[Case]) -> Iterator[CaseItem]:
        """The items of these cases on every target that the plan aims at."""
        known = catalogue.specification().requirements
        for case in self.plan.selection.cases(cases, known):
            for aim in self.plan.aims:
                if aim.only is None or case.id in aim.only:
                    item = CaseItem.from_parent(parent, name=f"{case.id}[{aim.name}]")
                    item.case, item.subject, item.runner = case, self._subjects[aim.name], self
                    if case.config != "default" and not case.private:
                        # One worker has them all, so that the group's server starts once.
                        together = f"{aim.name} {case.config} {case.waits}"
                        item.add_marker(pytest.mark.xdist_group(together))
                    yield item

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Chapters are collected as well as modules."""
        if file_path.suffix == ".md" and file_path.parent.name == "text":
            return Chapters.from_parent(parent, path=file_path)
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(
        self, module_path: Path, parent: pytest.Collector
    ) -> pytest.Module:
        """Modules hold cases, not pytest's functions."""
        return Cases.from_parent(parent, path=module_path)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Waiting cases first, then the long ones, then target by target."""
        order = {name: place for place, name in enumerate(self._subjects)}

        def key(item: pytest.Item) -> tuple[bool, bool, int]:
            assert isinstance(item, CaseItem)  # noqa: S101
            case = item.case
            return not case.waits, not case.generated, order[item.subject.target.name]

        items.sort(key=key)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """A waiting case starts in a thread and reports at the end."""
        assert isinstance(item, CaseItem)  # noqa: S101
        if not item.case.waits:
            return None
        self._waiting.append((item, self._threads.submit(item.run_now)))
        return True

    def pytest_internalerror(self) -> bool:
        """The controller tells of it; no traceback on the terminal."""
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        """After the others, the reports of those that waited."""
        result = yield
        for item, future in self._waiting:
            _tell_worker(session, item)
            _report(item, future)
        return result

    def pytest_sessionfinish(self) -> None:
        """No server outlives its worker."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self.pool.close()
        stop_all()


def _tell_worker(session: pytest.Session, item: CaseItem) -> None:
    """An xdist worker sends a report together with the index of the item it last ran."""
    for plugin in session.config.pluginmanager.get_plugins():
        if type(plugin).__name__ == "WorkerInteractor":
            plugin.item_index = session.items.index(item)


def _subjects(plan: Plan) -> dict[str, Subject]:
    """The targets, each with another one to be compared with: the first that is not itself."""
    alone = [Subject(resolve(aim.name), aim.release) for aim in plan.aims]
    return {
        aim.name: replace(each, rival=next((other for other in alone if other is not each), None))
        for aim, each in zip(plan.aims, alone, strict=True)
    }


def _report(item: CaseItem, future: Future[CaseResult]) -> None:
    def record() -> None:
        item.record(future.result())

    call = pytest.CallInfo.from_call(record, when="call")
    report = TestReport.from_item_and_call(item, call)
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
