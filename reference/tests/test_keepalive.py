"""Time: PING and PONG, stale connections, the wait for CONNECT, lame duck mode."""

from __future__ import annotations

import asyncio

from nats_reference import lameduck
from nats_reference.clock import RealClock, VirtualClock
from nats_reference.options import Authorization

PONG, PING = b"PONG\r\n", b"PING\r\n"
STALE = b"-ERR 'Stale Connection'\r\n"


def test_first_ping_soon_after_connect_and_then_by_interval(world):
    world = world()
    client = world.client()
    world.clock.advance(1.99)
    assert client.take() == b""
    world.clock.advance(0.42)
    assert client.take() == PING
    client.say(PONG)
    world.clock.advance(119)
    assert client.take() == b""
    world.clock.advance(2)
    assert client.take() == PING


def test_hours_of_silence_on_both_sides(world):
    world = world(ping_interval=10.0, ping_max=3)
    answering, silent = world.client(), world.client()
    pings = 0
    for _ in range(6 * 60 * 12):
        world.clock.advance(10)
        if answering.take() == PING:
            pings += 1
            answering.say(PONG)
    assert pings > 4000
    assert not answering.ended
    assert silent.ended
    assert silent.take() == PING * 3 + STALE
    assert world.server.counters.stale_connections == 1


def test_a_busy_client_is_pinged_once_an_hour(world):
    world = world(ping_interval=10.0)
    client = world.client()
    pings = 0
    for _ in range(3 * 3600 // 5):
        world.clock.advance(5)
        client.say(b"PUB foo 0\r\n\r\n")
        if client.connection.pings_out:
            pings += 1
            client.say(PONG)
    assert 3 <= pings <= 5


def test_without_connect_too(world):
    world = world(ping_interval=1.0, ping_max=1)
    client = world.stranger()
    world.clock.advance(1)
    assert client.take() == PING
    world.clock.advance(1)
    assert client.take() == STALE


def test_any_pong_counts(world):
    world = world(ping_interval=1.0, ping_max=1)
    client = world.stranger()
    for _ in range(5):
        world.clock.advance(1)
        assert client.take() == PING
        client.say(PONG, PONG)


def test_time_for_connect(world):
    world = world(authorization=Authorization(token="t", timeout=3))
    late, early = world.stranger(), world.stranger()
    early.say(b'CONNECT {"auth_token":"t"}\r\n')
    world.clock.advance(2.9)
    assert late.take() == b""
    world.clock.advance(0.2)
    assert late.take() == b"-ERR 'Authentication Timeout'\r\n"
    assert late.ended
    assert not early.ended


def test_lame_duck_schedule(world):
    world = world(lame_duck_duration=40.0, lame_duck_grace_period=10.0)
    clients = [world.client(protocol=1), world.client(), world.client(protocol=1), world.stranger()]
    clients[0].say(PING)
    done = []
    lameduck.enter(world.server, lambda: done.append(world.clock.now()))
    assert b'"ldm":true' in clients[0].take()
    assert clients[1].take() == clients[3].take() == b""
    assert clients[1].say(b"SUB foo 1\r\nPUB foo 1\r\nx\r\n") == b"MSG foo 1 1\r\nx\r\n"
    world.clock.advance(9.9)
    assert not any(client.ended for client in clients)
    world.clock.advance(0.2)
    assert sum(client.ended for client in clients) == 1
    world.clock.advance(3)
    assert all(client.ended for client in clients)
    assert 11.5 <= done[0] <= 13


def test_lame_duck_with_nobody(world):
    done = []
    lameduck.enter(world().server, lambda: done.append(1))
    assert done == [1]


def test_many_clients_leave_within_the_duration(world):
    world = world(lame_duck_duration=30.0, lame_duck_grace_period=10.0)
    for _ in range(200):
        world.client()
    done = []
    lameduck.enter(world.server, lambda: done.append(world.clock.now()))
    world.clock.advance(31)
    assert done
    assert 20 <= done[0] <= 30


def test_virtual_clock_keeps_order():
    clock, seen = VirtualClock(), []
    clock.call_later(2, seen.append, "b")
    clock.call_later(1, seen.append, "a")
    clock.call_later(1.5, seen.append, "never").cancel()
    clock.call_later(1, lambda: clock.call_later(0.5, seen.append, "nested"))
    clock.advance(5)
    assert seen == ["a", "nested", "b"]
    assert clock.now() == 5


async def test_real_clock():
    loop = asyncio.get_running_loop()
    clock = RealClock(loop)
    future = loop.create_future()
    clock.call_later(0, future.set_result, clock.now())
    assert await future <= clock.now()
