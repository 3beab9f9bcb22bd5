"""`list`: the requirements and what belongs to each; cases; targets; faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nats_conformance import catalogue, traceability
from nats_conformance.targets import presets

from .arguments import add_selection, parser, selection
from .exits import Exit, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.selection import Selection


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    arguments = parser("list", "Show requirements and what covers them.")
    shown = arguments.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="everything, for programs")
    shown.add_argument("--cases", action="store_true", help="the cases instead")
    shown.add_argument("--faults", action="store_true", help="the reference's faults instead")
    shown.add_argument("--targets", action="store_true", help="the targets that have a name")
    add_selection(arguments)
    options = arguments.parse_args(words)
    chosen = selection(options)
    console = Console(highlight=False)
    if options.json:
        print(json.dumps(_json(chosen), indent=1, ensure_ascii=False))
    elif options.cases:
        _print_cases(console, chosen)
    elif options.faults:
        _print_faults(console, chosen)
    elif options.targets:
        _print_names(console, {name: each.get("about", "") for name, each in presets().items()})
    else:
        _print_requirements(console, chosen)
    return Exit.CONFORMS


def _json(chosen: Selection) -> dict[str, object]:
    traced = [t for t in _trace() if _selected(t, chosen)]
    return traceability.as_json(traced)


def _trace() -> list[traceability.Traced]:
    return traceability.trace(traceability.faults())


def _selected(traced: traceability.Traced, chosen: Selection) -> bool:
    return chosen.requirement(traced.requirement) and chosen.named(
        (traced.requirement.id, *traced.cases)
    )


def _print_cases(console: Console, chosen: Selection) -> None:
    cases = chosen.cases(
        catalogue.load(properties=chosen.properties), catalogue.specification().requirements
    )
    if not cases:
        raise Usage("no case is selected")
    for case in cases:
        covers = Text("  " + ", ".join(case.requirements), "cyan")
        console.print(Text(case.id).append(covers), soft_wrap=True)


def _print_faults(console: Console, chosen: Selection) -> None:
    selected = {fault for each in _trace() if _selected(each, chosen) for fault in each.faults}
    texts = {each.id: each.text for each in traceability.faults() if each.id in selected}
    if not texts:
        raise Usage("no fault is selected")
    _print_names(console, texts)


def _print_names(console: Console, texts: dict[str, str]) -> None:
    """A name a line, and what is to be said of it."""
    width = max(map(len, texts)) + 2
    for name, text in texts.items():
        console.print(Text(f"{name:<{width}}", "cyan").append(text, "default"), soft_wrap=True)


def _print_requirements(console: Console, chosen: Selection) -> None:
    traced = [each for each in _trace() if _selected(each, chosen)]
    if not traced:
        raise Usage("no requirement is selected")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    table.add_column("requirement", no_wrap=True, style="cyan")
    table.add_column("level", no_wrap=True)
    table.add_column("cases", justify="right")
    table.add_column("faults", justify="right")
    table.add_column("sentence")
    for each in traced:
        requirement = each.requirement
        table.add_row(
            requirement.id,
            requirement.level.value,
            str(len(each.cases)),
            str(len(each.faults)),
            Text(requirement.text),
        )
    console.print(table)
    excluded = catalogue.specification().excluded
    console.print(Text(f"{len(traced)} requirements; {len(excluded)} facts excluded", "dim"))
