"""`selftest`: break the reference on purpose; a case must notice every fault."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nats_conformance import traceability
from nats_conformance.engine import Settings
from nats_conformance.probe import probe
from nats_conformance.selftest.matrix import Fate, Matrix, Row, run
from nats_conformance.selftest.unbreakable import UNBREAKABLE
from nats_conformance.targets import launcher, resolve

from .arguments import parser
from .exits import Exit, Usage
from .writing import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

_STYLES: Final = {
    Fate.KILLED: ("✓", "green"),
    Fate.SURVIVED: ("✗", "bold red"),
    Fate.UNCOVERED: ("∅", "bold red"),
    Fate.BROKEN: ("!", "bold magenta"),
}


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    arguments = parser("selftest", "Break the reference on purpose; a case must notice it.")
    arguments.add_argument("--faults", action="append", default=[], metavar="GLOB")
    arguments.add_argument("--patience", type=float, default=1.5, metavar="SECONDS")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("-n", dest="lanes", type=int, default=4, metavar="LANES")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write the matrix there")
    arguments.add_argument("--all", action="store_true", help="show the killed ones too")
    options = arguments.parse_args(words)
    console = Console(highlight=False)
    faults = [
        fault
        for fault in traceability.faults()
        if not options.faults or any(fnmatchcase(fault.id, glob) for glob in options.faults)
    ]
    if not faults:
        raise Usage("no fault is selected; `nats-conformance list --faults` shows them")
    settings = Settings(options.seed, "quick", options.patience)

    def arrived(row: Row) -> None:
        if row.fate is not Fate.KILLED:
            console.print(_line(row), soft_wrap=True)

    reference = resolve("reference")
    launcher.warm_up([reference])
    try:
        release = probe(reference, max(5.0, options.patience)).release
        matrix = run(faults, release, settings, lanes=max(1, options.lanes), arrived=arrived)
    finally:
        launcher.cool_down()
    _show(console, matrix, everything=options.all, complete=not options.faults)
    if options.json:
        write_json(options.json, _json(matrix))
    return Exit.CONFORMS if matrix.closed else Exit.DIFFERS


def _show(console: Console, matrix: Matrix, *, everything: bool, complete: bool) -> None:
    if everything:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
        for title in ("", "fault", "what it does wrong", "noticed by"):
            table.add_column(title)
        for row in matrix.rows:
            sign, style = _STYLES[row.fate]
            table.add_row(
                Text(sign, style), Text(row.fault.id, "cyan"), Text(row.fault.text), Text(row.by)
            )
        console.print(table)
    if complete and matrix.faultless:
        names = ", ".join(matrix.faultless)
        console.print(Text(f"MUST without a fault: {names}", "yellow"))
    if complete and matrix.outside:
        about = "MUST of other releases than the reference's, so without a fault: "
        console.print(Text(about + ", ".join(matrix.outside), "dim"))
    for requirement, reason in UNBREAKABLE.items() if complete else ():
        console.print(Text(f"MUST that no fault can break: {requirement}: {reason}", "dim"))
    counts = matrix.counts
    parts = [f"{counts[fate]} {fate.value.lower()}" for fate in Fate if counts[fate]]
    sign, style = ("✓", "bold green") if matrix.closed else ("✗", "bold red")
    console.print(Text(f"{sign} ", style).append(", ".join(parts), "default"))


def _line(row: Row) -> Text:
    sign, style = _STYLES[row.fate]
    text = Text(f"{sign} {row.fate.value} ", style).append(row.fault.id, "cyan")
    text.append(f" {row.fault.text}", "default")
    detail = f"{row.by}: {row.message}" if row.by else f"tried {', '.join(row.tried) or 'nothing'}"
    return text.append(f"  ({detail})", "dim")


def _json(matrix: Matrix) -> dict[str, Any]:
    return {
        "faults": [
            {
                "id": row.fault.id,
                "text": row.fault.text,
                "fate": row.fate.value,
                "by": row.by,
                "message": row.message,
                "tried": list(row.tried),
                "seconds": round(row.seconds, 2),
            }
            for row in matrix.rows
        ],
        "without_fault": list(matrix.faultless),
        "of_other_releases": list(matrix.outside),
        "unbreakable": dict(UNBREAKABLE),
    }
