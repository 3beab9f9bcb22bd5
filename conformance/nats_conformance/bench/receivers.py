"""The subscribers of a load: one process, a connection each, which counts bytes and no more.

It speaks with the sender over a pipe: `READY` once all have subscribed, `CREDIT` for each chunk
that reached every subscriber, a sentence when something is wrong. The sender answers with the
number of chunks sent; then a PING on each connection shows that nothing else came, and `DONE`.
"""

from __future__ import annotations

import selectors
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import accumulate, cycle, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

READY, CREDIT, DONE = "ready", "credit", "done"

PING, PONG = b"PING\r\n", b"PONG\r\n"

#: Seconds without a byte after which a server is given up.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect, and the CONNECT line that is let in there."""

    host: str
    port: int
    #: None when the sender itself is at the other end, and there is no server to greet.
    connect: bytes | None

    @property
    def address(self) -> tuple[str, int]:
        """As sockets want it."""
        return self.host, self.port


@dataclass(frozen=True, slots=True)
class Order:
    """What a subscribers' process has to do."""

    endpoint: Endpoint
    subscribers: int
    interest: bytes
    #: Bytes of each chunk as a subscriber gets it; begun anew when all have come.
    lengths: tuple[int, ...]
    first: bytes


def receive(order: Order, link: Connection) -> None:
    """Run the subscribers until the sender says how much it sent, or goes away."""
    connections: list[socket.socket] = []
    try:
        for _ in range(order.subscribers):
            connections.append(greeted(order.endpoint))
            if order.endpoint.connect is not None:
                barrier(connections[-1], b"SUB %b 1\r\n" % order.interest)
        link.send(READY)
        for number, connection in enumerate(connections, start=1):
            _verify(order, connection, number)
        link.send(CREDIT)
        counts, chunks = _count(order, connections, link)
        if order.endpoint.connect is not None:
            expected = sum(islice(cycle(order.lengths), chunks))
            for connection, count in zip(connections, counts, strict=True):
                _settle(connection, count - expected)
        link.send(DONE)
    except (OSError, EOFError, ValueError) as error:
        _complain(link, str(error) or type(error).__name__)
    finally:
        for connection in connections:
            connection.close()
        link.close()


def greeted(endpoint: Endpoint) -> socket.socket:
    """Open a connection and, at a server, have its CONNECT taken."""
    with ExitStack() as stack:
        connection = socket.create_connection(endpoint.address, timeout=PATIENCE)
        stack.enter_context(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if endpoint.connect is not None:
            read_to(connection, b"\r\n")
            barrier(connection, endpoint.connect)
        stack.pop_all()
    return connection


def barrier(connection: socket.socket, data: bytes = b"") -> None:
    """Send something and wait until the server has taken it."""
    connection.sendall(data + PING)
    read_to(connection, PONG)


def read_to(connection: socket.socket, ending: bytes) -> bytes:
    """Read until the bytes that came end like this."""
    data = b""
    while not data.endswith(ending):
        piece = connection.recv(65536)
        if not piece:
            said = data.decode(errors="replace").strip()
            raise ValueError(f"the server ended the connection; it said {said!r}")
        data += piece
    return data


def _verify(order: Order, connection: socket.socket, number: int) -> None:
    """Read the first chunk and compare it with what a server has to send for it."""
    data = bytearray(len(order.first))
    view = memoryview(data)
    filled = 0
    while filled < len(data):
        count = connection.recv_into(view[filled:])
        if not count:
            raise ValueError(f"the server ended the connection of subscriber {number}")
        filled += count
    if data != order.first:
        pairs = enumerate(zip(data, order.first, strict=True))
        at = next(index for index, (got, expected) in pairs if got != expected)
        near = slice(max(at - 20, 0), at + 20)
        got, expected = bytes(data[near]), order.first[near]
        raise ValueError(f"subscriber {number} got {got!r}, not {expected!r}, at byte {at}")


def _count(
    order: Order, connections: list[socket.socket], link: Connection
) -> tuple[list[int], int]:
    """Count what comes and give credit, until the sender says how many chunks it sent."""
    counts = [len(order.first)] * len(connections)
    boundaries = accumulate(cycle(order.lengths))
    next(boundaries)
    boundary = next(boundaries)
    buffer = bytearray(1 << 20)
    with selectors.DefaultSelector() as selector:
        selector.register(link, selectors.EVENT_READ)
        for index, connection in enumerate(connections):
            selector.register(connection, selectors.EVENT_READ, index)
        while True:
            for key, _ in selector.select():
                if key.fileobj is link:
                    return counts, link.recv()
                index = key.data
                received = connections[index].recv_into(buffer)
                if not received:
                    raise ValueError(f"the server ended the connection of subscriber {index + 1}")
                counts[index] += received
                while min(counts) >= boundary:
                    link.send(CREDIT)
                    boundary = next(boundaries)


def _settle(connection: socket.socket, surplus: int) -> None:
    """See that beside the expected bytes there were only PINGs of the server, and our PONG."""
    connection.sendall(PING)
    surplus += len(read_to(connection, PONG))
    if surplus < len(PONG) or surplus % len(PONG):
        raise ValueError(f"a subscriber got {surplus - len(PONG)} bytes more than were due")


def _complain(link: Connection, sentence: str) -> None:
    try:
        link.send(sentence)
    except OSError:
        return  # the sender is gone: nobody is left to be told
