"""`matrix --compare`: what changed between two releases, by the files that are there of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from nats_conformance import catalogue, counted
from nats_conformance.matrix import changes, folder, releases, telling

from .exits import Exit, Usage
from .writing import write, write_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nats_conformance.matrix.changes import Change
    from nats_conformance.matrix.folder import Kept
    from nats_conformance.selection import Selection

_STYLES: Final = {"-": "red", "+": "green"}
#: Cases of a change that are shown; of the others only the names.
_SHOWN: Final = 1


def add_comparison(to: argparse.ArgumentParser) -> None:
    """The options of a comparison."""
    group = to.add_argument_group("to compare")
    group.add_argument(
        "--compare",
        nargs=2,
        metavar="RELEASE",
        help="what changed from one to the other, with what lies between in DIR",
    )
    group.add_argument("--markdown", type=Path, metavar="FILE", help="write the changes there")
    group.add_argument("--json", type=Path, metavar="FILE", help="write them as JSON")


def compare(options: argparse.Namespace, chosen: Selection) -> int:
    """Compare, running nothing."""
    kept = _span(folder.read(options.results), options)
    found = [each for each in changes.between(kept) if _chosen(each, chosen)]
    first, last = kept[0].name, kept[-1].name
    if options.json:
        write_json(options.json, _document(kept, found))
    if options.markdown:
        write(options.markdown, telling.markdown(found, first, last))
    if not options.json and not options.markdown:
        _show(Console(highlight=False), kept, found)
    return Exit.CONFORMS


def _chosen(change: Change, chosen: Selection) -> bool:
    known = catalogue.specification().requirements
    names = [*change.requirements, *(pair.before.id for pair in change.pairs)]
    return chosen.named(names) and any(
        chosen.requirement(known[name]) for name in change.requirements if name in known
    )


def _span(kept: Sequence[Kept], options: argparse.Namespace) -> list[Kept]:
    """The files from one release to the other."""
    by_name = {each.name: each for each in kept}
    names = []
    for word in options.compare:
        name = releases.target(word)
        if name is None or name not in by_name:
            there = ", ".join(releases.brief(each) for each in by_name) or "nothing"
            raise Usage(
                f"there are no results of {word} in {options.results} (there is {there});"
                f" make them: nats-conformance matrix {word} --results {options.results}"
            )
        names.append(name)
    first, last = sorted(map(releases.order, names))
    return [each for each in kept if first <= releases.order(each.name) <= last]


def _document(kept: Sequence[Kept], found: Sequence[Change]) -> dict[str, object]:
    return {
        "schema_version": 1,
        "releases": [releases.brief(each.name) for each in kept],
        "changes": [each.as_json() for each in found],
    }


def _show(console: Console, kept: Sequence[Kept], found: Sequence[Change]) -> None:
    for before, after in pairwise(kept):
        step = [each for each in found if each.after == after.name]
        names = f"{releases.brief(before.name)} → {releases.brief(after.name)}"
        console.print(Text(f"{names}  ", "bold").append(_count(len(step)), "dim"))
        for change in step:
            _change(console, change)
    if len({each.results.made for each in kept if each.name != releases.REFERENCE}) > 1:
        console.print(
            Text("The files were not made of the same cases; `matrix` makes them anew.", "yellow")
        )
    console.print(Text(f"{_count(len(found))} from {kept[0].name} to {kept[-1].name}", "bold"))


def _change(console: Console, change: Change) -> None:
    console.print()
    console.print(
        Text(f"  {', '.join(change.requirements)} ", "cyan").append(
            telling.headline(change), "bold"
        )
    )
    for _, sentence in telling.sentences(change):
        console.print(Padding(Text(sentence), (0, 0, 0, 2)))
    for pair in change.pairs[:_SHOWN]:
        for line in pair.parted(max(60, console.width - 10)):
            console.print(Text(f"    {line}", _STYLES.get(line[:1], "dim")), soft_wrap=True)
        for sign, case in (("-", pair.before), ("+", pair.after)):
            why = " ".join(telling.found(case).split())
            if why:
                console.print(Padding(Text(f"{sign} {why}", _STYLES[sign]), (0, 0, 0, 4)))
    names = ", ".join(pair.before.id for pair in change.pairs[_SHOWN:])
    if names:
        console.print(Padding(Text(f"and {names}", "dim"), (0, 0, 0, 4)))
    console.print()


def _count(number: int) -> str:
    return f"{number or 'no'} {counted.of(number, 'change')}"
