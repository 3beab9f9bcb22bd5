"""What could not be kept has not happened (JS-RST-001), and nobody is lost with it."""

from __future__ import annotations

import re

import keeping
import pytest
from consumers import SECONDS, token
from keeping import PUSHED, fails, full

from nats_reference.jetstream.consumer import delivering, undoing, unkept
from nats_reference.jetstream.store import Damaged
from nats_reference.jetstream.store.sqlite import SQLiteStore

kept = keeping.kept


def test_what_could_not_be_stored_was_not_delivered(kept, monkeypatch):
    consumer = kept.world.consumer(**PUSHED)
    kept.world.put("s.a")
    kept.world.settle(unkept.WITHIN)

    full(monkeypatch)
    kept.world.taken()
    kept.world.put("s.b")
    assert kept.world.taken() == []
    assert (consumer.progress.delivered, consumer.progress.next_stream) == (1, 2)
    monkeypatch.undo()
    kept.world.put("s.c")
    assert kept.world.sequences() == [2]


@pytest.mark.parametrize("kept", [False, True], indirect=True)
@pytest.mark.parametrize(
    "members",
    [
        PUSHED,
        PUSHED | {"mem_storage": True},
        {"deliver_subject": "d"},
        {"deliver_subject": "d", "mem_storage": True},
    ],
)
def test_what_was_sent_before_stays_sent(kept, monkeypatch, members):
    """A commit fails while a delivery is not kept yet."""
    kept.world.consumer(**members)
    kept.world.put("s.a")
    assert kept.world.sequences() == [1]
    with monkeypatch.context() as patch:
        full(patch)
        kept.world.put("s.b")
    assert kept.world.taken() == []
    kept.world.put("s.c")
    (delivery,) = kept.world.taken()
    assert token(delivery) == (1, 2, 2)
    kept.world.settle(unkept.WITHIN)
    assert kept.delivered() == (None if "mem_storage" in members else 2)


def test_a_request_still_waits_for_what_could_not_be_stored(kept, monkeypatch):
    kept.world.consumer()
    kept.world.pull(batch=1)
    with monkeypatch.context() as patch:
        full(patch)
        kept.world.put("s.a")
    assert kept.world.taken() == []
    kept.world.put("s.b")
    assert kept.world.sequences() == [1]


def test_an_acknowledgement_counts_though_a_message_could_not_be_stored(kept, monkeypatch):
    consumer = kept.world.consumer(deliver_subject="d")
    kept.world.put("s.a")
    (delivery,) = kept.world.taken()
    with monkeypatch.context() as patch:
        full(patch)
        assert kept.world.group.acknowledge("C", token(delivery), None, b"")
        kept.world.put("s.b")
    assert not consumer.progress.pending
    assert consumer.progress.floor_stream == 1


@pytest.mark.parametrize("kept", [False, True], indirect=True)
@pytest.mark.parametrize(
    ("asked", "told", "then"),
    [
        ({"batch": 5, "expires": 4 * SECONDS}, [], [1, 2, 3]),
        ({"batch": 3, "expires": 4 * SECONDS}, [(b"408 Request Timeout", b"3")], []),
        (
            {"batch": 5, "expires": 4 * SECONDS, "max_bytes": 1000},
            [(b"408 Request Timeout", b"5")],
            [],
        ),
        ({"batch": 5, "no_wait": True}, [(b"408 Request Timeout", b"3")], []),
    ],
)
def test_a_request_is_not_lost_with_what_could_not_be_kept(kept, monkeypatch, asked, told, then):
    consumer = kept.world.consumer()
    kept.world.put("s.a", "s.b", "s.c")
    with monkeypatch.context() as patch:
        fails(patch)
        kept.world.pull(**asked)
    statuses = [
        (
            each.headers.split(b"\r\n")[0].removeprefix(b"NATS/1.0 "),
            re.search(rb"Messages: (\d+)", each.headers)[1],
        )
        for each in kept.world.taken()
    ]
    assert statuses == told
    assert (consumer.progress.delivered, consumer.pending_count()) == (0, 3)
    kept.world.settle(undoing.RETRY)
    assert kept.world.sequences() == then
    if not then:
        kept.world.pull(inbox="second", batch=3, expires=SECONDS)
        assert kept.world.sequences() == [1, 2, 3]


