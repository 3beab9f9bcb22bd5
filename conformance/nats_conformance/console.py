"""The run as a person sees it: progress while it lasts, then what matters.

Targets stand side by side, chapter by chapter; then each failure: the
requirement's sentence, the shortest transcript, expected and got, and the
command that repeats it. On a terminal progress is live; elsewhere plain lines.
"""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from nats_conformance import counted

from . import durations, generated_cases
from .results import CaseResult, Results, TargetResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from nats_spec.requirements import Catalogue

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

#: More targets than this get narrower columns, with shorter signs.
_ABREAST: Final = 2
_SHORT: Final = {Verdict.XFAIL: "~", Verdict.NA: "–", Verdict.XPASS: "±"}

#: Beyond so many failures of one target, only their names are shown.
_IN_FULL: Final = 12

#: A case that covers more requirements names the others.
_SENTENCES: Final = 3
#: Of a run of more seconds it is told where they went: this many chapters.
_LONG: Final = 10.0
_NAMED: Final = 4


def report(console: Console, results: Results, catalogue: Catalogue, traced: Sequence[str]) -> None:
    """Print the whole run."""
    console.print()
    console.print(summary(results, catalogue))
    generated = generated_cases.table(results)
    if generated is not None:
        console.print()
        console.print(generated)
    for told in generated_cases.met(results):
        console.print(told, soft_wrap=True)
    for target in results.targets:
        _details(console, target, results, catalogue)
    for line in traced:
        console.print(Text(line), soft_wrap=True)
    for error in results.errors:
        console.print(Text("suite error  ", "bold magenta").append(error, "default"))
    console.print(_bottom_line(results, catalogue))


def summary(results: Results, catalogue: Catalogue) -> Table:
    """Chapters by targets: how many requirements have which verdict."""
    narrow = len(results.targets) > _ABREAST
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    table.add_column("", no_wrap=True, overflow="ellipsis", max_width=24)
    for target in results.targets:
        version = str(target.server.get("version", ""))
        bare = target.name.removesuffix(f"@{version}")
        table.add_column(
            Text(f"{bare}\n{version}" if narrow else f"{bare} {version}"), no_wrap=True
        )
    verdicts = [{r.id: r.verdict for r in target.requirements} for target in results.targets]
    for chapter in catalogue.chapters:
        ids = [requirement.id for requirement in chapter.requirements]
        cells = [_cell([found[i] for i in ids if i in found], narrow) for found in verdicts]
        if any(cell.plain for cell in cells):
            table.add_row(Text(f"{chapter.number} {chapter.title.lower()}"), *cells)
    table.add_section()
    totals = [_cell(list(found.values()), narrow) for found in verdicts]
    table.add_row(Text("requirements", "bold"), *totals)
    cases = [_cell([case.verdict for case in target.cases], narrow) for target in results.targets]
    table.add_row(Text("cases", "bold"), *cases)
    return table


def failure(
    console: Console, result: CaseResult, target: str, results: Results, catalogue: Catalogue
) -> None:
    """Print one case that speaks against the target, with all its evidence."""
    sign, style = MARKS[result.verdict]
    console.print(Text(f"{sign} ", style).append(result.id, "bold").append(f"  on {target}", "dim"))
    for identifier in result.requirements[:_SENTENCES]:
        requirement = catalogue.requirements.get(identifier)
        if requirement is not None:
            named = Text(f"{identifier} ", "cyan").append(requirement.text, "default")
            console.print(Padding(named, (0, 0, 0, 2)))
    if len(result.requirements) > _SENTENCES:
        console.print(Text(f"  and {', '.join(result.requirements[_SENTENCES:])}", "cyan"))
    console.print()
    for line in result.transcript.shortest(width=max(60, console.width - 12)):
        console.print(Text("    ").append(_wire_line(line)), soft_wrap=True)
    console.print()
    facts = Table.grid(padding=(0, 1))
    for name, value, colour in (
        ("because", result.message, "default"),
        ("expected", result.expected, "green"),
        ("got", result.got, "red"),
    ):
        if value:
            facts.add_row(Text(f"  {name:<8}", "dim"), Text(value, colour))
    console.print(facts)
    repeat = Text("  again    ", "dim").append(again(result.id, target, results), "default")
    console.print(repeat, Text(), sep="\n", soft_wrap=True)


