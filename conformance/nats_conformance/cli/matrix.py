"""`matrix`: grade releases of nats-server and the reference, keep what came, compare releases."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from nats_conformance import catalogue, running
from nats_conformance.matrix import folder, lean, releases
from nats_conformance.matrix.made import made
from nats_conformance.results import Verdict
from nats_conformance.targets import launcher, resolve

from .arguments import add_selection, add_settings, parser, selection, settings
from .exits import Exit, Usage
from .matrix_compare import add_comparison, compare

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nats_conformance.cases import Case
    from nats_conformance.engine import Settings
    from nats_conformance.matrix.folder import Kept
    from nats_conformance.results import Results
    from nats_conformance.selection import Selection

#: So that names and examples are the same each time, and files differ where servers do.
_SEED = 1


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    options = _options(words)
    if options.compare:
        return compare(options, selection(options))
    if options.markdown or options.json:
        raise Usage("--markdown and --json are for --compare")
    return _Matrix(options).run()


def _options(words: Sequence[str]) -> argparse.Namespace:
    arguments = parser(
        "matrix",
        "Grade releases of nats-server and the reference, one results file each; what is there"
        " already, made of the same, is left alone. Or compare two releases by their files.",
    )
    arguments.add_argument(
        "releases",
        nargs="*",
        metavar="RELEASE",
        help=f"2.12.8, or reference; without any: {' '.join(releases.DEFAULT)} reference",
    )
    arguments.add_argument(
        "--results",
        type=Path,
        default=folder.SHIPPED,
        metavar="DIR",
        help="where the files are (those of the site)",
    )
    arguments.add_argument("--again", action="store_true", help="also those that are there already")
    add_comparison(arguments)
    add_selection(arguments)
    add_settings(arguments)
    return arguments.parse_args(words)


class _Matrix:
    """One run of the verb."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._output = Console(highlight=False)
        names = list(dict.fromkeys(map(_named, options.releases))) or releases.default()
        self._names = sorted(names, key=releases.order)
        self._selection: Selection = selection(options)
        if options.seed is None:
            options.seed = _SEED
        self._settings: Settings = dataclasses.replace(settings(options), outside=True)
        self._known = catalogue.specification().requirements
        self._cases: list[Case] = self._selection.cases(
            catalogue.load(properties=self._selection.properties), self._known
        )
        if not self._cases:
            raise Usage("no case is selected; `nats-conformance list` shows what there is")

    def run(self) -> int:
        """Make every file that isn't there as it would be made."""
        kept = {each.name: each for each in folder.read(self._options.results)}
        todo = [name for name in self._names if not self._current(kept.get(name))]
        for name in todo:
            resolve(name)  # each is fetched before any is run
        folder.prepare(self._options.results)
        there = [name for name in self._names if name not in todo]
        if there:
            self._say(f"there already: {', '.join(map(releases.brief, there))}")
        found = [kept[name].results for name in there]
        began = time.monotonic()
        for done, name in enumerate(todo):
            self._say(f"{done + 1} of {len(todo)}: {name}{self._left(done, todo, kept, began)}")
            results = self._one(name)
            path = folder.write(self._options.results, results)
            self._say(f"{_counted(results)}, {results.seconds:.0f} s: {path.name}")
            found.append(results)
        if todo:
            folder.settle(self._options.results)
        return _status(found)

    def _current(self, kept: Kept | None) -> bool:
        if kept is None or self._options.again:
            return False
        return kept.results.made == made(kept.name, self._cases, self._settings)

    def _one(self, name: str) -> Results:
        target = resolve(name)
        of = made(name, self._cases, self._settings)  # before anybody changes a case meanwhile
        launcher.warm_up([target])
        order = running.Order(
            [target],
            self._cases,
            self._selection,
            self._settings,
            self._options.workers,
            again=True,
        )
        try:
            results = running.run(order, self._output)
        finally:
            launcher.cool_down()
        (whole,) = results.targets
        return dataclasses.replace(
            results,
            targets=[lean.lean(whole, self._known)],
            made=of,
        )

    def _left(self, done: int, todo: Sequence[str], kept: dict[str, Kept], began: float) -> str:
        """What is known of how long the rest takes."""
        if done:
            each = (time.monotonic() - began) / done
            seconds = each * (len(todo) - done)
        elif todo[0] in kept:
            seconds = sum(kept[n].results.seconds for n in todo if n in kept)
        else:
            return ""
        return f", about {_spoken(seconds)} left"

    def _say(self, text: str) -> None:
        self._output.print(text, markup=False, soft_wrap=True)


def _named(word: str) -> str:
    name = releases.target(word)
    if name is None:
        raise Usage(f"{word!r} is no release; one looks like 2.12.8, and `reference` is ours")
    return name


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(1, seconds):.0f} s"


def _counted(results: Results) -> str:
    summary = results.targets[0].summary
    return ", ".join(f"{summary[v.value]} {v.value}" for v in Verdict if summary[v.value])


def _status(found: Sequence[Results]) -> int:
    verdicts = {case.verdict for results in found for case in results.targets[0].cases}
    if Verdict.ERROR in verdicts or any(results.errors for results in found):
        return Exit.SUITE
    conform = all(results.targets[0].conforms for results in found)
    return Exit.CONFORMS if conform else Exit.DIFFERS
