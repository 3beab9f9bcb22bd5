"""What reaches nobody, though it was sent: who gets it, and what it counts for."""

from __future__ import annotations

import consumers
import pytest
from consumers import token

from nats_reference.jetstream.consumer import information

world = consumers.world


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"filter_subject": "s.*"},
        {"deliver_policy": "last_per_subject", "filter_subject": "s.*"},
        {"ack_policy": "explicit"},
    ],
)
def test_what_reaches_nobody_comes_again(world, monkeypatch, members):
    """The listener hears two, and is gone."""
    world.put("s.a", "s.b", "s.c", "s.d")
    deliver, left = world.deliver, [1, 1]

    def to_two(outgoing):
        if not left:
            world.listeners.clear()
        return deliver(outgoing) and bool(left and left.pop())

    monkeypatch.setattr(world, "deliver_run", lambda _run: False)
    monkeypatch.setattr(world, "deliver", to_two)
    consumer = world.consumer(**{"ack_policy": "none", "deliver_subject": "d"} | members)
    world.listen("d")
    assert world.sequences() == [1, 2]
    monkeypatch.undo()
    if not consumer.acks:
        info = information.info(consumer)
        assert (info["delivered"]["consumer_seq"], info["num_pending"]) == (2, 2)
    world.listen("d")
    assert world.sequences() == [3, 4]
    world.put("s.e")
    assert world.sequences() == [5]


@pytest.mark.parametrize("ack_policy", ["explicit", "none"])
@pytest.mark.parametrize("members", [{}, {"deliver_subject": "d"}])
def test_who_may_not_have_a_message_is_not_offered_it_for_ever(
    world, monkeypatch, members, ack_policy
):
    sent = []
    deliver = world.deliver

    def denies(outgoing):
        sent.append(outgoing)
        return outgoing.subject != b"s.a" and deliver(outgoing)

    monkeypatch.setattr(world, "deliver_run", lambda _run: False)
    monkeypatch.setattr(world, "deliver", denies)
    consumer = world.consumer(ack_policy=ack_policy, max_deliver=2, **members)
    world.listen("d")
    if not members:
        world.pull(batch=1000)
    world.put("s.a", "s.b")
    world.settle(1)
    assert len(sent) == 2
    assert world.sequences() == [2]
    assert (consumer.progress.delivered, consumer.progress.delivered_stream) == (2, 2)
    world.settle(100)
    if consumer.acks:
        assert consumer.progress.count(1) == 0
        assert 1 in consumer.progress.pending
    else:
        assert len(sent) == 2


def test_the_last_that_was_received_is_the_last_that_was_delivered(world, monkeypatch):
    world.put(*["s.a", "s.b", "s.b"] * 3)
    deliver = world.deliver
    monkeypatch.setattr(world, "deliver_run", lambda _run: False)
    monkeypatch.setattr(world, "deliver", lambda each: token(each).stream_seq < 4 and deliver(each))
    consumer = world.consumer(ack_policy="none", deliver_subject="d", filter_subject="s.a")
    monkeypatch.setattr(world, "listening", lambda *_: not consumer.progress.delivered)
    world.listen("d")
    assert world.sequences() == [1]
    info = information.info(consumer)
    places = [
        info[each][of]
        for each in ("delivered", "ack_floor")
        for of in ("consumer_seq", "stream_seq")
    ]
    assert (places, info["num_pending"]) == ([1, 1, 1, 1], 2)


def test_what_a_request_heard_too_late_goes_to_another_and_nothing_twice(world, monkeypatch):
    """Two requests take turns; the first hears one message."""
    deliver, left = world.deliver, [1]

    def one_for_the_first(outgoing):
        if outgoing.to == b"first" and not left:
            world.listeners.pop(b"first", None)
        return deliver(outgoing) and (outgoing.to != b"first" or bool(left.pop()))

    consumer = world.consumer(ack_policy="none")
    with monkeypatch.context() as patch:
        patch.setattr(world, "deliver_run", lambda _run: False)
        patch.setattr(world, "deliver", one_for_the_first)
        world.pull("first", batch=3)
        world.pull("second", batch=3)
        world.put("s.a", "s.b", "s.c", "s.d", "s.e", "s.f")
    got = [(each.to, token(each).stream_seq) for each in world.taken() if each.consumer]
    assert got[:2] == [(b"first", 1), (b"second", 2)]
    left_out = {1, 2, 3, 4, 5, 6} - {seq for _, seq in got}
    assert consumer.pending_count() == len(left_out)
    world.put("s.g")
    world.pull("third", batch=10)
    again = world.taken()
    assert [token(each).stream_seq for each in again if each.consumer] == [*sorted(left_out), 7]
    assert {token(each).deliveries for each in again if each.consumer} == {1}
    progress = consumer.progress
    assert (progress.delivered_stream, progress.floor_stream) == (7, 7)
    assert progress.delivered == progress.floor == 6 + len(left_out) + 1
    assert consumer.pending_count() == 0


def test_what_nobody_received_was_not_delivered(world, monkeypatch):
    world.put("s.a", "s.b", "s.c")
    consumer = world.consumer(max_deliver=1)
    with monkeypatch.context() as patch:
        patch.setattr(world, "deliver_run", lambda _run: False)
        patch.setattr(world, "deliver", lambda _: world.listeners.clear())
        world.pull("gone", batch=2)
    assert information.info(consumer)["num_redelivered"] == 0
    world.pull("small", max_bytes=1)
    assert world.statuses() == ["409 Message Size Exceeds MaxBytes"]
    world.pull(batch=10)
    came = [token(each) for each in world.taken()]
    assert [(each.stream_seq, each.deliveries) for each in came] == [(1, 1), (2, 1), (3, 1)]