@pytest.mark.parametrize("kept", [False, True], indirect=True)
def test_a_push_consumer_goes_on_after_what_could_not_be_kept(kept, monkeypatch):
    kept.world.leave("d")
    kept.world.consumer(deliver_subject="d", ack_wait=10 * SECONDS)
    kept.world.put("s.a", "s.b")
    with monkeypatch.context() as patch:
        fails(patch)
        kept.world.listen("d")
        assert kept.world.taken() == []
        kept.world.settle(5 * undoing.RETRY)
        assert kept.world.taken() == []
    kept.world.settle(undoing.RETRY)
    assert kept.world.sequences() == [1, 2]
    kept.world.settle(11)
    assert kept.world.sequences() == [1, 2]


@pytest.mark.parametrize("kept", [False, True], indirect=True)
def test_a_consumer_that_could_not_be_kept_is_kept_later(kept, monkeypatch):
    kept.world.put("s.a", "s.b", "s.c")
    with monkeypatch.context() as patch:
        fails(patch)
        consumer = kept.world.consumer(
            deliver_subject="d", opt_start_seq=2, deliver_policy="by_start_sequence"
        )
        assert kept.world.taken() == []
        assert (consumer.progress.delivered, consumer.pending_count()) == (0, 2)
    kept.world.settle(undoing.RETRY)
    assert kept.world.sequences() == [2, 3]
    assert kept.delivered() == 2
    with monkeypatch.context() as patch:
        fails(patch)
        kept.world.consumer(
            deliver_subject="d",
            opt_start_seq=2,
            deliver_policy="by_start_sequence",
            description="x",
        )
    assert b"description" not in kept.known("consumer/C")
    kept.world.settle(undoing.RETRY)
    assert b'"description": "x"' in kept.known("consumer/C")


def test_what_is_in_memory_alone_needs_not_be_kept(kept, monkeypatch):
    kept.world.consumer(durable_name="M", mem_storage=True)
    kept.world.consumer()
    kept.world.put("s.a")
    kept.world.listen("inbox")
    kept.world.listen("other")
    with monkeypatch.context() as patch:
        fails(patch)
        kept.world.group.pull("M", b"other", b"")
        kept.world.group.pull("C", b"inbox", b"")
        kept.world.settle()
    assert [each.to for each in kept.world.taken() if each.consumer] == [b"other"]


@pytest.mark.parametrize("kept", [False, True], indirect=True)
@pytest.mark.parametrize("push", [False, True])
def test_damage_takes_the_stream_offline_and_nothing_else(kept, monkeypatch, push):
    kept.world.put("s.a", "s.b")
    consumer = kept.world.consumer(**{"deliver_subject": "e"} if push else {})

    def damaged(_self, _seq):
        raise Damaged(kept.path, "the checksum of message 1 is wrong")

    with monkeypatch.context() as patch:
        patch.setattr(SQLiteStore, "get", damaged)
        kept.world.listen("e")
        kept.world.pull(batch=5, no_wait=True)
        kept.world.settle(1)
    assert "the checksum of message 1" in kept.world.stream.offline
    assert [each for each in kept.world.taken() if each.to == b"e"] == []
    assert (consumer.progress.delivered, consumer.pending_count()) == (0, 2)


