"""nats-py's consumers, unchanged, against the reference: pull, push, queue push, ordered, and a restart."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys

import nats
import pytest
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy


class Server:
    """The reference on a port and a store of its own, to be killed and started again."""

    def __init__(self, folder) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._folder = folder
        self._process = None

    def start(self) -> None:
        command = [sys.executable, "-m", "nats_reference", "-a", "127.0.0.1", "-js"]
        command += ["-p", str(self.port), "-sd", str(self._folder)]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE)
        while b"Server is ready" not in self._process.stderr.readline():
            assert self._process.poll() is None

    def stop(self, how=signal.SIGKILL) -> None:
        self._process.send_signal(how)
        self._process.wait()
        self._process.stderr.close()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def js(server):
    url = f"nats://127.0.0.1:{server.port}"
    client = await nats.connect(url, reconnect_time_wait=0.05, max_reconnect_attempts=-1)
    yield client.jetstream()
    await client.close()


async def filled(js, count):
    await js.add_stream(name="orders", subjects=["orders.*"])
    for number in range(1, count + 1):
        await js.publish(f"orders.{number % 3}", b"%d" % number)


async def test_pull(js):
    await filled(js, 7)
    subscription = await js.pull_subscribe("orders.*", durable="worker")
    first = await subscription.fetch(5, timeout=2)
    assert [message.data for message in first] == [b"1", b"2", b"3", b"4", b"5"]
    await first[0].ack_sync()
    await first[1].nak()
    again = await subscription.fetch(3, timeout=2)
    assert [(m.metadata.sequence.stream, m.metadata.num_delivered) for m in again] == [
        (2, 2),
        (6, 1),
        (7, 1),
    ]
    info = await subscription.consumer_info()
    assert (info.num_ack_pending, info.num_pending, info.ack_floor.stream_seq) == (6, 0, 1)
    with pytest.raises(NatsTimeout):
        await subscription.fetch(1, timeout=0.2)


async def test_a_pull_that_waits(js):
    await filled(js, 0)
    subscription = await js.pull_subscribe("orders.*", durable="worker")
    waiting = asyncio.create_task(subscription.fetch(1, timeout=2))
    await asyncio.sleep(0)
    await js.publish("orders.a", b"x")
    assert [message.data for message in await waiting] == [b"x"]


async def test_push_and_acknowledgements(js):
    await filled(js, 5)
    subscription = await js.subscribe("orders.1", durable="pushed", manual_ack=True)
    got = [await subscription.next_msg(timeout=2) for _ in range(2)]
    assert [message.data for message in got] == [b"1", b"4"]
    await got[0].in_progress()
    await got[0].term()
    await got[1].ack_sync()
    info = await subscription.consumer_info()
    assert (info.num_ack_pending, info.push_bound) == (0, True)


async def test_a_queue_of_pushed_messages(js):
    await filled(js, 0)
    counts = {"one": 0, "two": 0}
    done = asyncio.Event()

    def counting(name):
        async def count(message):
            counts[name] += 1
            await message.ack()
            if sum(counts.values()) == 60:
                done.set()

        return count

    for name in counts:
        await js.subscribe("orders.*", queue="workers", cb=counting(name), manual_ack=True)
    for number in range(60):
        await js.publish("orders.a", b"%d" % number)
    async with asyncio.timeout(5):
        await done.wait()
    assert min(counts.values()) > 0


async def test_an_ordered_consumer(js):
    await filled(js, 25)
    subscription = await js.subscribe("orders.*", ordered_consumer=True)
    got = [await subscription.next_msg(timeout=2) for _ in range(25)]
    assert [message.metadata.sequence.stream for message in got] == list(range(1, 26))
    await js.publish("orders.z", b"more")
    assert (await subscription.next_msg(timeout=2)).data == b"more"


async def test_management(js):
    await filled(js, 4)
    await js.add_consumer("orders", ConsumerConfig(durable_name="b", filter_subject="orders.2"))
    await js.add_consumer(
        "orders",
        ConsumerConfig(
            durable_name="a", ack_policy=AckPolicy.EXPLICIT, deliver_policy=DeliverPolicy.LAST
        ),
    )
    assert [info.name for info in await js.consumers_info("orders")] == ["a", "b"]
    assert (await js.consumer_info("orders", "b")).num_pending == 1
    assert await js.delete_consumer("orders", "a")
    with pytest.raises(nats.js.errors.NotFoundError):
        await js.consumer_info("orders", "a")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_restart_in_the_middle_of_consuming(server, js, how):
    await filled(js, 30)
    subscription = await js.pull_subscribe(
        "orders.*", durable="worker", config=ConsumerConfig(ack_wait=1.0)
    )
    acked: set[int] = set()
    restarted = False
    async with asyncio.timeout(30):
        while len(acked) < 30:
            batch = []
            with contextlib.suppress(nats.errors.Error, NatsTimeout):
                batch = await subscription.fetch(5, timeout=1)
            for message in batch:
                seq = message.metadata.sequence.stream
                assert seq not in acked
                with contextlib.suppress(nats.errors.Error, NatsTimeout):
                    await message.ack_sync(timeout=1)
                    acked.add(seq)
            if len(acked) >= 12 and not restarted:
                restarted = True
                server.stop(how)
                server.start()
    assert restarted
    info = await js.consumer_info("orders", "worker")
    assert (info.num_ack_pending, info.ack_floor.stream_seq) == (0, 30)
