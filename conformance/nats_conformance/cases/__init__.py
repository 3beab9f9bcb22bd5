"""How a case is written: a function that takes `nats`, named by the ids it covers.

    @case("FRAME-002")
    def test_bare_lf_ends_a_control_line(nats: Nats) -> None: ...

`case` only says what a function is about; `engine.py` runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nats_conformance.expect import Mismatch, NotApplicable, Untestable
from nats_conformance.fixture import Nats
from nats_conformance.targets.configs import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Case", "Mismatch", "Nats", "NotApplicable", "Untestable", "case", "property_case"]

#: Where `case` leaves what it was told.
ATTRIBUTE: Final = "nats_case"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what it covers, what it needs and how to run it."""

    #: `10_framing:bare_lf_ends_a_control_line` or `example:FRAME-002:1`.
    id: str
    requirements: tuple[str, ...]
    run: Callable[[Nats], None]
    config: str = "default"
    #: It has a server of its own.
    private: bool = False
    #: It runs whole, byte by byte and coalesced.
    deliveries: bool = True
    #: It mostly waits for the server's clock, so others run meanwhile.
    waits: bool = False
    #: It is generated: its examples follow the budget.
    generated: bool = False
    #: Seconds before the watchdog ends it.
    limit: float = 60


@dataclass(frozen=True, slots=True)
class Declared:
    """What `@case` said of a function."""

    requirements: tuple[str, ...]
    config: str
    private: bool
    deliveries: bool
    waits: bool
    generated: bool
    limit: float

    def named(self, identifier: str, run: Callable[[Nats], None]) -> Case:
        """The case."""
        return Case(
            identifier,
            self.requirements,
            run,
            config=self.config,
            private=self.private,
            deliveries=self.deliveries,
            waits=self.waits,
            generated=self.generated,
            limit=self.limit,
        )


def case(
    *requirements: str,
    config: str = "default",
    private: bool = False,
    deliveries: bool | None = None,
    waits: bool = False,
    generated: bool = False,
    limit: float = 60,
) -> Callable[[Callable[[Nats], None]], Callable[[Nats], None]]:
    """Declare that the function covers these requirements.

    Args:
        requirements: their ids.
        config: the config group of the server.
        private: the case kills, signals or measures its server, so needs its own.
        deliveries: run in all three deliveries; by default when the server is shared
            and the case doesn't wait.
        waits: the case mostly waits, so may run beside others.
        generated: the case generates inputs.
        limit: seconds before the watchdog ends it.
    """
    if not requirements:
        raise ValueError("a case covers at least one requirement")
    if config not in CONFIGS:
        raise ValueError(f"no config group {config!r}")

    def declare(function: Callable[[Nats], None]) -> Callable[[Nats], None]:
        three = not (private or waits or generated) if deliveries is None else deliveries
        declared = Declared(requirements, config, private, three, waits, generated, limit)
        setattr(function, ATTRIBUTE, declared)
        return function

    return declare


def property_case(
    *requirements: str, config: str = "default", private: bool = False, limit: float = 600
) -> Callable[[Callable[[Nats], None]], Callable[[Nats], None]]:
    """Declare a case that generates inputs; it runs once, whole, within the budget."""
    return case(
        *requirements,
        config=config,
        private=private,
        deliveries=False,
        generated=True,
        limit=limit,
    )