@pytest.mark.parametrize("push", [True, False])
def test_a_long_backlog_is_not_tried_all_the_time(kept, monkeypatch, push):
    kept.world.leave("d")
    kept.world.consumer(**(PUSHED if push else {"max_ack_pending": -1}))
    kept.world.put(*["s.a"] * (delivering.ROUND + 100))
    kept.world.settle(1)
    commits = []
    with monkeypatch.context() as patch:
        fails(patch)
        commit = SQLiteStore.commit
        patch.setattr(SQLiteStore, "commit", lambda self: (commits.append(1), commit(self)))
        if push:
            kept.world.listen("d")
        else:
            kept.world.pull(batch=delivering.ROUND + 100, expires=9 * SECONDS)
        kept.world.settle(3 * undoing.RETRY)
    assert len(commits) < 10
    kept.world.settle(undoing.RETRY)
    assert len(kept.world.sequences()) == delivering.ROUND + 100


@pytest.mark.parametrize("kept", [True], indirect=True)
@pytest.mark.parametrize("push", [True, False])
@pytest.mark.parametrize("name", [{"mem_storage": True}, {"durable_name": "", "name": "\udcff"}])
def test_what_could_not_be_stored_is_not_delivered_from_memory(kept, monkeypatch, push, name):
    """Its listener, or its request, comes together with the message."""
    world = kept.world
    world.leave("d")
    consumer = world.consumer(
        **({"deliver_subject": "d"} if push else {}), **name, ack_policy="none"
    )
    with monkeypatch.context() as patch:
        full(patch)
        settle = world.settle
        patch.setattr(world, "settle", lambda: None)
        world.listen("d")
        world.pull(name=consumer.name, batch=1, expires=5 * SECONDS)
        world.put("s.a")
        settle()
    assert world.sequences() == []
    world.put("s.b")
    assert world.sequences() == [1]


@pytest.mark.parametrize("kept", [False, True], indirect=True)
@pytest.mark.parametrize("together", [None, "a new consumer", "a message"])
def test_a_consumer_whose_end_could_not_be_kept_is_gone(kept, monkeypatch, together):
    world = kept.world
    world.consumer(deliver_subject="d")
    world.put("s.a", "s.b")
    assert world.sequences() == [1, 2]
    world.settle(unkept.WITHIN)
    with monkeypatch.context() as patch:
        fails(patch)
        world.group.delete(kept.consumer)
        if together == "a message":
            world.put("s.c")
        elif together:
            world.consumer(**PUSHED)
        world.settle()
    world.settle(undoing.RETRY)
    assert world.sequences() == ([1, 2] if together == "a new consumer" else [])
    if together != "a new consumer":
        assert kept.known("consumer/C") == b""
        world.consumer(deliver_policy="new")
    kept.kill()
    assert not kept.consumer.progress.pending


@pytest.mark.parametrize("kept", [False, True], indirect=True)
def test_flow_control_counts_what_was_sent(kept, monkeypatch):
    world = kept.world
    world.leave("d")
    consumer = world.consumer(**PUSHED, flow_control=True, idle_heartbeat=5 * SECONDS)
    world.put(*["s.a"] * 60, payload=b"x" * 60_000)
    with monkeypatch.context() as patch:
        fails(patch)
        world.listen("d")
        assert (consumer.window.unanswered, consumer.window.asked) == (0, b"")
    assert world.taken() == []
    world.settle(undoing.RETRY)
    sent = world.taken()
    assert sum(each.consumer is consumer for each in sent) == 35
    assert [each.reply for each in sent if each.consumer is None] == [consumer.window.asked]


@pytest.mark.parametrize("kept", [True], indirect=True)
@pytest.mark.parametrize("acks", ["none", "explicit"])
def test_what_is_kept_with_a_refusal_is_sent(kept, monkeypatch, acks):
    """A request, a message that is refused, and one for which there is no room."""
    world = kept.world
    consumer = world.consumer(ack_policy=acks)
    world.put("s.a")
    with monkeypatch.context() as patch:
        full(patch)
        settle = world.settle
        patch.setattr(world, "settle", lambda: None)
        world.pull(batch=1, expires=9 * SECONDS)
        world.put("s.b", headers=b"NATS/1.0\r\nNats-Expected-Last-Sequence: 7\r\n\r\n")
        world.stream.drain()
        world.put("s.c")
        settle()
    assert (world.sequences(), consumer.progress.delivered) == ([1], 1)
