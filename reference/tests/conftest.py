"""A server without a socket: what clients say goes in as bytes, what they read comes out."""

from __future__ import annotations

import io
import json
import random
from dataclasses import dataclass, field

import pytest

from nats_reference import faults
from nats_reference.clock import VirtualClock
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
