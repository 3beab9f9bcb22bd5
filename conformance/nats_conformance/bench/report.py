"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from nats_conformance.bench.scenario import Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.bench.session import Measured, Row

SCHEMA_VERSION = 1
#: What the table shows of a target's name.
NAME_WIDTH = 18


def document(rows: Sequence[Row], machine: dict[str, object]) -> dict[str, object]:
    """The results as `bench.schema.json` describes them."""
    return {
        "schema_version": SCHEMA_VERSION,
        "machine": machine,
        "runs": [_run(measured) for row in rows for measured in row.measured],
        "ratios": [
            {
                "scenario": row.scenario.name,
                "target": measured.target,
                "against": row.measured[-1].target,
                "ratio": round(row.ratio(measured), 4),
            }
            for row in rows
            for measured in row.measured[:-1]
        ],
        "generator": [
            {
                "scenario": row.scenario.name,
                "unit": row.scenario.unit,
                "alone": round(row.ceiling, 1),
            }
            for row in rows
            if row.ceiling is not None
        ],
    }


def _run(measured: Measured) -> dict[str, object]:
    values = [sample.value for sample in measured.samples]
    shares = {
        name: round(share, 3)
        for name in ("server_cpu", "generator_cpu")
        if (share := measured.cpu(name)) is not None
    }
    return {
        "scenario": measured.scenario.name,
        "target": measured.target,
        "unit": measured.scenario.unit,
        "median": round(measured.median, 3),
        "min": round(min(values), 3),
        "max": round(max(values), 3),
        "runs": len(values),
        **shares,
    }


def table(rows: Sequence[Row]) -> Table:
    """One line a target and scenario, with the goal and whether it is met; 80 columns will do."""
    rendered = Table(box=SIMPLE_HEAD, padding=0, show_edge=False)
    rendered.add_column("scenario", no_wrap=True)
    rendered.add_column("target", no_wrap=True)
    for heading in ("median", "±", "ratio", "goal", "server", "load"):
        rendered.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        for index, measured in enumerate(row.measured):
            rendered.add_row(*_cells(row, measured, first=index == 0))
        rendered.add_section()
    return rendered


def footnotes(rows: Sequence[Row]) -> list[str]:
    """How to read the table, and how far the load generator is from being the limit."""
    lines = ["server, load: cores used by the server and by the load generator meanwhile"]
    alone = [
        f"{row.scenario.name} {_number(row.ceiling)}" for row in rows if row.ceiling is not None
    ]
    if alone:
        lines.append(f"the generator without a server, msg/s: {', '.join(alone)}")
    return lines


def _cells(row: Row, measured: Measured, *, first: bool) -> list[str]:
    values = [sample.value for sample in measured.samples]
    compared = measured is not row.measured[-1]
    spread = (max(values) - min(values)) / 2 / measured.median
    return [
        row.scenario.name if first else "",
        _short(measured.target),
        f"{_number(measured.median)} {row.scenario.unit}",
        f"{spread:.0%}" if len(values) > 1 else "",
        f"{row.ratio(measured):.2f}" if compared else "",
        _goal(row, measured),
        _cores(measured.cpu("server_cpu")),
        _cores(measured.cpu("generator_cpu")),
    ]


def _goal(row: Row, measured: Measured) -> str:
    met = row.met(measured)
    if met is None:
        return ""
    aim = "≥" if row.scenario.aim is Aim.RATIO_AT_LEAST else "≤"
    style, mark = ("green", "✓") if met else ("red", "✗")
    return f"[{style}]{aim} {row.scenario.goal:g} {mark}[/{style}]"


def _short(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"


def _cores(share: float | None) -> str:
    return "" if share is None else f"{share:.2f}"


def _number(value: float) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:.2f}M"
    if value >= 100_000:
        return f"{value / 1000:.0f}k"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
