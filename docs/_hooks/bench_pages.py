"""The page of benchmarks: what `nats-conformance bench` measured, as bars against nats-server.

`docs/data/bench.json` is what `bench --json` wrote. A bar tells how many times faster, smaller or
sooner the reference is than the other target, on a logarithmic scale, the other target being the
line in the middle; the tick is what is aimed for.
"""

from __future__ import annotations

import html
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.bench.scenario import Aim
from nats_conformance.bench.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_conformance.bench.scenario import Scenario

BENCH: Final = Path(__file__).parents[1] / "data" / "bench.json"
#: The plot: where its middle is, how wide a factor of ten is, how high a row.
_MIDDLE: Final = 360
_DECADE: Final = 150
_ROW: Final = 26
_WIDTH: Final = 700


@dataclass(frozen=True, slots=True)
class Bar:
    """One scenario on two targets."""

    scenario: Scenario
    own: dict[str, Any]
    other: dict[str, Any]
    ratio: float

    @property
    def advantage(self) -> float:
        """How many times better, whatever the unit counts."""
        return self.ratio if self.scenario.unit.endswith("/s") else 1 / self.ratio

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, if there is one."""
        goal = self.scenario.goal
        match self.scenario.aim:
            case Aim.RATIO_AT_LEAST:
                return self.ratio >= goal
            case Aim.RATIO_AT_MOST:
                return self.ratio <= goal
            case Aim.OWN_AT_MOST:
                return bool(self.own["median"] <= goal)
            case _:
                return None

    @property
    def mark(self) -> float | None:
        """The goal as an advantage, if it is one over the other target."""
        match self.scenario.aim:
            case Aim.RATIO_AT_LEAST:
                return self.scenario.goal
            case Aim.RATIO_AT_MOST:
                return 1 / self.scenario.goal
            case _:
                return None


def pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown."""
    yield "evidence/benchmarks.md", "Benchmarks", _page(json.loads(BENCH.read_text("utf-8")))


def _page(data: dict[str, Any]) -> str:
    machine = data["machine"]
    bars = _bars(data)
    other = data["ratios"][0]["against"]
    met = [bar.met for bar in bars]
    parts = [
        "# Benchmarks",
        (
            f"The reference beside {other}, one after the other under the same load: "
            "[how it is measured](../guides/measure.md). "
            f"To the right is better; the line in the middle is {other}, a tick the goal."
        ),
        _plot(bars),
        f"Goals: {met.count(True)} met, {met.count(False)} missed, {met.count(None)} stated only.",
        _table(bars, other),
        "## The machine",
        "\n".join(
            (
                "| what | value |\n|---|---|",
                f"| system | {machine['system']} |",
                f"| processor | {machine['processor']}, {machine['cores']} cores |",
                f"| Python | {machine['python']} |",
                f"| load at the end | {machine['load']} |",
            )
        ),
        "To measure again, and put it on this page:",
        "```text\nnats-conformance bench reference nats-server --json docs/data/bench.json\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _bars(data: dict[str, Any]) -> list[Bar]:
    scenarios = {each.name: each for each in SCENARIOS}
    runs = {(run["scenario"], run["target"]): run for run in data["runs"]}
    return [
        Bar(
            scenarios[each["scenario"]],
            runs[each["scenario"], each["target"]],
            runs[each["scenario"], each["against"]],
            each["ratio"],
        )
        for each in data["ratios"]
        if each["scenario"] in scenarios
    ]


def _place(advantage: float) -> float:
    return _MIDDLE + _DECADE * max(-1.25, min(1.9, math.log10(advantage)))


def _plot(bars: list[Bar]) -> str:
    height = 30 + _ROW * len(bars)
    parts = []
    for factor, name in (
        (0.1, "1/10"),
        (0.5, "1/2"),
        (1, "equal"),
        (2, "2×"),
        (10, "10×"),
        (50, "50×"),
    ):
        x = _place(factor)
        kind = "even" if factor == 1 else "grid"
        parts.append(
            f'<line class="{kind}" x1="{x:.1f}" y1="18" x2="{x:.1f}" y2="{height}"/>'
            f'<text class="scale" x="{x:.1f}" y="12">{name}</text>'
        )
    for number, bar in enumerate(bars):
        y = 24 + _ROW * number
        x = _place(bar.advantage)
        left, right = sorted((x, _place(1)))
        kind = {True: "met", False: "missed", None: "stated"}[bar.met]
        parts.append(
            f'<text class="name" x="{_place(0.06) - 8:.1f}" y="{y + 13}">{html.escape(bar.scenario.name)}</text>'
            f'<rect class="{kind}" x="{left:.1f}" y="{y + 2}" width="{max(1.5, right - left):.1f}" height="14"/>'
            f'<text class="value" x="{right + 6:.1f}" y="{y + 13}">{_times(bar.advantage)}</text>'
        )
        if bar.mark:
            at = _place(bar.mark)
            parts.append(f'<path class="goal" d="M{at:.1f} {y - 2}v22"/>')
    said = "; ".join(f"{bar.scenario.name} {_times(bar.advantage)}" for bar in bars)
    return (
        '<div class="plot" tabindex="0" role="group" aria-label="plot">'
        f'<svg role="img" aria-label="{html.escape(said)}" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}">{"".join(parts)}</svg></div>'
    )


def _times(advantage: float) -> str:
    return f"{advantage:.2g}×" if advantage < 10 else f"{advantage:.0f}×"


def _table(bars: list[Bar], other: str) -> str:
    head = ("scenario", "what is measured", "reference", other, "ratio", "goal", "verdict")
    rows = [head, ("---",) * len(head)]
    for bar in bars:
        unit = bar.scenario.unit
        sign = {Aim.RATIO_AT_LEAST: "≥", Aim.RATIO_AT_MOST: "≤", Aim.OWN_AT_MOST: "own ≤"}
        goal = f"{sign[bar.scenario.aim]} {bar.scenario.goal:g}" if bar.met is not None else ""
        verdict = {True: "met", False: "**missed**", None: ""}[bar.met]
        rows.append(
            (
                f"`{bar.scenario.name}`",
                bar.scenario.says,
                _figure(bar.own, unit),
                _figure(bar.other, unit),
                f"{bar.ratio:.2f}",
                goal,
                verdict,
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _figure(run: dict[str, Any], unit: str) -> str:
    def short(value: float) -> str:
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    return f"{short(run['median'])} {unit}<br><small>{short(run['min'])} to {short(run['max'])}</small>"
