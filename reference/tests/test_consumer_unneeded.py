"""What nobody needs leaves the stream (JS-RET-003, JS-RET-006, JS-RET-007), also at the second try."""

from __future__ import annotations

from dataclasses import replace

import pytest
from consumers import SECONDS
from keeping import PUSHED, Kept, fails

from nats_reference.jetstream.consumer import undoing, unkept

MEMORY = {"mem_storage": True}


@pytest.fixture
def kept(tmp_path, request):
    kept = Kept.made(tmp_path, retention=request.param)
    yield kept
    kept.world.stream.store.abandon()


def later(kept):
    """What could not be kept is tried again."""
    kept.world.settle(undoing.RETRY)
    kept.world.settle(unkept.WITHIN)


def acknowledged_in_vain(kept, monkeypatch, **members):
    """A message is acknowledged, and that can't be kept."""
    world = kept.world
    world.consumer(ack_wait=5 * SECONDS, **members)
    world.put("s.a")
    world.pull()
    (delivery,) = world.taken()
    with monkeypatch.context() as patch:
        fails(patch)
        world.answer(delivery)
    assert kept.left == [1]


@pytest.mark.parametrize("kept", ["workqueue", "interest"], indirect=True)
@pytest.mark.parametrize("members", [{}, MEMORY])
def test_what_was_acknowledged_in_memory_goes(kept, monkeypatch, members):
    acknowledged_in_vain(kept, monkeypatch, **members)
    later(kept)
    assert kept.left == ([] if members else [1])
    kept.world.settle(9)
    kept.world.pull(batch=5, no_wait=True)
    assert kept.world.sequences() == ([] if members else [1])


@pytest.mark.parametrize("kept", ["interest"], indirect=True)
@pytest.mark.parametrize("members", [PUSHED, PUSHED | MEMORY])
def test_what_was_received_goes(kept, monkeypatch, members):
    kept.world.consumer(**members)
    with monkeypatch.context() as patch:
        clock = kept.world.clock
        patch.setattr(kept.world, "settle", lambda: None)
        kept.world.put("s.a")
        kept.world.stream.drain()
        assert kept.world.sequences() == [1]
        fails(patch)
        clock.advance(unkept.WITHIN)
    assert kept.left == [1]
    later(kept)
    assert (kept.left, kept.world.sequences()) == ([], [])


@pytest.mark.parametrize("kept", ["interest"], indirect=True)
@pytest.mark.parametrize("change", ["deleted", "filters"])
def test_what_nobody_wants_any_more_goes(kept, monkeypatch, change):
    world = kept.world
    consumer = world.consumer(filter_subjects=["s.a", "s.b"])
    world.put("s.a")
    with monkeypatch.context() as patch:
        fails(patch)
        if change == "filters":
            world.consumer(filter_subjects=["s.b", "s.c"])
        else:
            world.group.delete(consumer)
            world.group.round()
    assert kept.left == [1]
    later(kept)
    assert kept.left == []


@pytest.mark.parametrize("kept", ["interest"], indirect=True)
@pytest.mark.parametrize("members", [PUSHED, {"ack_policy": "none"}, PUSHED | MEMORY])
def test_what_reached_nobody_stays(kept, monkeypatch, members):
    """The first of three is heard, then nobody."""
    world = kept.world
    deliver = world.deliver

    def to_one(outgoing):
        heard = deliver(outgoing)
        world.listeners.clear()
        return heard

    world.consumer(**members)
    if "deliver_subject" not in members:
        world.pull(batch=5, expires=100 * SECONDS)
    with monkeypatch.context() as patch:
        patch.setattr(world, "deliver_run", lambda _run: False)
        patch.setattr(world, "deliver", to_one)
        world.put("s.a", "s.b", "s.c")
    assert (world.sequences(), kept.left) == ([1], [2, 3])
    world.listen("d")
    world.pull(batch=5, no_wait=True)
    assert (world.sequences(), kept.left) == ([2, 3], [])


@pytest.mark.parametrize("kept", ["interest"], indirect=True)
def test_what_was_received_just_before_a_kill_goes_at_the_start(kept, monkeypatch):
    world = kept.world
    world.consumer(**PUSHED)
    with monkeypatch.context() as patch:
        patch.setattr(world, "settle", lambda: None)
        world.put("s.a")
        world.stream.drain()
    assert (world.sequences(), kept.known("consumer/C") != b"") == ([1], True)
    kept.kill()
    assert (kept.left, kept.world.sequences()) == ([], [])


@pytest.mark.parametrize("kept", ["interest"], indirect=True)
def test_what_was_to_go_stays_if_the_stream_has_limits_after_all(kept, monkeypatch):
    acknowledged_in_vain(kept, monkeypatch, **MEMORY)
    kept.world.stream.config = replace(kept.world.stream.config, retention="limits")
    later(kept)
    assert kept.left == [1]


@pytest.mark.parametrize("kept", ["interest"], indirect=True)
def test_a_stream_that_is_gone_is_not_tried_again(kept, monkeypatch):
    acknowledged_in_vain(kept, monkeypatch, **MEMORY)
    world, store = kept.world, kept.world.stream.store
    world.group.drop()
    world.stream.destroy()
    world.stream.store = None
    world.settle(2 * undoing.RETRY)
    world.stream.store = store
    assert not world.group.retrying
