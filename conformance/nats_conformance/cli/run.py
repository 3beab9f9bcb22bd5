"""`run`: grade targets against the specification."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from nats_conformance import baseline, catalogue, console, reports, results_file, session
from nats_conformance.engine import Subject
from nats_conformance.expect import Unreachable
from nats_conformance.grade import Graded, grade
from nats_conformance.plan import plan
from nats_conformance.probe import Probed, probe
from nats_conformance.progress import Watch
from nats_conformance.redaction import redacted, shown
from nats_conformance.results import CaseResult, Results, TargetResult, Verdict
from nats_conformance.targets import Target, launcher, resolve

from .arguments import add_selection, add_settings, parser, selection, settings
from .exits import Exit, Usage
from .writing import write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nats_conformance.cases import Case

_DEFAULT: Final = ("reference", "nats-server")
_WORKERS: Final = 2


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    options = _options(words)
    targets = [resolve(name) for name in dict.fromkeys(options.targets or _DEFAULT)]
    launcher.warm_up(targets)
    try:
        return _run(options, targets)
    finally:
        launcher.cool_down()


def _run(options: argparse.Namespace, targets: Sequence[Target]) -> int:
    output = Console(highlight=False)
    specification = catalogue.specification()
    chosen = selection(options)
    known = specification.requirements
    cases = chosen.cases(catalogue.load(properties=chosen.properties), known)
    if not cases:
        raise Usage("no case is selected; `nats-conformance list` shows what there is")
    graded = [_graded(target, options) for target in targets]
    subjects = [
        Subject(target, each.probed.release, known=each.baseline.names)
        for target, each in zip(targets, graded, strict=True)
    ]
    todo = plan(cases, subjects, settings(options), known)
    started = dt.datetime.now(dt.UTC)
    began = time.monotonic()
    names = {target.name: shown(target) for target in targets}
    watch = Watch(output, {names[each.name]: len(cases) for each in graded})
    ready = session.Session(
        todo,
        workers=_workers(options.workers, targets, cases),
        arrived=lambda name, found: watch.arrived(
            names[name], _baseline_of(graded, name).judge(found)
        ),
        fail_fast=options.fail_fast,
    )
    with ready, watch:
        outcome = ready.run()
    results = Results(
        suite_version(),
        started.isoformat(timespec="seconds"),
        time.monotonic() - began,
        todo.settings.seed,
        todo.settings.budget,
        [
            redacted(
                _alive(
                    target,
                    dataclasses.replace(
                        grade(each, outcome.cases.get(each.name, []), cases, known, chosen),
                        spent=outcome.spent(each.name),
                    ),
                    options.patience,
                ),
                target,
            )
            for target, each in zip(targets, graded, strict=True)
        ],
        outcome.errors,
    )
    console.report(output, results, specification, _traces(results.targets, options.trace))
    if options.json:
        write(options.json, results_file.text(results))
    for path, text in reports.rendered(results, options):
        write(path, text)
    return _status(results)


def suite_version() -> str:
    """The installed version of this distribution."""
    try:
        return version("nats-spec")
    except PackageNotFoundError:
        return "unknown"


def _options(words: Sequence[str]) -> argparse.Namespace:
    arguments = parser("run", "Grade targets against the specification of NATS.")
    arguments.add_argument("targets", nargs="*", metavar="TARGET")
    add_selection(arguments)
    add_settings(arguments)
    arguments.add_argument("--baseline", type=Path, metavar="FILE", help="expected failures")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write results.json there")
    reports.add_options(arguments)
    arguments.add_argument(
        "--trace", action="append", default=[], metavar="GLOB", help="show these transcripts"
    )
    arguments.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    return arguments.parse_args(words)


def _graded(target: Target, options: argparse.Namespace) -> Graded:
    probed = probe(target, options.patience)
    announced = str(probed.info.get("version", ""))
    if options.baseline:
        expected = baseline.read(options.baseline, announced)
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
        return dataclasses.replace(result, cases=[*result.cases, dead])
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


def _traces(targets: Sequence[TargetResult], globs: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for target in targets:
        for case in target.cases:
            if any(fnmatchcase(name, g) for g in globs for name in (case.id, *case.requirements)):
                lines += ["", f"{case.verdict.value} {case.id} on {target.name}"]
                lines += [f"    {line}" for line in case.transcript.render()]
    return lines


def _status(results: Results) -> int:
    verdicts = {case.verdict for target in results.targets for case in target.cases}
    if results.errors or Verdict.ERROR in verdicts:
        return Exit.SUITE
    return Exit.CONFORMS if all(each.conforms for each in results.targets) else Exit.DIFFERS
