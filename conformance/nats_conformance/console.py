"""The run as a person sees it: progress while it lasts, then what matters.

Targets stand side by side, chapter by chapter; then each failure: the
requirement's sentence, the shortest transcript, expected and got, and the
command that repeats it. On a terminal progress is live; elsewhere plain lines.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from nats_spec.requirements import Catalogue, Requirement
from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from .results import CaseResult, Results, TargetResult, Verdict

#: Sign and style of each verdict.
MARKS: Final[dict[Verdict, tuple[str, str]]] = {
    Verdict.PASS: ("✓", "green"),
    Verdict.FAIL: ("✗", "bold red"),
    Verdict.UNTESTABLE: ("?", "bold red"),
    Verdict.ERROR: ("!", "bold magenta"),
    Verdict.XPASS: ("XPASS", "bold red"),
    Verdict.XFAIL: ("xfail", "yellow"),
    Verdict.NA: ("n/a", "dim"),
}

#: Beyond so many failures of one target, only their names are shown.
_IN_FULL: Final = 12


def report(console: Console, results: Results, catalogue: Catalogue, traced: Sequence[str]) -> None:
    """Print the whole run."""
    console.print()
    console.print(summary(results, catalogue))
    for target in results.targets:
        console.print(_details(target, results, catalogue.requirements))
    for line in traced:
        console.print(Text(line))
    for error in results.errors:
        console.print(Text("suite error  ", "bold magenta").append(error, "default"))
    console.print(_bottom_line(results))


def summary(results: Results, catalogue: Catalogue) -> Table:
    """Chapters by targets: how many requirements have which verdict."""
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="bold", show_edge=False)
    table.add_column("")
    for target in results.targets:
        version = str(target.server.get("version", ""))
        plain = target.name if version in target.name else f"{target.name} {version}"
        table.add_column(Text(plain))
    verdicts = [{r.id: r.verdict for r in target.requirements} for target in results.targets]
    for chapter in catalogue.chapters:
        ids = [requirement.id for requirement in chapter.requirements]
        cells = [_cell([found[i] for i in ids if i in found]) for found in verdicts]
        if any(cell.plain for cell in cells):
            table.add_row(Text(f"{chapter.number} {chapter.title.lower()}"), *cells)
    table.add_section()
    totals = [_cell(list(found.values())) for found in verdicts]
    table.add_row(Text("requirements", "bold"), *totals)
    cases = [_cell([case.verdict for case in target.cases]) for target in results.targets]
    table.add_row(Text("cases", "bold"), *cases)
    return table


def failure(
    result: CaseResult, target: str, results: Results, requirements: Mapping[str, Requirement]
) -> Group:
    """One case that speaks against the target, with all its evidence."""
    sign, style = MARKS[result.verdict]
    head = Text(f"{sign} ", style).append(result.id, "bold").append(f"  on {target}", "dim")
    parts: list[Text | Padding] = [head]
    for identifier in result.requirements:
        requirement = requirements.get(identifier)
        if requirement is not None:
            named = Text(f"{identifier} ", "cyan").append(requirement.text, "default")
            parts.append(Padding(named, (0, 0, 0, 2)))
    lines = result.transcript.shortest()
    if lines:
        wire = Text("\n").join(_wire_line(line) for line in lines)
        parts.append(Padding(wire, (1, 0, 1, 4)))
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_row(Text("  because", "dim"), Text(result.message))
    if result.expected:
        facts.add_row(Text("  expected", "dim"), Text(result.expected, "green"))
    if result.got:
        facts.add_row(Text("  got", "dim"), Text(result.got, "red"))
    facts.add_row(Text("  again", "dim"), Text(again(result.id, target, results)))
    return Group(*parts, facts, Text())


def again(case: str, target: str, results: Results) -> str:
    """The command that repeats one case."""
    words = ["nats-conformance", "run", target, "--select", case, "--seed", str(results.seed)]
    if results.budget != "standard":
        words += ["--budget", results.budget]
    return shlex.join(words)


def _details(
    target: TargetResult, results: Results, requirements: Mapping[str, Requirement]
) -> Group:
    bad = [case for case in target.cases if not case.verdict.conforms]
    stale = [r.id for r in target.requirements if r.verdict is Verdict.XPASS]
    parts: list[Group | Rule | Text] = []
    if bad or stale:
        parts += [Text(), Rule(Text(f" {target.name} ", "bold"), style="dim", align="left")]
    parts += [failure(case, target.name, results, requirements) for case in bad[:_IN_FULL]]
    if len(bad) > _IN_FULL:
        more = ", ".join(case.id for case in bad[_IN_FULL:])
        parts.append(Text(f"and {len(bad) - _IN_FULL} more: {more}\n"))
    parts += [
        Text("XPASS ", "bold red").append(
            f"{each} holds although the baseline expects a failure; remove its entry\n", "default"
        )
        for each in stale
    ]
    return Group(*parts)


def _bottom_line(results: Results) -> Text:
    text = Text("\n")
    for target in results.targets:
        sign, style = ("✓", "bold green") if target.conforms else ("✗", "bold red")
        says = "conforms" if target.conforms else "does not conform"
        excused = target.summary[Verdict.XFAIL.value]
        known = f", with {excused} known failure{'s' * (excused != 1)}" if excused else ""
        text.append(f"{sign} ", style).append(f"{target.name} ", "bold").append(f"{says}{known}\n")
    cases = sum(len(target.cases) for target in results.targets)
    text.append(f"{cases} cases in {results.seconds:.1f} s, seed {results.seed}", "dim")
    return text


def _cell(verdicts: list[Verdict]) -> Text:
    counts = Counter(verdicts)
    cell = Text()
    for verdict, (sign, style) in MARKS.items():
        if counts[verdict]:
            cell.append("  " if cell.plain else "").append(f"{counts[verdict]} {sign}", style)
    return cell


def _wire_line(line: str) -> Text:
    style = {"C": "blue", "S": "default", "#": "dim"}.get(line[:1], "dim")
    return Text(line, style)
