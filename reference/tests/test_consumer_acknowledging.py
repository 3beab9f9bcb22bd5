"""What becomes of a delivery: acknowledged, refused, delivered again, or given up."""

from __future__ import annotations

import consumers
from consumers import MILLISECONDS, SECONDS, World, token

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer import information

world = consumers.world


def test_an_unacknowledged_message_comes_again(world):
    world.put("s.a")
    consumer = world.consumer(ack_wait=200 * MILLISECONDS)
    world.pull(batch=3, expires=10 * SECONDS)
    world.settle(0.25)
    first, second = world.taken()
    assert token(second) == (2, 1, 2)
    world.answer(first)
    world.settle(1)
    assert world.sequences() == []
    assert information.info(consumer)["ack_floor"]["stream_seq"] == 1


def test_backoff_decides_on_each_wait(world):
    world.put("s.a")
    world.consumer(backoff=[100 * MILLISECONDS, 300 * MILLISECONDS], max_deliver=3)
    world.listen("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.S.C")
    world.pull(batch=9, expires=100 * SECONDS)
    counts = []
    for _ in range(12):
        counts.append(len([each for each in world.taken() if each.consumer]))
        world.settle(0.1)
    assert counts[:6] == [1, 0, 1, 0, 0, 1]
    assert sum(counts) == 3


def test_what_is_used_up_is_told_once_and_remembered(world):
    world.put("s.a", "s.b")
    consumer = world.consumer(ack_wait=100 * MILLISECONDS, max_deliver=1, max_ack_pending=1)
    subject = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.S.C"
    world.listen(subject)
    world.pull(batch=9, expires=100 * SECONDS)
    world.settle(0.5)
    got = world.taken()
    assert [each.subject for each in got] == [b"s.a", subject.encode(), b"s.b", subject.encode()]
    assert consumer.progress.pending == {}


def test_naks_and_delays(world):
    world.put("s.a")
    world.consumer()
    world.pull(batch=9, expires=100 * SECONDS)
    (first,) = world.taken()
    world.answer(first, b"-NAK")
    (second,) = world.taken()
    world.answer(second, b'-NAK {"delay":200000000}')
    assert world.sequences() == []
    world.settle(0.3)
    (third,) = world.taken()
    assert token(third).deliveries == 3
    world.answer(third, b"-NAK 100ms")
    world.settle(0.05)
    assert world.sequences() == []
    world.settle(0.1)
    assert world.sequences() == [1]


def test_progress_begins_the_wait_anew(world):
    world.put("s.a")
    world.consumer(ack_wait=300 * MILLISECONDS)
    world.pull(batch=9, expires=100 * SECONDS)
    (first,) = world.taken()
    for _ in range(4):
        world.settle(0.2)
        world.answer(first, b"+WPI")
    assert world.sequences() == []
    world.settle(0.35)
    assert world.sequences() == [1]


def test_next_acknowledges_and_asks(world):
    world.put("s.a", "s.b")
    consumer = world.consumer()
    world.pull()
    (first,) = world.taken()
    world.answer(first, b"+NXT", b"more")
    assert [(each.to, each.subject) for each in world.taken()] == [(b"more", b"s.b")]
    assert list(consumer.progress.pending) == [2]


def test_the_floor_goes_over_what_is_done(world):
    world.put(*["s.a"] * 4)
    consumer = world.consumer()
    world.pull(batch=4)
    got = world.taken()
    for place, floor in ((0, 1), (2, 1), (3, 1), (1, 4)):
        world.answer(got[place])
        assert consumer.progress.floor_stream == floor


def test_policy_all_acknowledges_what_came_before(world):
    world.put(*["s.a"] * 5)
    consumer = world.consumer(ack_policy="all")
    world.pull(batch=5)
    got = world.taken()
    world.answer(got[2], reply=b"r")
    assert [each.to for each in world.taken()] == [b"r"]
    assert list(consumer.progress.pending) == [4, 5]


def test_as_much_as_may_be_pending_stalls_and_an_ack_resumes(world):
    world.put(*["s.a"] * 3)
    world.consumer(max_ack_pending=2)
    world.pull(batch=3, expires=100 * SECONDS)
    first, _second = world.taken()
    world.answer(first)
    assert world.sequences() == [3]


def test_a_deleted_message_that_was_pending_is_terminated(world):
    world.put("s.a", "s.b")
    consumer = world.consumer()
    world.listen("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.S.C")
    world.pull(batch=1)
    world.taken()
    world.stream.remove(1)
    world.settle()
    assert [each.subject for each in world.taken()] == [
        b"$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.S.C"
    ]
    assert (consumer.progress.pending, consumer.progress.floor_stream) == ({}, 1)


def test_a_work_queue_drops_what_is_acknowledged():
    world = World(StreamConfig("S", subjects=("s.>",), storage="memory", retention="workqueue"))
    world.put("s.a", "s.b")
    world.consumer()
    world.pull(batch=2)
    first, second = world.taken()
    world.answer(first)
    assert world.stream.state().messages == 1
    world.answer(second, b"+TERM")
    assert world.stream.state().messages == 0


def test_interest_keeps_what_somebody_needs():
    world = World(StreamConfig("S", subjects=("s.>",), storage="memory", retention="interest"))
    world.consumer(filter_subject="s.a")
    world.consumer(durable_name="D", filter_subject="s.*")
    world.put("s.a", "s.b")
    world.pull(batch=2)
    (first,) = world.taken()
    world.answer(first)
    assert world.stream.state().messages == 2
    world.group.delete(world.group.by_name["D"])
    world.settle()
    assert world.stream.state().messages == 0
