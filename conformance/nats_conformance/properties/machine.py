"""Runs a Hypothesis state machine against the target of a case.

Each example has connections and names of its own (`Nats.example`), so nothing
that an earlier one left can make generation inconsistent.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import ClassVar, Final

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


#: How often a machine is run once more, from another seed, while a situation is too rare.
FURTHER_ROUNDS: Final = 5


def run(nats: Nats, machine: type[Machine], situations: Situations, steps: int = 50) -> str:
    """Run `machine` as often as the budget allows; what it met, in a line.

    A situation that came up too seldom gets further rounds, so that a verdict isn't luck.

    Raises:
        Starved: not even those met it.
    """
    bound = type(machine.__name__, (machine,), {"case": nats, "situations": situations})
    for seed in range(nats.seed, nats.seed + 1 + FURTHER_ROUNDS):
        with steady():
            run_state_machine_as_test(
                hypothesis.seed(seed)(bound), settings=settings(nats, stateful_step_count=steps)
            )
        if not situations.missing(nats.examples):
            break
    nats.met = situations.check(nats.examples)
    return nats.met
