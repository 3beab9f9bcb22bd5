"""`explain`: all about one requirement, or one case."""

from __future__ import annotations

import difflib
import inspect
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from nats_conformance import catalogue, traceability

from .arguments import parser
from .exits import Exit, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.cases import Case


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    arguments = parser("explain", "Tell all about requirements or cases.")
    arguments.add_argument("ids", nargs="+", metavar="ID")
    options = arguments.parse_args(words)
    console = Console(highlight=False)
    for identifier in options.ids:
        _explain(console, identifier)
    return Exit.CONFORMS


def _explain(console: Console, identifier: str) -> None:
    specification = catalogue.specification()
    cases = {case.id: case for case in catalogue.load()}
    excluded = specification.excluded.get(identifier.upper())
    if identifier.upper() in specification.requirements:
        _requirement(console, identifier.upper())
    elif identifier in cases:
        _case(console, cases[identifier])
    elif excluded is not None:
        console.print(Text(f"{excluded.id} ", "cyan").append("is excluded: ", "bold"), end="")
        console.print(Text(f"{excluded.reason} ({excluded.chapter}, {excluded.dated})"))
    else:
        known = [*specification.requirements, *cases]
        near = difflib.get_close_matches(identifier.upper(), known, 3) or difflib.get_close_matches(
            identifier, known, 3
        )
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise Usage(f"no requirement or case {identifier}{hint}")


def _requirement(console: Console, identifier: str) -> None:
    try:
        faults = traceability.faults()
    except traceability.NoFaults:
        faults = ()
    traced = next(t for t in traceability.trace(faults) if t.requirement.id == identifier)
    requirement = traced.requirement
    head = Text(f"{requirement.id} ", "bold cyan").append(requirement.level.value, "bold")
    console.print(head, Text(f"chapter {requirement.chapter}, lines {requirement.lines[0]} ff."))
    console.print(Padding(Text(requirement.text), (1, 2)))
    until = f", until {requirement.until}" if requirement.until else ""
    facts = {
        "profile": requirement.profile,
        "since": requirement.since + until,
        "known from": requirement.provenance,
        "disputed": requirement.disputed or "",
        "cases": "\n".join(traced.cases),
        "faults": "\n".join(f"{f.id}: {f.text}" for f in faults if f.id in traced.faults),
        "code": "\n".join(traced.code),
    }
    for name, value in facts.items():
        for number, line in enumerate(value.splitlines()):
            label = Text(f"  {name if not number else '':<11}", "dim")
            console.print(label.append(line, "default"), soft_wrap=True)
    if requirement.prose:
        console.print(Padding(Text(requirement.prose), (1, 2, 0, 2)))
    for example in requirement.examples:
        console.print(Padding(Text(example.text, "blue"), (1, 4, 0, 4)))
    repeat = f"nats-conformance run --select {requirement.id}"
    console.print(Text("\n  run        ", "dim").append(repeat, "default"))


def _case(console: Console, case: Case) -> None:
    console.print(Text(case.id, "bold"), Text(f"config group {case.config}", "dim"))
    specification = catalogue.specification()
    for identifier in case.requirements:
        requirement = specification.requirements.get(identifier)
        if requirement is not None:
            sentence = Text(f"{identifier} ", "cyan").append(requirement.text, "default")
            console.print(Padding(sentence, (0, 2)))
    example = next((e for e in specification.examples if e.id == case.id), None)
    source = example.text if example else inspect.getsource(case.run)
    console.print(Padding(Text(source), (1, 2, 0, 2)))
