"""A property that never met what matters says so instead of passing."""

import pytest

from nats_conformance.properties.situations import Situations, Starved


def test_what_was_met_is_told():
    situations = Situations({"503": 2, "nobody": 1})
    situations.meet("503", "503", "nobody")
    assert situations.check(100) == "503 2, nobody 1"


def test_a_floor_not_reached_is_our_failure():
    situations = Situations({"503": 20})
    situations.meet("503")
    with pytest.raises(Starved, match="503 1 of 10"):
        situations.check(50)
    assert situations.check(5) == "503 1"


def test_a_situation_without_a_floor_is_a_mistake():
    with pytest.raises(KeyError):
        Situations({}).meet("503")


def test_what_is_missing_is_told_before_it_fails_anybody():
    situations = Situations({"503": 10, "nobody": 2})
    situations.meet("nobody")
    assert situations.missing(50) == {"503": 5}
