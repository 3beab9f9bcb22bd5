"""nats-py's JetStream, unchanged, against the reference: through a kill, in buckets, in vain."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import asynccontextmanager

import nats
import pytest
from nats.js.errors import NotFoundError, ServiceUnavailableError


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
