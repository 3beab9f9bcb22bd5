"""A run from targets to graded results: what the verbs `run` and `matrix` have in common.

Which baseline applies to whom is decided here; what is shown and written is the verbs'.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from . import baseline, catalogue, session
from .engine import Subject
from .expect import Unreachable
from .grade import Graded, grade
from .plan import plan
from .probe import Probed, probe
from .progress import Watch
from .redaction import redacted, shown
from .results import CaseResult, Results, TargetResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from .cases import Case
    from .engine import Settings
    from .plan import Plan
    from .selection import Selection
    from .targets import Target

_WORKERS: Final = 2
#: If more than so many fail, it is no accident.
_FEW: Final = 24
#: How a case that passed at the second try begins its message.
NOT_AT_FIRST: Final = "not at the first try"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, and how."""

    targets: Sequence[Target]
    cases: Sequence[Case]
    selection: Selection
    settings: Settings
    #: Processes; None lets the runner choose.
    workers: int | None = None
    #: Expected failures; None means those that come with the runner.
    baseline: Path | None = None
    fail_fast: bool = False
    #: Whether a case that fails unexpectedly is run once more: what then passes is told apart.
    again: bool = False


def run(order: Order, output: Console) -> Results:
    """Run the cases against the targets and grade what came."""
    known = catalogue.specification().requirements
    graded = [_graded(target, order) for target in order.targets]
    subjects = [
        Subject(target, each.probed.release, known=each.baseline.names)
        for target, each in zip(order.targets, graded, strict=True)
    ]
    todo = plan(order.cases, subjects, order.settings, known)
    started = dt.datetime.now(dt.UTC)
    began = time.monotonic()
    names = {target.name: shown(target) for target in order.targets}
    watch = Watch(output, {names[each.name]: len(order.cases) for each in graded})

    def arrived(name: str, found: CaseResult) -> None:
        watch.arrived(names[name], _baseline_of(graded, name).judge(found))

    ready = session.Session(
        todo,
        workers=_workers(order.workers, order.targets, order.cases),
        arrived=arrived,
        fail_fast=order.fail_fast,
    )
    with ready, watch:
        outcome = ready.run()
    if order.again:
        _try_again(todo, outcome, graded)
    return Results(
        suite_version(),
        started.isoformat(timespec="seconds"),
        time.monotonic() - began,
        todo.settings.seed,
        todo.settings.budget,
        [
            redacted(
                _alive(
                    target,
                    replace(
                        grade(
                            each,
                            outcome.cases.get(each.name, []),
                            order.cases,
                            known,
                            order.selection,
                        ),
                        spent=outcome.spent(each.name),
                    ),
                    order.settings.patience,
                ),
                target,
            )
            for target, each in zip(order.targets, graded, strict=True)
        ],
        outcome.errors,
    )


def _try_again(todo: Plan, outcome: session.Outcome, graded: Sequence[Graded]) -> None:
    """Run what failed unexpectedly once more, one by one."""
    failed = {
        (target, case.id): case
        for target, cases in outcome.cases.items()
        for case in cases
        if not _baseline_of(graded, target).judge(case).verdict.conforms
    }
    jobs = [job for job in todo.jobs if (job.subject.target.name, job.case.id) in failed]
    if not 0 < len(jobs) <= _FEW:
        return
    with session.Session(replace(todo, jobs=jobs), workers=1, arrived=lambda *_: None) as ready:
        second = ready.run()
    for target, cases in second.cases.items():
        passed = {case.id: case for case in cases if case.verdict is Verdict.PASS}
        outcome.cases[target] = [
            passed[case.id].becomes(Verdict.PASS, f"{NOT_AT_FIRST}: {case.message}")
            if case.id in passed
            else case
            for case in outcome.cases[target]
        ]


def suite_version() -> str:
    """The installed version of this distribution."""
    try:
        return version("nats-spec")
    except PackageNotFoundError:
        return "unknown"


def _graded(target: Target, order: Order) -> Graded:
    probed = probe(target, order.settings.patience)
    announced = str(probed.info.get("version", ""))
    if order.baseline:
        expected = baseline.read(order.baseline, announced)
    else:
        expected = baseline.shipped(_product(target, probed), announced)
    return Graded(target.name, probed, expected)


def _alive(target: Target, result: TargetResult, patience: float) -> TargetResult:
    """The smoke check once more: a server that isn't ours must have survived the run."""
    if target.url is None:
        return result
    try:
        probe(target, patience)
    except Unreachable as reason:
        dead = CaseResult("liveness:last", (), Verdict.FAIL, message=f"after the run: {reason}")
        return replace(result, cases=[*result.cases, dead])
    return result


def _product(target: Target, probed: Probed) -> str:
    """Whose baseline applies; a server elsewhere is nats-server if Go made it."""
    if target.url is not None and str(probed.info.get("go", "")).startswith("go1."):
        return "nats-server"
    return target.name.partition("@")[0]


def _baseline_of(graded: Sequence[Graded], name: str) -> baseline.Baseline:
    return next(each.baseline for each in graded if each.name == name)


def _workers(asked: int | None, targets: Sequence[Target], cases: Sequence[Case]) -> int:
    if asked is not None:
        return asked
    if any(target.url for target in targets):
        return 1  # its one server is shared: what a wildcard sees must be the case's own
    few = len(cases) * len(targets) < session.WORTH_WORKERS
    return 1 if few and not any(case.generated for case in cases) else _WORKERS
