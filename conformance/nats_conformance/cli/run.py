"""`run`: grade targets against the specification."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from nats_conformance import catalogue, console, reports, results_file, running
from nats_conformance.results import Results, TargetResult, Verdict
from nats_conformance.targets import Target, launcher, resolve

from .arguments import add_selection, add_settings, monitor, parser, selection, settings
from .exits import Exit, Usage
from .writing import write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_DEFAULT: Final = ("reference", "nats-server")


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    options = _options(words)
    targets = [
        resolve(name).watched(options.monitor or "")
        for name in dict.fromkeys(options.targets or _DEFAULT)
    ]
    launcher.warm_up(targets)
    try:
        return _run(options, targets)
    finally:
        launcher.cool_down()


def _run(options: argparse.Namespace, targets: Sequence[Target]) -> int:
    output = Console(highlight=False)
    specification = catalogue.specification()
    chosen = selection(options)
    cases = chosen.cases(catalogue.load(properties=chosen.properties), specification.requirements)
    if not cases:
        raise Usage("no case is selected; `nats-conformance list` shows what there is")
    order = running.Order(
        targets,
        cases,
        chosen,
        settings(options),
        options.workers,
        options.baseline,
        fail_fast=options.fail_fast,
    )
    results = running.run(order, output)
    console.report(output, results, specification, _traces(results.targets, options.trace))
    if options.json:
        write(options.json, results_file.text(results))
    for path, text in reports.rendered(results, options):
        write(path, text)
    return status(results)


def _options(words: Sequence[str]) -> argparse.Namespace:
    arguments = parser("run", "Grade targets against the specification of NATS.")
    arguments.add_argument("targets", nargs="*", metavar="TARGET")
    add_selection(arguments)
    add_settings(arguments)
    arguments.add_argument(
        "--monitor", type=monitor, metavar="URL", help="where a running server is monitored"
    )
    arguments.add_argument("--baseline", type=Path, metavar="FILE", help="expected failures")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write results.json there")
    reports.add_options(arguments)
    arguments.add_argument(
        "--trace", action="append", default=[], metavar="GLOB", help="show these transcripts"
    )
    arguments.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    return arguments.parse_args(words)


def _traces(targets: Sequence[TargetResult], globs: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for target in targets:
        for case in target.cases:
            if any(fnmatchcase(name, g) for g in globs for name in (case.id, *case.requirements)):
                lines += ["", f"{case.verdict.value} {case.id} on {target.name}"]
                lines += [f"    {line}" for line in case.transcript.render()]
    return lines


def status(results: Results) -> int:
    """What a verb ends with that found this."""
    verdicts = {case.verdict for target in results.targets for case in target.cases}
    if results.errors or Verdict.ERROR in verdicts:
        return Exit.SUITE
    return Exit.CONFORMS if all(each.conforms for each in results.targets) else Exit.DIFFERS
