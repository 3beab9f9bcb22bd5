"""A server without a socket: what clients say goes in as bytes, what they read comes out."""

from __future__ import annotations

import io
import json
import random
from dataclasses import dataclass, field

import pytest

from nats_reference import faults
from nats_reference.clock import VirtualClock
from nats_reference.jetstream import keeping
from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.host import ENDLESS
from nats_reference.logs import Log
from nats_reference.options import Options
from nats_reference.server import Server
from nats_spec import grammars


@dataclass
class FakeLink:
    """What a socket would have been asked to do."""

    sent: bytearray = field(default_factory=bytearray)
    closed: bool = False
    aborted: bool = False
    backlog: int = 0
    held: list[float] = field(default_factory=list)
    waiting: list = field(default_factory=list)

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.sent += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def pending(self) -> int:
        return self.backlog

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)

    def aside(self, work, then) -> None:
        self.waiting.append((work, then))

    def compute(self) -> None:
        """Do what was put aside."""
        while self.waiting:
            work, then = self.waiting.pop(0)
            then(work())


class Client:
    """One client of the server under test."""

    def __init__(self, server: Server, connect: dict | None) -> None:
        self.server = server
        self.link = FakeLink()
        self.connection = server.accept(self.link, "127.0.0.1", 50000)
        self.info = json.loads(self.take().split(b" ", 1)[1].split(b"\r\n")[0])
        if connect is not None:
            said = {"verbose": False, "pedantic": False, "headers": True} | connect
            assert self.say(b"CONNECT " + json.dumps(said).encode() + b"\r\n") == b""

    def take(self) -> bytes:
        """What came since the last look."""
        data = bytes(self.link.sent)
        self.link.sent.clear()
        return data

    def say(self, *data: bytes) -> bytes:
        """Say something; what comes back."""
        for piece in data:
            if not self.connection.closed:
                self.connection.receive(piece)
                self.server.flush(self.connection)
        return self.take()

    @property
    def ended(self) -> bool:
        return self.connection.closed and (self.link.closed or self.link.aborted)


@dataclass
class World:
    """A server, its clock and its log."""

    server: Server
    clock: VirtualClock
    logged: io.StringIO

    def client(self, **connect) -> Client:
        """A client that has said CONNECT."""
        return Client(self.server, connect)

    def stranger(self) -> Client:
        """A client that has not."""
        return Client(self.server, None)


@pytest.fixture
def world():
    """Makes servers: `world(max_payload=5)`."""

    def make(**options) -> World:
        clock = VirtualClock()
        logged = io.StringIO()
        log = Log(stream=logged, debug=True, trace=options.pop("tracing", False))
        rng = random.Random(4)
        return World(Server(Options(**options), clock, rng=rng, log=log), clock, logged)

    yield make
    grammars.restore()


@pytest.fixture
def fault():
    """Installs a fault for one test."""
    patches = []

    def install(*names: str) -> None:
        patches.append(faults.apply(names))

    yield install
    for patch in patches:
        patch.undo()
    grammars.restore()


class StreamHost:
    """What a stream under test lives in: it notes what the stream publishes."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.logged = io.StringIO()
        self.log = Log(stream=self.logged, debug=True)
        self.rng = random.Random(4)
        self.domain = ""
        self.sync_interval = 120.0
        self.buffered = (1000, 1 << 27)
        self.rooms = (ENDLESS, ENDLESS)
        self.published: list[tuple] = []

    def publish(self, *message) -> None:
        self.published.append(message)

    def publish_all(self, messages) -> None:
        self.published.extend(map(tuple, messages))

    def spend(self, storage: str, size: int) -> None:
        """Nobody counts."""

    def room(self, storage: str) -> tuple[int, int]:
        assert storage in ("memory", "file")
        return self.rooms


class Streams:
    """Makes streams of one kind of storage, and publishes to them."""

    def __init__(self, storage: str, directory) -> None:
        self.storage = storage
        self.directory = directory
        self.host = StreamHost()
        self.open = []

    def create(self, **config):
        """A new stream."""
        config = StreamConfig(**{"name": "S", "storage": self.storage} | config)
        self.open.append(keeping.create(config, self.host, self.directory / config.name))
        return self.open[-1]

    def restart(self, stream):
        """The stream of a file after an orderly end."""
        stream.close()
        self.open.remove(stream)
        self.open.append(keeping.reopen(self.host, self.directory / stream.config.name))
        return self.open[-1]

    def put(self, stream, subject=b"a", payload=b"", reply=b"inbox", **said):
        """Publish without waiting; `Nats_Msg_Id=b"1"` is a field."""
        lines = [b"%b: %b" % (k.replace("_", "-").encode(), v) for k, v in said.items()]
        block = b"\r\n".join([b"NATS/1.0", *lines, b"", b""]) if lines else b""
        self.raw(stream, subject, block, payload, reply)

    def raw(self, stream, subject, block, payload=b"", reply=b"inbox"):
        """Publish any header block."""
        size = len(block) + len(payload)
        message = (subject, reply, b"%d" % len(block) if block else None, b"%d" % size, size)
        stream.ingest(None, message, block + payload + b"\r\n")

    def ask(self, stream, *arguments, **said):
        """Publish; the answer."""
        self.put(stream, *arguments, **said)
        return self.answers(stream)[-1]

    def answers(self, stream):
        """What was answered since the last look."""
        stream.drain()
        inbox = [json.loads(payload) for to, _, _, payload in self.host.published if to == b"inbox"]
        self.host.published.clear()
        return inbox


@pytest.fixture(params=["memory", "file"])
def streams(request, tmp_path):
    """Makes streams of both kinds of storage."""
    made = Streams(request.param, tmp_path)
    yield made
    for stream in made.open:
        stream.close()


@pytest.fixture
def kept_streams(tmp_path):
    """Makes streams in files."""
    made = Streams("file", tmp_path)
    yield made
    for stream in made.open:
        stream.close()
