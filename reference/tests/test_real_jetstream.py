"""nats-py's JetStream, unchanged, against the reference: management, publishing, reading, buckets."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import asynccontextmanager

import nats
import pytest
from nats.js.errors import (
    APIError,
    BadRequestError,
    NoStreamResponseError,
    NotFoundError,
    ServiceUnavailableError,
)


class Served:
    """The reference as a process, on a store of its own."""

    def __init__(self, *words: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.words = words
        self.start()

    def start(self) -> None:
        words = ["-a", "127.0.0.1", "-p", str(self.port), *self.words]
        command = [sys.executable, "-m", "nats_reference", *words]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE)
        while b"Server is ready" not in self.process.stderr.readline():
            assert self.process.poll() is None

    def stop(self) -> None:
        self.process.kill()
        self.process.stderr.read()
        self.process.wait()
        self.process.stderr.close()


@pytest.fixture
def served(tmp_path):
    made = Served("-js", "-sd", str(tmp_path))
    yield made
    made.stop()


@pytest.fixture
def bare():
    made = Served()
    yield made
    made.stop()


@asynccontextmanager
async def jetstream(served, **options):
    connected = await nats.connect(f"nats://127.0.0.1:{served.port}")
    try:
        yield connected.jetstream(timeout=20, **options)
    finally:
        await connected.close()


async def test_streams_are_managed(served):
    async with jetstream(served) as js:
        info = await js.add_stream(name="S", subjects=["s.*"], max_msgs=100)
        assert (info.config.name, info.config.max_msgs, info.state.messages) == ("S", 100, 0)
        assert (await js.account_info()).streams == 1
        for number in range(10):
            ack = await js.publish(f"s.{number % 3}", b"%d" % number, headers={"Key": "v"})
            assert (ack.stream, ack.seq, ack.duplicate) == ("S", number + 1, None)
        again = await js.publish("s.1", b"x", headers={"Nats-Msg-Id": "1"})
        assert (await js.publish("s.1", b"x", headers={"Nats-Msg-Id": "1"})).duplicate
        assert again.seq == 11
        with pytest.raises(BadRequestError) as refused:
            await js.publish("s.1", b"x", headers={"Nats-Expected-Last-Sequence": "3"})
        assert refused.value.err_code == 10071
        message = await js.get_msg("S", 3)
        assert (message.subject, message.data, message.headers) == ("s.2", b"2", {"Key": "v"})
        assert (await js.get_last_msg("S", "s.1")).seq == 11
        assert (await js.get_msg("S", 1, subject="s.2", next=True)).seq == 3
        assert await js.delete_msg("S", 3)
        with pytest.raises(NotFoundError):
            await js.get_msg("S", 3)
        info = await js.update_stream(
            name="S", subjects=["s.*", "t"], max_msgs=5, allow_direct=True
        )
        assert (info.state.messages, info.config.subjects) == (5, ["s.*", "t"])
        assert (await js.get_msg("S", 9, direct=True)).data == b"8"
        assert (await js.get_last_msg("S", "s.0", direct=True)).data == b"9"
        info = await js.stream_info("S", subjects_filter="s.>")
        assert sum(info.state.subjects.values()) == 5
        assert await js.find_stream_name_by_subject("t") == "S"
        assert [each.config.name for each in await js.streams_info()] == ["S"]
        assert await js.purge_stream("S", subject="s.1", keep=1)
        assert await js.purge_stream("S")
        assert (await js.stream_info("S")).state.messages == 0
        assert await js.delete_stream("S")
        with pytest.raises(NotFoundError):
            await js.stream_info("S")
        with pytest.raises(NoStreamResponseError):
            await js.publish("s.1", b"x")


async def test_errors_have_numbers(served):
    async with jetstream(served) as js:
        await js.add_stream(name="S", subjects=["s"])
        for config, err_code in (
            ({"name": "T", "subjects": ["s"]}, 10065),
            ({"name": "S", "subjects": ["t"]}, 10058),
            ({"name": "T", "subjects": ["a..b"]}, 10052),
            ({"name": "T", "num_replicas": 3}, 10074),
        ):
            with pytest.raises(APIError) as refused:
                await js.add_stream(**config)
            assert refused.value.err_code == err_code


async def test_asynchronous_publishes(served):
    async with jetstream(served, publish_async_max_pending=500) as js:
        for storage in ("file", "memory"):
            await js.add_stream(name=storage, storage=storage)
            futures = [await js.publish_async(storage, b"%d" % number) for number in range(2000)]
            await js.publish_async_completed()
            assert [(await each).seq for each in futures] == list(range(1, 2001))


async def test_what_is_acknowledged_survives(served):
    async with jetstream(served) as js:
        await js.add_stream(name="S", subjects=["s"], metadata={"a": "b"})
        await js.add_stream(name="M", storage="memory")
        futures = [await js.publish_async("s", b"%d" % number) for number in range(300)]
        await js.publish_async_completed()
        acknowledged = (await futures[-1]).seq
    served.stop()
    served.start()
    async with jetstream(served) as js:
        info = await js.stream_info("S")
        assert info.state.last_seq == acknowledged == 300
        assert info.config.metadata["a"] == "b"
        assert (await js.get_msg("S", 300)).data == b"299"
        with pytest.raises(NotFoundError):
            await js.stream_info("M")


async def test_consumers_deliver(served):
    async with jetstream(served) as js:
        await js.add_stream(name="S", subjects=["s.*"])
        for number in range(5):
            await js.publish(f"s.{number}", b"%d" % number)
        pulling = await js.pull_subscribe("s.*", "puller")
        got = await pulling.fetch(5, timeout=20)
        assert [message.data for message in got] == [b"0", b"1", b"2", b"3", b"4"]
        for message in got:
            await message.ack_sync()
        assert (await js.consumer_info("S", "puller")).num_ack_pending == 0
        pushed = await js.subscribe("s.*", ordered_consumer=True)
        assert [(await pushed.next_msg(20)).data for _ in range(5)] == [
            b"0",
            b"1",
            b"2",
            b"3",
            b"4",
        ]
        assert await js.delete_consumer("S", "puller")


async def test_buckets(served):
    async with jetstream(served) as js:
        bucket = await js.create_key_value(bucket="B", history=3, ttl=60, max_bytes=10_000)
        assert await bucket.put("key", b"one") == 1
        assert (await bucket.get("key")).value == b"one"
        assert await bucket.update("key", b"two", last=1) == 2
        await bucket.delete("key")
        assert (await bucket.status()).values == 3
        store = await js.create_object_store("O")
        await store.put("name", b"x" * 300_000)
        assert (await store.get("name")).data == b"x" * 300_000
        assert sorted(each.config.name for each in await js.streams_info()) == ["KV_B", "OBJ_O"]
        assert await js.delete_key_value("B")
        assert await js.delete_object_store("O")


async def test_a_client_without_jetstream_is_told(bare):
    async with jetstream(bare) as js:
        with pytest.raises(ServiceUnavailableError):
            await js.account_info()
