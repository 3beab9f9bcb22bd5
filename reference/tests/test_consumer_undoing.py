"""What could not be kept has not happened (JS-RST-001), and nobody is lost with it."""

from __future__ import annotations

import re

import keeping
import pytest
from consumers import SECONDS, token
from keeping import PUSHED, fails, full

from nats_reference.jetstream.consumer import undoing, unkept
from nats_reference.jetstream.store import Damaged, StoreFailure
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


def test_one_row_by_itself_is_all_or_nothing(tmp_path):
    path = tmp_path / "S" / "stream.db"
    store = SQLiteStore.create(path, sync=False)
    store.commit()
    store._database.execute(
        "CREATE TRIGGER no BEFORE INSERT ON messages BEGIN SELECT raise(FAIL, 'no'); END"
    )
    store.append(b"s.a", None, b"x", 1)
    with pytest.raises(StoreFailure, match="no"):
        store.commit()
    assert store.index.last_seq == 0
    store._database.execute("DROP TRIGGER no")
    store.append(b"s.b", None, b"x", 1)
    store.commit()
    store.abandon()
    store = SQLiteStore.open(path, sync=False)
    assert store.get(1).subject == b"s.b"
    store.abandon()
