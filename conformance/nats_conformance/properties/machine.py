"""Runs a Hypothesis state machine against the target of a case.

Each example has connections and names of its own (`Nats.example`), so nothing
that an earlier one left can make generation inconsistent.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import ClassVar

import hypothesis
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from nats_conformance.fixture import Nats
from nats_conformance.generated import settings, steady
from nats_conformance.properties.situations import Situations


class Machine(RuleBasedStateMachine):
    """A state machine whose every run is one example of a case."""

    #: The case; `run` sets it on a subclass.
    case: ClassVar[Nats]
    #: What was met so far, over all examples.
    situations: ClassVar[Situations]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        #: The example: names, connections and a transcript of its own.
        self.nats = self._stack.enter_context(self.case.example())

    def teardown(self) -> None:
        """End the example's connections."""
        self._stack.close()


def run(nats: Nats, machine: type[Machine], situations: Situations, steps: int = 50) -> str:
    """Run `machine` as often as the budget allows; what it met, in a line."""
    bound = type(machine.__name__, (machine,), {"case": nats, "situations": situations})
    seeded = hypothesis.seed(nats.seed)(bound)
    with steady():
        run_state_machine_as_test(seeded, settings=settings(nats, stateful_step_count=steps))
    return situations.check(nats.examples)
