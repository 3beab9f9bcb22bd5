"""What a person is told of generated cases: how many inputs were tried, and what they met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .results import CaseResult, Results

#: With more cases than this, what was met stands in results.json alone.
_TELLING: Final = 12


def table(results: Results) -> Table | None:
    """Generated cases by targets: examples, and seconds; None if there were none."""
    columns = [
        {case.id: case for case in target.cases if case.examples > 1} for target in results.targets
    ]
    rows = list(dict.fromkeys(name for column in columns for name in column))
    if not rows:
        return None
    made = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    made.add_column("generated: examples", min_width=24)
    for target in results.targets:
        made.add_column(target.name)
    for name in rows:
        made.add_row(
            Text(name.replace("_", " ").replace(":", ": ")),
            *(_tried(column.get(name)) for column in columns),
        )
    return made


def met(results: Results) -> Iterator[Text]:
    """What each generated case met, when there are few of them."""
    if sum(len(target.cases) for target in results.targets) > _TELLING:
        return
    for target in results.targets:
        for case in target.cases:
            if case.met:
                yield Text(f"{case.id} on {target.name}: ", "bold").append(case.met, "default")


def _tried(case: CaseResult | None) -> Text:
    if case is None:
        return Text("–", "dim")
    return Text(f"{case.examples:,}").append(f" in {case.seconds:.1f} s", "dim")
