"""What a scenario is: something measured in a unit, and what is aimed at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.targets.target import Target


class Aim(Enum):
    """What a goal is compared with, and which side of it is good."""

    #: The ratio to the other target's median is at least this.
    RATIO_AT_LEAST = "≥"
    #: The ratio to the other target's median is at most this.
    RATIO_AT_MOST = "≤"
    #: The target's own median is at most this.
    OWN_AT_MOST = "own ≤"
    #: Stated, not judged.
    STATED = "stated"


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one scenario on one target."""

    value: float
    #: Shares of one core, where they can be seen.
    server_cpu: float | None = None
    generator_cpu: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing worth measuring."""

    name: str
    unit: str
    says: str
    measure: Callable[[Target], Sample]
    aim: Aim
    goal: float = 0.0
    #: What the generator alone can do, in the same unit.
    ceiling: Callable[[], float] | None = None
    #: Slow ones are run fewer times.
    at_most_runs: int = 99
    #: Whether the server has to be started for it, so that a URL won't do.
    starts: bool = False
