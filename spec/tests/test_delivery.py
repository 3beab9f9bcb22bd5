"""The delivery model itself: small worlds whose outcome anyone can check."""

import pytest

from nats_spec.model import delivery as d
from nats_spec.operations import Hmsg, Msg

A1, A2, B1 = d.Key("a", b"1"), d.Key("a", b"2"), d.Key("b", b"1")


@pytest.fixture
def world():
    empty = d.World()
    return d.connect(d.connect(empty, "a", d.Options()), "b", d.Options(headers=False))


def test_each_matching_subscription_gets_a_copy(world):
    world = d.subscribe(d.subscribe(d.subscribe(world, A1, b"x.*"), A2, b"x.y"), B1, b"z")
    assert d.publish(world, "b", d.Message(b"x.y")).copies == {A1, A2}


def test_a_group_has_one_choice_over_all_its_patterns(world):
    world = d.subscribe(d.subscribe(world, A1, b"x.*", b"q"), B1, b"x.>", b"q")
    outcome = d.publish(world, "a", d.Message(b"x.y"))
    assert (outcome.copies, outcome.groups) == (frozenset(), (frozenset({A1, B1}),))


def test_without_echo_the_publisher_is_nobody(world):
    world = d.connect(world, "a", d.Options(echo=False, no_responders=True))
    world = d.subscribe(d.subscribe(world, A1, b"x"), A2, b"in")
    outcome = d.publish(world, "a", d.Message(b"x", reply=b"in"))
    assert (outcome.copies, outcome.unanswered) == (frozenset(), {A2})


def test_a_used_sid_keeps_its_first_subscription(world):
    world = d.subscribe(d.subscribe(world, A1, b"x"), A1, b"y")
    assert d.publish(world, "b", d.Message(b"y")).copies == frozenset()


def test_limits_count_from_sub_and_end_the_subscription(world):
    world = d.subscribe(world, A1, b"x")
    world = d.delivered(world, [A1])
    world = d.unsubscribe(world, A1, 2)
    world = d.delivered(world, [A1])
    assert A1 not in world.subscriptions
    world = d.delivered(d.subscribe(world, A1, b"x"), [A1, A1])
    assert A1 not in d.unsubscribe(world, A1, 2).subscriptions
    assert d.unsubscribe(world, A2, 1) == world


def test_disconnect_and_a_second_connect_drop_subscriptions(world):
    world = d.subscribe(world, A1, b"x")
    assert not d.disconnect(world, "a").subscriptions
    assert not d.connect(world, "a", d.Options()).subscriptions


def test_an_invalid_pattern_is_no_subscription(world):
    assert d.subscribe(world, A1, b"x..y") == world


def test_headers_are_for_those_who_take_them():
    message = d.Message(b"x", b"hi", b"r", b"NATS/1.0\r\n\r\n")
    assert d.received_as(message, b"1", d.Options()) == Hmsg(
        b"x", b"1", b"r", message.header, b"hi"
    )
    assert d.received_as(message, b"1", d.Options(headers=False)) == Msg(b"x", b"1", b"r", b"hi")


@pytest.mark.parametrize(
    ("names_subject", "header"),
    [(True, b"NATS/1.0 503\r\nNats-Subject: x\r\n\r\n"), (False, b"NATS/1.0 503\r\n\r\n")],
)
def test_the_status_503(names_subject, header):
    status = d.unanswered_as(d.Message(b"x", reply=b"r"), b"1", names_subject=names_subject)
    assert status == Hmsg(b"r", b"1", b"", header, b"")
