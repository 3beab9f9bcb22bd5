"""`report`: render the results.json of an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from nats_conformance import catalogue, console, reports, results_file

from .arguments import parser
from .exits import Exit
from .writing import write

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    arguments = parser("report", "Show a run once more, from its results.json.")
    arguments.add_argument("file", type=Path, metavar="RESULTS", help="results.json of a run")
    reports.add_options(arguments)
    options = arguments.parse_args(words)
    results = results_file.read(options.file)
    written = False
    for path, text in reports.rendered(results, options):
        write(path, text)
        written = True
    if not written:
        console.report(Console(highlight=False), results, catalogue.specification(), ())
    return Exit.CONFORMS if all(each.conforms for each in results.targets) else Exit.DIFFERS
