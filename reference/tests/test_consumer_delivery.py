"""What a consumer delivers, to whom and how fast; what of it may change, and when it goes."""

from __future__ import annotations

import consumers
import pytest
from consumers import MILLISECONDS, SECONDS, token

from nats_reference.jetstream.consumer import delivering, information, pushing, redelivering
from nats_reference.jetstream.errors import ApiError

world = consumers.world


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"filter_subject": "s.a"}, [1, 3, 5]),
        ({"filter_subjects": ["s.a", "s.b"]}, [1, 2, 3, 4, 5]),
        ({"deliver_policy": "last"}, [5]),
        ({"deliver_policy": "last", "filter_subject": "s.b"}, [4]),
        ({"deliver_policy": "last", "filter_subject": "s.z"}, []),
        ({"deliver_policy": "new"}, []),
        ({"deliver_policy": "by_start_sequence", "opt_start_seq": 4}, [4, 5]),
        ({"deliver_policy": "last_per_subject", "filter_subject": ">"}, [4, 5]),
    ],
)
def test_where_a_consumer_starts(world, members, expected):
    world.put("s.a", "s.b", "s.a", "s.b", "s.a")
    consumer = world.consumer(**members)
    assert consumer.pending_count() == len(expected)
    world.pull(batch=9, no_wait=True)
    assert world.sequences() == expected
    world.put("s.z")
    wants = not consumer.filters or consumer.wants(b"s.z")
    assert consumer.pending_count() == wants


def test_the_count_follows_what_comes_and_goes(world):
    world.put("s.a", "s.b", "s.a")
    consumer = world.consumer(filter_subject="s.a")
    assert consumer.pending_count() == 2
    world.stream.remove(3)
    world.put("s.a", "s.b", "s.a")
    assert consumer.pending_count() == 3
    world.pull(batch=1)
    assert consumer.pending_count() == 2
    world.stream.purge()
    assert consumer.pending_count() == 0


def test_push_delivers_while_somebody_listens(world):
    world.put("s.a")
    consumer = world.consumer(deliver_subject="to")
    assert world.sequences() == []
    world.listen("to")
    assert [(each.to, each.subject) for each in world.taken()] == [(b"to", b"s.a")]
    world.leave("to")
    world.put("s.b")
    assert world.sequences() == []
    assert "push_bound" not in information.info(consumer)
    world.listen("to")
    assert world.sequences() == [2]
    assert information.info(consumer)["push_bound"]


def test_a_group_is_heard_by_its_members_alone(world):
    world.put("s.a")
    world.consumer(deliver_subject="to", deliver_group="g")
    world.listen("to")
    assert world.sequences() == []
    world.listen("to", b"g")
    assert world.sequences() == [1]


def test_push_beats_while_idle_and_asks_for_flow_control(world):
    world.listen("to")
    world.consumer(
        deliver_subject="to",
        flow_control=True,
        idle_heartbeat=200 * MILLISECONDS,
        ack_policy="none",
    )
    world.settle(0.5)
    assert world.statuses() == ["100 Idle Heartbeat"] * 2
    world.put(*["s.a"] * 40, payload=b"x" * 60_000)
    got = world.taken()
    asked = next(each for each in got if each.consumer is None)
    assert asked.headers == b"NATS/1.0 100 FlowControl Request\r\n\r\n"
    sent = len([each for each in got if each.consumer])
    assert sent == 35
    assert pushing.flow(world.group, "C", asked.reply, None)
    world.settle()
    assert len(world.sequences()) == 5


def test_headers_only_tells_the_size(world):
    world.put("s.a", payload=b"hello", headers=b"NATS/1.0\r\nA: b\r\n\r\n")
    world.put("s.a", payload=b"hello")
    world.consumer(headers_only=True)
    world.pull(batch=2)
    assert [(each.headers, each.payload) for each in world.taken()] == [
        (b"NATS/1.0\r\nA: b\r\nNats-Msg-Size: 5\r\n\r\n", b""),
        (b"NATS/1.0\r\nNats-Msg-Size: 5\r\n\r\n", b""),
    ]


def test_replay_keeps_the_gaps(world):
    for _ in range(3):
        world.put("s.a")
        world.settle(0.5)
    world.consumer(replay_policy="original")
    world.pull(batch=3, expires=100 * SECONDS)
    assert world.sequences() == [1]
    world.settle(0.4)
    assert world.sequences() == []
    world.settle(0.2)
    assert world.sequences() == [2]
    world.settle(1)
    assert world.sequences() == [3]


