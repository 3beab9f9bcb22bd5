"""nats-py, unchanged, against the reference."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from contextlib import asynccontextmanager

import nats
import pytest
from flushing import flushed
from nats.errors import NoRespondersError


def start(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "nats_reference", "-a", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr is not None
    while b"Server is ready" not in process.stderr.readline():
        assert process.poll() is None
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(port):
    process = start(port)
    yield process
    stop(process)


@asynccontextmanager
async def client(port: int, **options):
    connected = await nats.connect(f"nats://127.0.0.1:{port}", **options)
    try:
        yield connected
    finally:
        await connected.close()


@pytest.mark.usefixtures("server")
async def test_publish_subscribe_and_wildcards(port):
    async with client(port) as one, client(port, no_echo=True) as two:
        subscription = await one.subscribe("a.*.>")
        await flushed(one)
        await two.publish("a.b.c", b"hi", headers={"Key": "value"})
        await two.publish("a.b", b"no")
        await two.publish("a.b.c.d", b"ho", reply="back")
        first, second = [await subscription.next_msg(10) for _ in range(2)]
        assert (first.subject, first.data, first.headers) == ("a.b.c", b"hi", {"Key": "value"})
        assert (second.subject, second.data, second.reply) == ("a.b.c.d", b"ho", "back")


@pytest.mark.usefixtures("server")
async def test_queue_group(port):
    async with client(port) as one, client(port) as two:
        got = {"one": 0, "two": 0}
        for connection, name in ((one, "one"), (two, "two")):

            async def count(_message, name=name):
                got[name] += 1

            await connection.subscribe("work", queue="team", cb=count)
            await flushed(connection)
        for _ in range(200):
            await one.publish("work", b"x")
        for connection in (one, two):
            await connection.flush()
        for _ in range(500):
            if sum(got.values()) == 200:
                break
            await asyncio.sleep(0.01)
        assert sum(got.values()) == 200
        assert min(got.values()) > 30


@pytest.mark.usefixtures("server")
async def test_request_reply_and_no_responders(port):
    async with client(port) as one, client(port) as two:

        async def answer(message):
            await message.respond(message.data.upper())

        await two.subscribe("service", cb=answer)
        await flushed(two)
        for _ in range(20):
            assert (await one.request("service", b"hi", timeout=10)).data == b"HI"
        assert (await one.request("service", b"hi", timeout=10, old_style=True)).data == b"HI"
        with pytest.raises(NoRespondersError):
            await one.request("nobody", b"hi", timeout=10)


@pytest.mark.usefixtures("server")
async def test_unsubscribe_after_and_drain(port):
    async with client(port) as one, client(port) as two:
        limited = await one.subscribe("foo")
        await limited.unsubscribe(limit=3)
        drained = []

        async def keep(message):
            drained.append(message.data)

        subscription = await one.subscribe("bar", cb=keep)
        await flushed(one)
        for number in range(10):
            await two.publish("foo", b"%d" % number)
            await two.publish("bar", b"%d" % number)
        await two.flush()
        assert [(await limited.next_msg(10)).data for _ in range(3)] == [b"0", b"1", b"2"]
        await subscription.drain()
        assert drained == [b"%d" % number for number in range(10)]
        await two.drain()
        assert two.is_closed


async def test_reconnect_after_the_server_was_killed(port):
    process = start(port)
    again = asyncio.Event()

    async def reconnected():
        again.set()

    async def ignore(_error):
        pass

    options = {"reconnect_time_wait": 0.05, "max_reconnect_attempts": -1}
    try:
        async with client(port, reconnected_cb=reconnected, error_cb=ignore, **options) as one:
            subscription = await one.subscribe("foo")
            await flushed(one)
            stop(process)
            process = start(port)
            await asyncio.wait_for(again.wait(), 20)
            await one.publish("foo", b"back")
            assert (await subscription.next_msg(10)).data == b"back"
    finally:
        stop(process)
