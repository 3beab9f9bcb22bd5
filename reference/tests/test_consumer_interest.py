"""Messages that go from a stream because nobody is interested in them any more."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from consumers import World

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer import information
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.store.sqlite import SQLiteStore

TERMINATED = "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.S.C"


def a_world(retention: str) -> World:
    return World(StreamConfig("S", subjects=("s.>",), storage="memory", retention=retention))


def left(world: World) -> list[int]:
    return list(world.stream.store.index.sequences())


def become(world: World, retention: str) -> None:
    world.stream.update(replace(world.stream.config, retention=retention))


def test_other_filters_leave_what_somebody_needs():
    world = a_world("interest")
    world.consumer(filter_subjects=["s.a", "s.b", "s.c"])
    world.consumer(durable_name="D", filter_subject="s.a")
    world.put("s.a", "s.b", "s.c", "s.a")
    world.consumer(filter_subjects=["s.b"])
    assert left(world) == [1, 2, 4]
    world.consumer(filter_subjects=["s.b", "s.c"])
    assert left(world) == [1, 2, 4]
    world.consumer(durable_name="D", filter_subject="s.b")
    assert left(world) == [2]


def test_what_goes_with_a_filter_is_no_longer_outstanding():
    world = a_world("interest")
    world.listen(TERMINATED)
    world.consumer(filter_subjects=["s.a", "s.b"], max_ack_pending=2)
    world.put("s.a", "s.a", "s.b")
    world.pull(batch=3)
    assert world.sequences() == [1, 2]
    world.taken()
    changed = world.consumer(filter_subjects=["s.b"], max_ack_pending=2)
    sent = world.taken()
    told = [
        json.loads(each.payload)["stream_seq"] for each in sent if each.to == TERMINATED.encode()
    ]
    assert told == [1, 2]
    assert [each.subject for each in sent if each.consumer] == [b"s.b"]
    assert information.info(changed)["num_ack_pending"] == 1
    assert left(world) == [3]


@pytest.mark.parametrize("retention", ["limits", "workqueue"])
def test_other_filters_take_nothing_from_other_streams(retention):
    world = a_world(retention)
    world.put("s.a", "s.b")
    world.consumer(filter_subjects=["s.a"])
    world.consumer(filter_subjects=["s.b"])
    assert left(world) == [1, 2]


def test_interest_begins_with_what_somebody_needs():
    world = a_world("limits")
    world.consumer(filter_subjects=["s.a", "s.b"])
    world.put("s.a", "s.b", "s.c", "s.a", "s.b", "s.a")
    world.pull(batch=3)
    first, second, third = world.taken()
    for each in (first, third):
        world.answer(each)
    become(world, "interest")
    assert left(world) == [2, 3, 5, 6]
    world.answer(second)
    assert left(world) == [3, 5, 6]
    world.group.delete(world.group.by_name["C"])
    world.settle()
    assert left(world) == []


def test_with_interest_what_is_exhausted_stays():
    world = a_world("limits")
    world.consumer(max_deliver=1)
    world.put("s.a", "s.a", "s.a")
    world.pull(batch=2)
    first, second = world.taken()
    world.answer(first, b"-NAK")
    world.answer(second)
    world.pull(batch=1)
    become(world, "interest")
    assert left(world) == [1, 3]


def test_interest_of_nobody_leaves_nothing():
    world = a_world("limits")
    world.put("s.a", "s.b")
    become(world, "interest")
    assert (left(world), world.stream.state().last_seq) == ([], 2)


def test_limits_that_stay_keep_everything():
    world = a_world("limits")
    world.put("s.a")
    become(world, "limits")
    assert left(world) == [1]


def test_what_could_not_be_dropped_is_there_again(tmp_path):
    store = SQLiteStore.create(tmp_path / "S" / "stream.db", sync=False)
    world = World(StreamConfig("S", subjects=("s.>",), storage="file"), store)
    world.put("s.a", "s.b")
    store._database.execute(
        "CREATE TRIGGER no BEFORE DELETE ON messages BEGIN SELECT raise(FAIL, 'no'); END"
    )
    with pytest.raises(ApiError):
        become(world, "interest")
    assert (left(world), world.stream.config.retention) == ([1, 2], "limits")
    store._database.execute("DROP TRIGGER no")
    become(world, "interest")
    assert left(world) == []
    store.abandon()