def test_what_comes_again_does_not_hold_up_what_is_replayed(world):
    """It came before the gap, and its waits are shorter."""
    for _ in range(3):
        world.put("s.a")
        world.settle(0.6)
    world.consumer(replay_policy="original", deliver_subject="d")
    world.listen("d")
    got = []
    for _ in range(30):
        for each in world.taken():
            got.append(token(each).stream_seq)
            if got[-1] == 1:
                world.answer(each, b'-NAK {"delay": 250000000}')
        world.settle(0.1)
    assert [seq for seq in got if seq != 1] == [2, 3]
    assert got.count(1) > 5


def test_who_will_not_wait_is_not_told_that_nothing_is_left_while_the_next_is_held_back(
    world, monkeypatch
):
    """Its turn has come between the look at it and the look at the request."""
    world.put("s.a")
    world.settle(0.01)
    world.put("s.a")
    world.consumer(replay_policy="original")
    monkeypatch.setattr(delivering, "held", lambda _consumer: False)
    world.pull(batch=2, no_wait=True, expires=SECONDS)
    world.settle(0.5)
    assert world.sequences() == [1, 2]


def test_a_rate_limit_spreads_deliveries(world):
    world.put(*["s.a"] * 4, payload=b"x" * 1000)
    world.max_payload = 1200
    world.consumer(rate_limit_bps=8000, deliver_subject="to")
    world.listen("to")
    counts = []
    for _ in range(5):
        counts.append(len(world.sequences()))
        world.settle(1)
    assert sum(counts) == 4
    assert counts[0] == 1


def test_an_ephemeral_that_nobody_uses_goes(world):
    world.listen("$JS.EVENT.ADVISORY.CONSUMER.DELETED.S.E")
    world.consumer(durable_name=None, name="E")
    world.pull(name="E", expires=3 * SECONDS)
    world.settle(5)
    assert "E" in world.group.by_name
    world.settle(10)
    assert "E" not in world.group.by_name
    assert world.taken()[-1].subject == b"$JS.EVENT.ADVISORY.CONSUMER.DELETED.S.E"


@pytest.mark.parametrize(
    ("change", "err_code"),
    [
        ({"ack_policy": "all"}, 10012),
        ({"deliver_subject": "to"}, 10012),
        ({"max_waiting": 3}, 10012),
        ({"deliver_policy": "new"}, 10012),
        ({"backoff": [1, 2], "max_deliver": 1}, 10116),
        ({"description": "x", "max_ack_pending": 7}, None),
    ],
)
def test_what_may_change(world, change, err_code):
    world.consumer()
    if err_code is None:
        assert world.consumer(**change).config.max_ack_pending == 7
        return
    with pytest.raises(ApiError) as refused:
        world.consumer(**change)
    assert refused.value.err_code == err_code


def test_changed_filters_let_other_messages_through(world):
    world.put("s.a", "s.b", "s.a", "s.b")
    consumer = world.consumer(filter_subject="s.a")
    world.pull(batch=1)
    world.consumer(filter_subject="s.b")
    assert consumer.pending_count() == 2
    world.consumer()
    assert consumer.pending_count() == 3
    world.taken()
    world.pull(batch=9, no_wait=True)
    assert world.sequences() == [2, 3, 4]


def test_what_a_new_listener_gets_is_in_order(world):
    """Messages 2 and 3 are to come again, 1 is outstanding: the new listener hears all three."""
    world.put("s.a", "s.b", "s.c")
    consumer = world.consumer(deliver_subject="d")
    world.listen("d")
    assert world.sequences() == [1, 2, 3]
    world.leave("d")
    consumer.progress.requeue([2, 3])
    redelivering.expire_all(consumer)
    assert list(consumer.progress.queue) == [1, 2, 3]


def test_a_deleted_stream_has_no_further_rounds(world):
    world.listen("$JS.EVENT.ADVISORY.CONSUMER.DELETED.S.C")
    world.put("s.a")
    consumer = world.consumer()
    world.pull()
    (delivery,) = world.taken()
    world.group.acknowledge("C", token(delivery), None, b"+ACK")
    world.group.pull("C", b"inbox", b"")
    world.group.drop()
    world.stream.destroy()
    world.stream.store = None
    world.settle(1)
    assert consumer.closed
    assert [each.to for each in world.taken()] == [b"$JS.EVENT.ADVISORY.CONSUMER.DELETED.S.C"]