def again(case: str, target: str, results: Results) -> str:
    """The command that repeats one case."""
    words = ["nats-conformance", "run", target, "--select", case, "--seed", str(results.seed)]
    if results.budget != "standard":
        words += ["--budget", results.budget]
    return shlex.join(words)


def _details(
    console: Console, target: TargetResult, results: Results, catalogue: Catalogue
) -> None:
    bad = [case for case in target.cases if not case.verdict.conforms]
    stale = [r.id for r in target.requirements if r.verdict is Verdict.XPASS]
    if bad or stale:
        console.print()
        console.print(Rule(Text(target.name, "bold"), style="dim", align="left"))
    for case in bad[:_IN_FULL]:
        failure(console, case, target.name, results, catalogue)
    if len(bad) > _IN_FULL:
        more = ", ".join(case.id for case in bad[_IN_FULL:])
        console.print(Text(f"and {len(bad) - _IN_FULL} more: {more}\n"))
    for each in stale:
        says = "holds although the baseline expects a failure; remove its entry"
        console.print(Text("XPASS ", "bold red").append(f"{each} {says}\n", "default"))


def _bottom_line(results: Results, catalogue: Catalogue) -> Text:
    text = Text("\n")
    if len(results.targets) > _ABREAST:
        text.append("✓ pass  ✗ fail  ~ known failure  – not claimed by the release\n\n", "dim")
    for target in results.targets:
        sign, style = ("✓", "bold green") if target.conforms else ("✗", "bold red")
        says = "conforms" if target.conforms else "does not conform"
        text.append(f"{sign} ", style).append(f"{target.name} ", "bold").append(says)
        excused = [each.id for each in target.requirements if each.verdict is Verdict.XFAIL]
        if excused:
            known = f", with {len(excused)} {counted.of(len(excused), 'known failure')}: "
            text.append(known).append(", ".join(excused), "yellow")
        text.append(_times(target), "dim").append("\n")
    if results.seconds > _LONG:
        text.append(_longest(results, catalogue), "dim")
    cases = sum(len(target.cases) for target in results.targets)
    text.append(
        f"{cases} {counted.of(cases, 'case')} in {results.seconds:.1f} s, seed {results.seed}",
        "dim",
    )
    return text


def _longest(results: Results, catalogue: Catalogue) -> str:
    """Where the time went, of all targets together."""
    took: Counter[str] = Counter()
    for target in results.targets:
        for each in durations.by_chapter(target, catalogue):
            took[each.chapter] += round(each.seconds * 1000)
    slowest = max(
        (case for target in results.targets for case in target.cases), key=lambda case: case.seconds
    )
    chapters = [f"{name} {spent / 1000:.0f} s" for name, spent in took.most_common(_NAMED)]
    return (
        f"longest, side by side: {', '.join(chapters)};"
        f" slowest case {slowest.id}, {slowest.seconds:.1f} s\n"
    )


def _times(target: TargetResult) -> str:
    """How long the written cases took, and the generated ones."""
    if target.spent is None:
        return ""
    told = [f"deterministic cases {target.spent.written:.1f} s"]
    if target.spent.generated:
        told.append(f"generated ones {target.spent.generated:.1f} s")
    return f"  ({', '.join(told)})"


def _cell(verdicts: list[Verdict], narrow: bool) -> Text:
    counts = Counter(verdicts)
    cell = Text()
    for verdict, (sign, style) in MARKS.items():
        if counts[verdict]:
            short = f"{counts[verdict]}{_SHORT.get(verdict, sign)}"
            shown = short if narrow else f"{counts[verdict]} {sign}"
            cell.append((" " if narrow else "  ") if cell.plain else "").append(shown, style)
    return cell


def _wire_line(line: str) -> Text:
    style = {"C": "blue", "S": "default", "#": "dim"}.get(line[:1], "dim")
    return Text(line, style)
