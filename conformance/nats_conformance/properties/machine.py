"""Runs a Hypothesis state machine against the target of a case.

Each example has connections and names of its own (`Nats.example`), so nothing
that an earlier one left can make generation inconsistent.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import ClassVar

import hypothesis
from hypothesis import Phase
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from nats_conformance.fixture import Nats
from nats_conformance.generated import FURTHER_ROUNDS, settings, steady
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
        """End the example's connections, and let it know how it ended."""
        self._stack.__exit__(*sys.exc_info())


def run(nats: Nats, machine: type[Machine], situations: Situations, steps: int = 50) -> str:
    """Run `machine` as often as the budget allows; what it met, in a line.

    A situation that came up too seldom gets further rounds, so that a verdict isn't luck.

    Raises:
        Starved: not even those met it.
    """
    bound = _bound(nats, machine, situations)
    for seed in range(nats.seed, nats.seed + 1 + FURTHER_ROUNDS):
        with steady(nats):
            run_state_machine_as_test(
                hypothesis.seed(seed)(bound), settings=settings(nats, stateful_step_count=steps)
            )
        if not situations.missing(nats.examples):
            break
    nats.met = situations.check(nats.examples)
    return nats.met


def run_apart(
    nats: Nats, machine: type[Machine], situations: Situations, examples: int, steps: int = 50
) -> None:
    """Run `machine` so often, each example drawn for itself.

    Hypothesis varies what it has drawn some five times before it draws anew, so that a few
    dozen examples are much alike. And it always begins with the simplest one, which the
    machine should reject.

    Raises:
        Starved: not even many more examples met some situation often enough.
    """
    bound = _bound(nats, machine, situations)
    # An example that is kept would be tried instead of each that is to be drawn.
    drawn = (Phase.generate, Phase.shrink)
    one = settings(nats, stateful_step_count=steps, max_examples=1, phases=drawn, database=None)
    with steady(nats):
        for number in range(examples * (1 + FURTHER_ROUNDS)):
            if number >= examples and not situations.missing(examples):
                break
            seeded = hypothesis.seed(nats.seed * examples + number)(bound)
            run_state_machine_as_test(seeded, settings=one)
            nats.tried = number + 1
    nats.met = situations.check(examples)


def _bound(nats: Nats, machine: type[Machine], situations: Situations) -> type[Machine]:
    return type(machine.__name__, (machine,), {"case": nats, "situations": situations})
