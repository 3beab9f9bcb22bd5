"""When deliveries are kept (JS-RST-001): what a server that is killed then still knows of them."""

from __future__ import annotations

from dataclasses import replace

import keeping
import pytest
from consumers import SECONDS
from keeping import PUSHED, Kept, fails

from nats_reference.jetstream.consumer import unkept
from nats_reference.jetstream.store.sqlite import SQLiteStore

kept = keeping.kept
ROLLUP = b"NATS/1.0\r\nNats-Rollup: sub\r\n\r\n"


def test_a_delivery_is_kept_soon_after_its_message(kept):
    kept.world.consumer(**PUSHED)
    kept.world.put("s.a")
    assert kept.world.sequences() == [1]
    assert kept.delivered() == 0
    kept.world.settle(unkept.WITHIN)
    assert kept.delivered() == 1


def test_many_deliveries_are_kept_together(kept, monkeypatch):
    kept.world.consumer(**PUSHED)
    commits = []
    commit = SQLiteStore.commit
    monkeypatch.setattr(SQLiteStore, "commit", lambda self: (commits.append(1), commit(self)))
    for _ in range(10):
        kept.world.put("s.a")
    assert len(commits) == 10
    kept.world.settle(unkept.WITHIN)
    assert len(commits) == 11
    assert kept.delivered() == 10


@pytest.mark.parametrize("kept", [True], indirect=True)
def test_where_each_commit_waits_for_the_disk_nothing_is_late(kept):
    kept.world.consumer(**PUSHED)
    kept.world.put("s.a")
    assert kept.delivered() == 1


def test_an_acknowledgement_is_kept_before_it_is_confirmed(kept):
    kept.world.consumer(deliver_subject="d")
    kept.world.put("s.a", "s.b")
    first, _ = kept.world.taken()
    kept.world.answer(first, reply=b"confirmed")
    assert [each.to for each in kept.world.taken()] == [b"confirmed"]
    assert kept.delivered() == 2


def test_what_a_request_gets_is_kept_before_it_is_sent(kept):
    kept.world.consumer()
    kept.world.put("s.a", "s.b")
    kept.world.pull(batch=2)
    assert kept.world.sequences() == [1, 2]
    assert kept.delivered() == 2


def test_a_server_that_ends_keeps_everything(kept):
    kept.world.consumer(**PUSHED)
    kept.world.put("s.a", "s.b")
    kept.world.group.close("409 Server Shutdown")
    kept.world.stream.store.commit()
    assert kept.delivered() == 2


def test_a_deleted_consumer_leaves_nothing_to_keep(kept):
    consumer = kept.world.consumer(**PUSHED)
    kept.world.put("s.a")
    kept.world.group.delete(consumer)
    kept.world.settle(unkept.WITHIN)
    assert kept.delivered() is None


def test_a_name_that_is_no_text_is_not_kept(kept):
    kept.world.consumer(durable_name="", name="\udcff")
    kept.world.consumer()
    assert list(kept.world.stream.store.load("consumer/")) == ["consumer/C"]
    kept.world.group.delete(kept.world.group.by_name["\udcff"])


@pytest.mark.parametrize("kept", [False, True], indirect=True)
@pytest.mark.parametrize("retention", ["limits", "interest"])
@pytest.mark.parametrize("members", [PUSHED, PUSHED | {"mem_storage": True}])
def test_what_is_replaced_at_once_was_delivered_before(kept, members, retention):
    """Who hears that a message is stored may roll it up: its listeners have it by then."""
    world = kept.world
    config = world.stream.config
    world.stream.update(replace(config, retention=retention, allow_rollup_hdrs=True))
    world.consumer(**members)
    for headers in (b"", ROLLUP):
        size = len(headers) + 1
        head = b"%d" % len(headers) if headers else None
        world.stream.ingest(None, (b"s.a", None, head, b"%d" % size, size), headers + b"x\r\n")
        world.stream.drain()
    assert world.sequences() == [1, 2]


@pytest.mark.parametrize("gone", ["deleted", "purged", "evicted", "failed"])
def test_what_has_left_the_stream_is_outstanding_no_more(tmp_path, monkeypatch, gone):
    """The server is killed when the message has gone, and its consumer does not know yet."""
    kept = Kept.made(tmp_path, max_msgs=1)
    world = kept.world
    world.consumer(max_ack_pending=1, ack_wait=2 * SECONDS)
    world.put("s.a")
    world.pull()
    assert world.sequences() == [1]
    if gone == "purged":
        world.stream.purge()
    elif gone == "evicted":
        monkeypatch.setattr(world, "settle", lambda: None)
        world.put("s.b")
        world.stream.drain()
    else:
        world.stream.remove(1)
    if gone == "failed":
        with monkeypatch.context() as patch:
            fails(patch)
            world.settle()
    else:
        kept.kill()
    world = kept.world
    assert not kept.consumer.progress.pending
    assert kept.consumer.progress.floor == 1
    world.put("s.c")
    world.pull(batch=5, no_wait=True)
    assert world.sequences() == [kept.left[-1]]
    world.stream.store.abandon()
