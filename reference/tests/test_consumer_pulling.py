"""Pulls: what they get, in which order, and how they end."""

from __future__ import annotations

import consumers
import pytest
from consumers import MILLISECONDS, SECONDS

from nats_reference.jetstream.consumer import information

world = consumers.world


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


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b"9" * 5000, 1),
        (b"9223372036854775808", 1),
        (b"9223372036854775807", 3),
        (b"0" * 5000 + b"2", 2),
        (b'{"batch":2,"x":"\xff"}', 2),
        (b'{"batch":9223372036854775808}', 0),
        (b'{"batch":1,"x":NaN}', 0),
        (b'{"x":' + b"[" * 2000 + b"]" * 2000 + b"}", 0),
    ],
)
def test_how_much_a_body_asks_for(world, body, count):
    world.put("s.a", "s.b", "s.c")
    world.consumer()
    world.listen("inbox")
    world.group.pull("C", b"inbox", body)
    world.settle()
    assert len(world.sequences()) == count


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


def test_deletion_ends_waiting_pulls(world):
    consumer = world.consumer()
    world.pull(expires=100 * SECONDS)
    world.group.delete(consumer)
    world.settle()
    assert world.statuses() == ["409 Consumer Deleted"]
