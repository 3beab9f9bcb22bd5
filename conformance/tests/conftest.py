"""Miniature servers: each is wrong in one way, and small enough to be sure of."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from raw_objects import Store, served

from nats_conformance.audit.client import Client
from nats_conformance.targets import resolve
from nats_conformance.targets.pool import start
from nats_conformance.targets.url import parse

Talk = Callable[[socket.socket], None]

INFO = (
    b'INFO {"server_id":"NA2ZSWRVUFYBGWVPUF2OJVHUQKO5KFOJBVNDBIHYWFRJVBEJGMQVLMUI","server_name":"mini","version":"2.15.1","proto":1,"go":"-",'
    b'"host":"127.0.0.1","port":1,"headers":true,"max_payload":1048576,"client_id":1} \r\n'
)


class Miniature:
    """A TCP server that talks to each client as `talk` does."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            self._talk(client)


@pytest.fixture
def miniature() -> Iterator[Callable[[Talk], Miniature]]:
    """Start a miniature server; it ends with the test."""
    started: list[Miniature] = []

    def start(talk: Talk) -> Miniature:
        started.append(Miniature(talk))
        return started[-1]

    yield start
    for each in started:
        each.close()


def lines(client: socket.socket) -> Iterator[bytes]:
    """The lines that a client sends."""
    with client.makefile("rb") as reader:
        yield from reader


def silent(client: socket.socket) -> None:
    """Says nothing, ever."""
    for _ in lines(client):
        pass


def http(client: socket.socket) -> None:
    """Waits for its client, as web servers do."""
    client.recv(1)
    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def always_wrong(client: socket.socket) -> None:
    """Greets and answers PING, and has an error for all else."""
    client.sendall(INFO)
    for line in lines(client):
        if line.upper().startswith(b"CONNECT"):
            continue
        client.sendall(b"PONG\r\n" if line == b"PING\r\n" else b"-ERR 'Wrong'\r\n")


def garbage(client: socket.socket) -> None:
    """Greets, lets clients in, and then talks nonsense."""
    client.sendall(INFO)
    for line in lines(client):
        if line.upper().startswith(b"SUB"):
            client.sendall(b"HELLO \xff\xfe THERE\r\n")
        elif line == b"PING\r\n":
            client.sendall(b"PONG\r\n")


def slow(client: socket.socket) -> None:
    """Answers PING, one byte at a time."""
    for byte in INFO:
        client.sendall(bytes([byte]))
    for line in lines(client):
        if line.startswith(b"PING"):
            for byte in b"PONG\r\n":
                client.sendall(bytes([byte]))


@pytest.fixture
def greeting() -> bytes:
    """An INFO that fits its schema."""
    return INFO


MINIATURES = {
    "silent": silent,
    "http": http,
    "always_wrong": always_wrong,
    "garbage": garbage,
    "slow": slow,
}


@pytest.fixture
def a_server(miniature: Callable[[Talk], Miniature]) -> Callable[[str], Miniature]:
    """Start one of the miniatures by its name."""
    return lambda name: miniature(MINIATURES[name])


class Ran:
    """What a command line came to."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.status = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def said(self) -> str:
        return self.out + self.err


@pytest.fixture
def run() -> Callable[..., Ran]:
    """Run `nats-conformance` as users do; it must never show a traceback."""

    def command(*words: str, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "nats_conformance", *words],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"} | environment,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Ran(done)

    return command


@pytest.fixture
def serving(request):
    """Start a target with JetStream; a client of it, and its URL."""

    def begin(target):
        instance = start(resolve(target), "jetstream", patience=10)
        request.addfinalizer(instance.stop)
        url = f"nats://{instance.address[0]}:{instance.address[1]}"
        client = Client(parse(url), 10)
        request.addfinalizer(client.close)
        return client, url

    return begin


@pytest.fixture(scope="module", params=["nats-server", "reference"])
def url(request):
    """A server with JetStream, one of each kind: its URL."""
    with served(request.param) as url:
        yield url


@pytest.fixture
def store(url):
    """An object store with something of everything."""
    store = Store(url, storage="memory")
    store.healthy()
    yield store
    store.close()
