"""`bench`: the same load through each target, in turn."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from nats_conformance.bench import report, session
from nats_conformance.bench.scenarios import SCENARIOS
from nats_conformance.bench.servers import PATIENCE
from nats_conformance.probe import probe
from nats_conformance.targets import resolve

from .arguments import parser
from .exits import Exit, Usage
from .writing import write_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nats_conformance.bench.scenario import Scenario

_DEFAULT: Final = ("reference", "nats-server")


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    options = _options(words)
    scenarios = _scenarios(options.scenario)
    targets = [resolve(name) for name in dict.fromkeys(options.targets or _DEFAULT)]
    output = Console(highlight=False)
    for target in targets:
        if target.url is not None:
            probe(target, PATIENCE)
    warning = session.busy()
    if warning:
        print(f"nats-conformance: {warning}", file=sys.stderr)
    with output.status("…") as status:

        def progress(sentence: str) -> None:
            status.update(sentence)
            if not output.is_terminal:
                print(sentence, file=sys.stderr, flush=True)

        rows, failures = session.play(targets, scenarios, options.runs, progress)
    machine = session.machine()
    output.print(report.table(rows))
    for line in report.footnotes(rows):
        output.print(line)
    output.print(f"{machine['processor']}, {machine['cores']} cores, load {machine['load']}")
    if options.json:
        write_json(options.json, report.document(rows, machine))
    for failure in failures:
        print(f"nats-conformance: no figure for {failure}", file=sys.stderr)
    return Exit.DIFFERS if failures else Exit.CONFORMS


def _options(words: Sequence[str]) -> argparse.Namespace:
    arguments = parser("bench", "Put the same load on each target, in turn, and compare medians.")
    arguments.add_argument(
        "targets", nargs="*", metavar="TARGET", help="the last one is what others are compared with"
    )
    arguments.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="GLOB",
        help=f"only these (repeatable), of: {', '.join(each.name for each in SCENARIOS)}",
    )
    arguments.add_argument("--runs", type=int, default=5, metavar="N", help="runs of each (5)")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = arguments.parse_args(words)
    if options.runs < 1:
        raise Usage("--runs is at least 1")
    return options


def _scenarios(globs: Sequence[str]) -> list[Scenario]:
    chosen = [
        each for each in SCENARIOS if not globs or any(fnmatchcase(each.name, g) for g in globs)
    ]
    if not chosen:
        names = ", ".join(each.name for each in SCENARIOS)
        raise Usage(f"no scenario is named like that; there are {names}")
    return chosen
