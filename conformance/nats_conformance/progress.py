"""What is seen while a run lasts: a bar for each target, or plain lines without a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Self

from nats_conformance import counted

from .console import MARKS

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.progress import Progress, TaskID

    from .results import CaseResult


class Watch:
    """Hears of each case as it ends."""

    def __init__(self, console: Console, totals: dict[str, int]) -> None:
        """`totals` says how many cases each target has."""
        self._console = console
        self._totals = totals
        self._done: Counter[str] = Counter()
        self._bad: Counter[str] = Counter()
        self._live: Progress | None = None
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Show the bars, if there is a terminal."""
        if self._console.is_terminal:
            from rich import progress  # noqa: PLC0415 - elsewhere it is not needed

            self._live = progress.Progress(
                progress.TextColumn("{task.description}"),
                progress.BarColumn(bar_width=40, complete_style="green", finished_style="green"),
                progress.MofNCompleteColumn(),
                progress.TimeElapsedColumn(),
                progress.TextColumn("{task.fields[bad]}"),
                console=self._console,
                transient=True,
            )
            for target, total in self._totals.items():
                self._bars[target] = self._live.add_task(target, total=total, bad="")
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bars away."""
        if self._live:
            self._live.stop()

    def arrived(self, target: str, result: CaseResult) -> None:
        """One case of one target has ended."""
        self._done[target] += 1
        if not result.verdict.conforms:
            self._bad[target] += 1
        if self._live:
            bad = f"[bold red]{self._bad[target]} ✗[/]" if self._bad[target] else ""
            self._live.update(self._bars[target], advance=1, bad=bad)
            return
        if not result.verdict.conforms:
            sign = MARKS[result.verdict][0]
            self._plain(f"{sign} {target} {result.id}: {result.message}")
        done = self._done[target]
        if done == self._totals.get(target):
            self._plain(f"{target}: {done} {counted.of(done, 'case')}, {self._bad[target]} failed")

    def _plain(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
