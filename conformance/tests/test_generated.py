"""How properties run: how long a counterexample is made small, and what a flaky one says."""

from __future__ import annotations

import re
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import rule

from nats_conformance import generated
from nats_conformance.cases import Case
from nats_conformance.engine import Settings, Subject, run_case
from nats_conformance.expect import Mismatch
from nats_conformance.properties import machine
from nats_conformance.properties.situations import Situations
from nats_conformance.results import Verdict
from nats_conformance.targets import resolve
from nats_conformance.targets.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.fixture import Nats


def at(budget: str) -> Any:
    return cast("Any", SimpleNamespace(budget=budget))


def test_nobody_waits_for_long_while_a_counterexample_shrinks() -> None:
    before = engine.MAX_SHRINKING_SECONDS
    for budget, seconds in generated.SHRINKING.items():
        with generated.steady(at(budget)):
            assert seconds == engine.MAX_SHRINKING_SECONDS
    assert before == engine.MAX_SHRINKING_SECONDS
    assert generated.SHRINKING["quick"] < generated.SHRINKING["thorough"] <= before


def fails_once(nats: Nats, number: int, told: dict[str, int]) -> None:
    """One example: it says its number, and fails if it is the third."""
    wire = nats.connect()
    wire.send(f"PING\r\nPUB example.{number} 0\r\n\r\n")
    wire.expect("PONG")
    told["examples"] = number
    if number == 3:
        raise Mismatch("the answer is wrong", "1", "2")


def by_function(nats: Nats) -> None:
    told = {"examples": 0}

    @hypothesis.given(st.integers())
    def test(_: int) -> None:
        with nats.example() as example:
            fails_once(example, told["examples"] + 1, told)

    generated.run(nats, test)


def by_machine(nats: Nats) -> None:
    told = {"examples": 0}

    class Steps(machine.Machine):
        @rule(_=st.integers())
        def step(self, _: int) -> None:
            fails_once(self.nats, told["examples"] + 1, told)

    machine.run(nats, Steps, Situations({}), steps=1)


@pytest.mark.parametrize("run", [by_function, by_machine])
def test_a_failure_that_does_not_come_again_is_one_and_is_shown(
    run: Callable[[Nats], None],
) -> None:
    with closing(Pool(2.0)) as pool:
        case = Case("x", ("X-001",), run, config="jetstream", deliveries=False)
        subject = Subject(resolve("nats-server"), (2, 15, 1))
        result = run_case(case, subject, pool, Settings(1, patience=2.0), {})
    assert result.verdict is Verdict.FAIL
    assert result.message == "the answer is wrong (not every time)"
    assert result.recorded is not None
    told = result.recorded
    said = b"".join(map(told.sent, told.connections()))
    assert re.findall(rb"example\.\d+", said) == [b"example.3"]


def test_what_no_example_raised_is_ours() -> None:
    nothing = cast("Any", SimpleNamespace(budget="quick", show_failed=lambda: None))
    with pytest.raises(FlakyFailure), generated.steady(nothing):
        raise FlakyFailure("unlike the first time", [ValueError()])
