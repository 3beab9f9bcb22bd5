"""What a consumer delivers, and to whom: on a virtual clock, without a socket."""

from __future__ import annotations

import pytest
from consumers import MILLISECONDS, SECONDS, World, token

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer import information
from nats_reference.jetstream.errors import ApiError


@pytest.fixture
def world():
    return World()


def test_a_pull_gets_what_it_asks_for(world):
    world.put("s.a", "s.b", "s.c")
    world.consumer()
    world.pull(batch=2)
    got = world.taken()
    assert [(each.to, each.subject, each.payload) for each in got] == [
        (b"inbox", b"s.a", b"x"),
        (b"inbox", b"s.b", b"x"),
    ]
    assert [each.reply.rsplit(b".", 5)[1:4] for each in got] == [
        [b"1", b"1", b"1"],
        [b"1", b"2", b"2"],
    ]
    assert [each.reply.rsplit(b".", 1)[1] for each in got] == [b"2", b"1"]


def test_a_waiting_pull_gets_what_comes(world):
    world.consumer()
    world.pull(batch=5, expires=SECONDS)
    assert world.taken() == []
    world.put("s.a")
    assert world.sequences() == [1]
    world.settle(1.1)
    assert world.statuses() == ["408 Request Timeout"]


@pytest.mark.parametrize(
    ("asked", "stored", "statuses"),
    [
        ({"no_wait": True}, 0, ["404 No Messages"]),
        ({"no_wait": True, "batch": 5}, 2, ["404 No Messages"]),
        ({"batch": 2, "max_bytes": 1000}, 2, ["409 Batch Completed"]),
        ({"batch": 2, "max_bytes": 10}, 2, ["409 Message Size Exceeds MaxBytes"]),
        (
            {"batch": 1, "idle_heartbeat": 5, "expires": 8},
            0,
            ["400 Bad Request - heartbeat value too large"],
        ),
        ({"batch": "x"}, 0, None),
    ],
)
def test_how_a_pull_ends(world, asked, stored, statuses):
    world.put(*["s.a"] * stored)
    world.consumer()
    world.pull(**asked)
    got = world.statuses()
    if statuses is None:
        assert got[0].startswith("400 Bad Request - ")
    else:
        assert got == statuses


def test_heartbeats_come_while_a_pull_is_idle(world):
    world.consumer()
    world.pull(expires=SECONDS, idle_heartbeat=100 * MILLISECONDS)
    world.settle(0.35)
    assert world.statuses() == ["100 Idle Heartbeat"] * 3


def test_requests_are_served_in_rotation(world):
    world.consumer()
    for name in "xyz":
        world.pull(name, batch=3, expires=SECONDS)
    world.put(*["s.a"] * 6)
    assert [each.to for each in world.taken()] == [b"x", b"y", b"z"] * 2


def test_a_pull_whose_client_is_gone_frees_its_place(world):
    consumer = world.consumer(max_waiting=1)
    world.pull("x", expires=SECONDS)
    world.leave("x")
    world.pull("y", expires=SECONDS)
    world.put("s.a")
    assert [each.to for each in world.taken()] == [b"y"]
    assert information.info(consumer)["num_waiting"] == 0


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
    assert world.group.flow("C", asked.reply, None)
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


def test_an_ephemeral_that_nobody_uses_goes(world):
    world.listen("$JS.EVENT.ADVISORY.CONSUMER.DELETED.S.E")
    world.consumer(durable_name=None, name="E")
    world.pull(name="E", expires=3 * SECONDS)
    world.settle(5)
    assert "E" in world.group.by_name
    world.settle(10)
    assert "E" not in world.group.by_name
    assert world.taken()[-1].subject == b"$JS.EVENT.ADVISORY.CONSUMER.DELETED.S.E"


def test_deletion_ends_waiting_pulls(world):
    consumer = world.consumer()
    world.pull(expires=100 * SECONDS)
    world.group.delete(consumer)
    world.settle()
    assert world.statuses() == ["409 Consumer Deleted"]


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
