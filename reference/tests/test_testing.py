"""The in-process server, used as its users do: with nats-py, pytest, and no waiting."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import nats
import pytest
from flushing import flushed
from nats.js.api import ConsumerConfig, KeyValueConfig
from nats.js.errors import KeyNotFoundError

from nats_reference.testing import ReferenceServer

pytest_plugins = ["pytester"]


@pytest.fixture
async def client(nats_reference):
    connection = await nats.connect(nats_reference.url, allow_reconnect=False)
    yield connection
    await connection.close()


async def test_a_service_answers(client):
    async def double(message):
        await message.respond(message.data * 2)

    await client.subscribe("double", cb=double)
    answer = await client.request("double", b"ab", timeout=5)
    assert answer.data == b"abab"


async def test_what_streams_hold_can_be_looked_at(client, nats_reference):
    js = client.jetstream()
    await js.add_stream(name="ORDERS", subjects=["orders.*"])
    await js.publish("orders.new", b"tea", headers={"Kind": "green"})
    await js.publish("orders.old", b"")
    await js.pull_subscribe("orders.*", "reader")
    orders = nats_reference.streams["ORDERS"]
    assert [(m.seq, m.subject, m.data) for m in orders.messages] == [
        (1, "orders.new", b"tea"),
        (2, "orders.old", b""),
    ]
    assert orders.messages[0].headers == (("Kind", "green"),)
    assert (orders.first_seq, orders.last_seq, orders.consumers) == (1, 2, ("reader",))
    assert abs(orders.messages[0].time / 1e9 - time.time()) < 3600


async def test_an_hour_passes_in_no_time(client, nats_reference):
    js = client.jetstream()
    await js.add_stream(name="ORDERS", subjects=["orders"])
    config = ConsumerConfig(ack_wait=3600)
    consumer = await js.pull_subscribe("orders", "slow", config=config)
    await js.publish("orders", b"tea")
    began = time.monotonic()
    (first,) = await consumer.fetch(1, timeout=5)
    await nats_reference.clock.elapse(3599)
    assert (await consumer.consumer_info()).num_ack_pending == 1
    await nats_reference.clock.elapse(2)
    (again,) = await consumer.fetch(1, timeout=5)
    assert (first.metadata.num_delivered, again.metadata.num_delivered) == (1, 2)
    assert time.monotonic() - began < 60


async def test_keys_expire_when_their_time_has_passed(client, nats_reference):
    js = client.jetstream()
    bucket = await js.create_key_value(KeyValueConfig(bucket="sessions", ttl=1800))
    await bucket.put("alice", b"here")
    await nats_reference.clock.elapse(1799)
    assert (await bucket.get("alice")).value == b"here"
    await nats_reference.clock.elapse(1)
    with pytest.raises(KeyNotFoundError):
        await bucket.get("alice")


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_has_an_account_of_its_own(client, nats_reference, turn):
    assert dict(nats_reference.streams) == {}
    js = client.jetstream()
    await js.add_stream(name="ORDERS", subjects=["orders"])
    assert (await js.publish("orders", b"")).seq == 1, turn


async def test_accounts_hear_nothing_of_each_other():
    with ReferenceServer() as server, server.account() as one, server.account() as two:
        a, b, c = [await nats.connect(each.url) for each in (one, two, server)]
        heard = await a.subscribe(">")
        await flushed(a)
        await b.publish("from.b", b"")
        await c.publish("from.c", b"")
        await a.publish("from.a", b"")
        await asyncio.gather(b.flush(), c.flush(), a.flush())
        assert (await heard.next_msg(timeout=5)).subject == "from.a"
        assert heard.pending_msgs == 0
        for each in (a, b, c):
            await each.close()


async def test_a_removed_account_ends_its_connections_and_keeps_nothing():
    gone = asyncio.Event()

    async def closed():
        gone.set()

    async with ReferenceServer() as server:
        with server.account() as world:
            client = await nats.connect(world.url, allow_reconnect=False, closed_cb=closed)
            await client.jetstream().add_stream(name="S", subjects=["s"])
        await asyncio.wait_for(gone.wait(), 10)
        assert world.account not in server.call(lambda running: running.server.accounts)
        with pytest.raises(KeyError):
            _ = world.streams


async def test_clients_find_it_again_after_a_restart():
    async with ReferenceServer() as server:
        back = asyncio.Event()

        async def reconnected():
            back.set()

        client = await nats.connect(
            server.url, reconnected_cb=reconnected, reconnect_time_wait=0.01
        )
        js = client.jetstream()
        await js.add_stream(name="S", subjects=["s"])
        await js.publish("s", b"kept")
        await asyncio.to_thread(server.restart)
        await asyncio.wait_for(back.wait(), 30)
        assert [message.data for message in server.streams["S"].messages] == [b"kept"]
        await client.close()


async def told_twice(server):
    """Whether a publish with an id that is known is told to be a duplicate."""
    client = await nats.connect(server.url)
    js = client.jetstream()
    await js.add_stream(name="S", subjects=["s"])
    acks = [await js.publish("s", b"", headers={"Nats-Msg-Id": "1"}) for _ in range(2)]
    await client.close()
    return bool(acks[1].duplicate)


async def test_it_misbehaves_on_purpose():
    with ReferenceServer(faults=["JS-PUB-017"]) as server:
        assert not await told_twice(server)
    with ReferenceServer() as server:
        assert await told_twice(server)


def test_time_can_be_moved_without_a_loop():
    with ReferenceServer() as server:
        before = server.clock.now()
        server.clock.advance(86_400)
        assert server.clock.now() == before + 86_400
        with pytest.raises(ValueError, match="forward"):
            server.clock.advance(-1)


def test_real_time_can_not_be_moved():
    with ReferenceServer(real_time=True) as server:
        with pytest.raises(RuntimeError, match="real time"):
            server.clock.advance(1)
        assert server.clock.now() >= 0


def test_what_goes_wrong_is_told():
    with ReferenceServer() as server:
        with pytest.raises(RuntimeError, match="runs already"):
            server.start()
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(Exception, match="Error listening on port"):
            ReferenceServer(port=port).start()
        assert "Server is ready" in server.log
    with pytest.raises(RuntimeError, match="doesn't run"):
        _ = server.streams
    with pytest.raises(TypeError):
        ReferenceServer(max_paylod=1).start()


def test_options_are_the_server_s():
    async def told(server):
        client = await nats.connect(server.url)
        size = client.max_payload
        await client.close()
        return size

    with ReferenceServer(max_payload=123) as server:
        assert asyncio.run(told(server)) == 123


def test_it_is_ready_quickly():
    took = []
    for _ in range(5):
        began = time.perf_counter()
        with ReferenceServer():
            took.append(time.perf_counter() - began)
    print(f"ready in {statistics.median(took) * 1000:.1f} ms")
    assert all(took)


def test_the_plugin_is_found(pytester):
    pytester.makepyfile(
        "def test_it(nats_reference): assert nats_reference.url.startswith('nats://')"
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_the_example_project_passes():
    folder = Path(__file__).parents[2] / "docs" / "examples" / "orders"
    command = [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "--rootdir", folder]
    command += ["-c", os.devnull, "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [*command, folder],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr
