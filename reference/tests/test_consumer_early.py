"""What was sent before it was kept (JS-RST-001) stays sent, whatever becomes of the commit."""

from __future__ import annotations

import keeping
import pytest
from consumers import SECONDS, token
from keeping import PUSHED, fails

from nats_reference.jetstream.consumer import information, undoing, unkept

kept = keeping.kept


def not_kept(kept, monkeypatch):
    """What was delivered can't be kept at first."""
    with monkeypatch.context() as patch:
        fails(patch)
        kept.world.settle(unkept.WITHIN)
        assert kept.world.group.retrying
    kept.world.settle(undoing.RETRY)


@pytest.mark.parametrize("push", [False, True])
@pytest.mark.parametrize("acks", ["none", "explicit"])
@pytest.mark.parametrize("count", [1, 40])
def test_it_does_not_come_again(kept, monkeypatch, push, acks, count):
    consumer = kept.world.consumer(ack_policy=acks, **({"deliver_subject": "d"} if push else {}))
    if not push:
        kept.world.pull(batch=100, expires=100 * SECONDS)
    kept.world.put(*["s.a"] * count)
    assert kept.world.sequences() == [*range(1, count + 1)]
    not_kept(kept, monkeypatch)
    assert kept.world.sequences() == []
    info = information.info(consumer)
    assert info["delivered"] == {"consumer_seq": count, "stream_seq": count}
    assert info["num_ack_pending"] == (count if acks == "explicit" else 0)
    assert kept.delivered() == count
    kept.world.put("s.a")
    (delivery,) = kept.world.taken()
    assert token(delivery) == (1, count + 1, count + 1)


def test_what_came_again_is_counted(kept, monkeypatch):
    consumer = kept.world.consumer(max_deliver=3, ack_wait=10 * SECONDS)
    kept.world.put("s.a")
    kept.world.pull()
    (first,) = kept.world.taken()
    kept.world.answer(first, b"-NAK")
    kept.world.pull(batch=2, expires=100 * SECONDS)
    assert [token(each) for each in kept.world.taken()] == [(2, 1, 2)]
    kept.world.put("s.b")
    assert [token(each) for each in kept.world.taken()] == [(1, 2, 3)]
    not_kept(kept, monkeypatch)
    assert consumer.progress.delivered == 3
    assert [consumer.progress.count(seq) for seq in (1, 2)] == [2, 1]


@pytest.mark.parametrize("acks", ["none", "explicit"])
def test_what_reached_nobody_still_comes(kept, monkeypatch, acks):
    """The listener hears the second and third of four, before any of it is kept."""
    world = kept.world
    world.consumer(ack_policy=acks, deliver_subject="d")
    deliver, heard = world.deliver, [False, True, True]

    def to_some(outgoing):
        hears = not heard or heard.pop()
        if not hears:
            world.listeners.clear()
        return hears and deliver(outgoing)

    with monkeypatch.context() as patch:
        patch.setattr(world, "deliver_run", lambda _run: False)
        patch.setattr(world, "deliver", to_some)
        with patch.context() as still:
            still.setattr(world, "settle", lambda: None)
            world.put("s.a", "s.b", "s.c", "s.d")
            world.stream.drain()
        fails(patch)
        world.settle()
        assert world.group.retrying
    assert world.sequences() == [1, 2]
    world.settle(undoing.RETRY)
    assert world.sequences() == []
    world.listen("d")
    assert world.sequences() == [3, 4]


def test_the_newest_of_each_subject_comes_once(kept, monkeypatch):
    """Half of them was heard, when what is new makes the rest come; that is not kept."""
    world = kept.world
    world.leave("d")
    world.put("s.a", "s.b", "s.a", "s.c")
    consumer = world.consumer(**PUSHED, deliver_policy="last_per_subject", filter_subject="s.*")
    world.settle(unkept.WITHIN)
    world.listeners[b"d"] = {None}
    consumer.active = True
    world.group.demand(consumer)
    world.put("s.d")
    assert world.sequences() == [2, 3, 4, 5]
    not_kept(kept, monkeypatch)
    assert (world.sequences(), consumer.pending_count()) == ([], 0)
    assert information.info(consumer)["delivered"] == {"consumer_seq": 4, "stream_seq": 5}


def test_a_consumer_that_has_gone_is_left_alone(kept, monkeypatch):
    consumer = kept.world.consumer(**PUSHED)
    kept.world.put("s.a")
    kept.world.group.delete(consumer)
    not_kept(kept, monkeypatch)
    assert consumer.progress.delivered == 1
    assert kept.known("consumer/C") == b""


def test_a_consumer_that_is_not_kept_yet_has_sent_what_it_sent(kept, monkeypatch):
    """Neither is its creation, and it delivers what is new: what it sent is outstanding."""
    world = kept.world
    world.put("s.a")
    with monkeypatch.context() as patch:
        fails(patch)
        consumer = world.consumer(deliver_policy="new", deliver_subject="d", ack_wait=5 * SECONDS)
    world.put("s.b")
    assert world.sequences() == [2]
    not_kept(kept, monkeypatch)
    assert [*consumer.progress.pending] == [2]
    world.settle(6)
    assert world.sequences() == [2]
