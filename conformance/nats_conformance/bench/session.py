"""The order of play: for each scenario the targets take turns, and medians are compared.

Turns (A B A B, not A A B B) spread whatever else the machine does over all targets alike. Each
run has a server of its own, so that none inherits another run's memory.
"""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.processes import allow_files, processor
from nats_conformance.bench.scenario import Aim, Sample, Scenario
from nats_conformance.bench.scenarios import IDLE_CONNECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nats_conformance.targets.target import Target


@dataclass(frozen=True, slots=True)
class Measured:
    """What one target did in one scenario."""

    scenario: Scenario
    target: str
    samples: tuple[Sample, ...]

    @property
    def median(self) -> float:
        """The middle of all runs."""
        return statistics.median(sample.value for sample in self.samples)

    def cpu(self, of: str) -> float | None:
        """Median share of one core, of `server_cpu` or `generator_cpu`."""
        shares = [share for sample in self.samples if (share := getattr(sample, of)) is not None]
        return statistics.median(shares) if shares else None


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario: every target, in the order given, and the generator by itself."""

    scenario: Scenario
    measured: tuple[Measured, ...]
    ceiling: float | None

    def ratio(self, target: Measured) -> float:
        """The target's median in units of the last target's, against which all are compared."""
        return target.median / self.measured[-1].median

    def met(self, target: Measured) -> bool | None:
        """Whether the goal is met; None where there is nothing to compare with, or no goal."""
        scenario = self.scenario
        compared = target is not self.measured[-1]
        match scenario.aim:
            case Aim.RATIO_AT_LEAST:
                return self.ratio(target) >= scenario.goal if compared else None
            case Aim.RATIO_AT_MOST:
                return self.ratio(target) <= scenario.goal if compared else None
            case Aim.OWN_AT_MOST:
                return target.median <= scenario.goal
            case Aim.STATED:
                return None


def play(
    targets: Sequence[Target],
    scenarios: Sequence[Scenario],
    runs: int,
    progress: Callable[[str], None],
) -> tuple[list[Row], list[str]]:
    """Run every scenario on every target; `progress` hears what is being done.

    Scenarios that start a server are left out when a target is a URL. One that a target doesn't
    get through gives no row but a sentence, and the others go on.
    """
    allow_files(IDLE_CONNECTIONS + 200)
    startable = all(target.startable for target in targets)
    rows: list[Row] = []
    failures: list[str] = []
    for scenario in scenarios:
        if startable or not scenario.starts:
            try:
                rows.append(_row(scenario, targets, runs, progress))
            except BenchError as error:
                failures.append(f"{scenario.name}: {error}")
    return rows, failures


def _row(
    scenario: Scenario, targets: Sequence[Target], runs: int, progress: Callable[[str], None]
) -> Row:
    ceiling = None
    if scenario.ceiling is not None:
        progress(f"{scenario.name}: the generator alone")
        ceiling = scenario.ceiling()
    samples: list[list[Sample]] = [[] for _ in targets]
    turns = min(runs, scenario.at_most_runs)
    for turn in range(turns):
        for target, taken in zip(targets, samples, strict=True):
            progress(f"{scenario.name}: {target.name}, run {turn + 1} of {turns}")
            taken.append(_measured(scenario, target))
    measured = tuple(
        Measured(scenario, target.name, tuple(taken))
        for target, taken in zip(targets, samples, strict=True)
    )
    return Row(scenario, measured, ceiling)


def _measured(scenario: Scenario, target: Target) -> Sample:
    try:
        return scenario.measure(target)
    except (BenchError, OSError, ValueError) as error:
        raise BenchError(f"{target.name}: {error or type(error).__name__}") from error


def busy() -> str | None:
    """A warning if the machine has other things to do, which spoils figures."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load <= cores / 2:
        return None
    return f"the machine is busy (load {load:.1f} on {cores} cores): the figures will say little"


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "system": platform.platform(),
        "processor": processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }
