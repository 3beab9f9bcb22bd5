"""How properties run: how long a counterexample is made small, and what a flaky one says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis.errors import FlakyFailure
from hypothesis.internal.conjecture import engine

from nats_conformance import generated
from nats_conformance.expect import Mismatch


def at(budget: str) -> Any:
    return cast("Any", SimpleNamespace(budget=budget))


def test_nobody_waits_for_long_while_a_counterexample_shrinks() -> None:
    before = engine.MAX_SHRINKING_SECONDS
    for budget, seconds in generated.SHRINKING.items():
        with generated.steady(at(budget)):
            assert seconds == engine.MAX_SHRINKING_SECONDS
    assert before == engine.MAX_SHRINKING_SECONDS
    assert generated.SHRINKING["quick"] < generated.SHRINKING["thorough"] <= before


def test_a_failure_that_does_not_come_again_is_one() -> None:
    seen = Mismatch("the answer is wrong", "1", "2")
    with pytest.raises(Mismatch, match=r"wrong \(not every time\)"), generated.steady(at("quick")):
        raise FlakyFailure("unlike the first time", [seen])
