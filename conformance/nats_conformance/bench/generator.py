"""One load generator for every server: a sender here, the subscribers in a process of their own.

Nothing is parsed while the clock runs. The subscribers count bytes and hand the sender a credit
for each chunk that reached all of them; the sender keeps at most `WINDOW` chunks under way, so
that no server has reason to cut off a slow consumer, and stops the clock at the last credit. The
first chunk is compared byte for byte, and a PING at the end shows that nothing else was sent.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING

from nats_conformance.bench.processes import cpu_seconds
from nats_conformance.bench.receivers import (
    CREDIT,
    DONE,
    PATIENCE,
    READY,
    Endpoint,
    Order,
    greeted,
    receive,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from nats_conformance.bench.servers import Server
    from nats_conformance.bench.traffic import Traffic

#: Chunks under way at a time: 8 MB for each subscriber, far below nats-server's max_pending.
WINDOW = 8
#: How long repeated traffic is sent.
SECONDS = 1.0


class BenchError(Exception):
    """The load didn't get through, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What went through, and what it cost."""

    messages: int
    seconds: float
    #: Shares of one core; None where that process can't be seen.
    server_cpu: float | None
    generator_cpu: float | None

    @property
    def rate(self) -> float:
        """Messages published a second."""
        return self.messages / self.seconds


def through(server: Server, traffic: Traffic, subscribers: int, seconds: float = SECONDS) -> Flow:
    """Publish the traffic through the server to that many subscribers."""
    order = _order(server.endpoint, traffic, subscribers)
    with _receiving(order) as receiving, greeted(server.endpoint) as publisher:
        receiving.wait_for(READY)
        return _flow([publisher], traffic, receiving, server.pid, seconds)


def alone(traffic: Traffic, subscribers: int, seconds: float = SECONDS) -> Flow:
    """Send the traffic straight to the subscribers: what the generator could do at most."""
    direct = traffic.direct()
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        host, port = listener.getsockname()[:2]
        order = _order(Endpoint(host, port, None), direct, subscribers)
        receiving = stack.enter_context(_receiving(order))
        connections = [stack.enter_context(listener.accept()[0]) for _ in range(subscribers)]
        receiving.wait_for(READY)
        return _flow(connections, direct, receiving, None, seconds)


@dataclass(frozen=True, slots=True)
class _Receiving:
    """The subscribers' process, as the sender sees it."""

    link: Connection
    pid: int | None

    def wait_for(self, expected: str) -> None:
        if not self.link.poll(PATIENCE):
            raise BenchError(f"nothing more arrived for {PATIENCE:.0f} s")
        try:
            told = self.link.recv()
        except EOFError:
            raise BenchError("the subscribers' process ended early") from None
        if told != expected:
            raise BenchError(told)


def _order(endpoint: Endpoint, traffic: Traffic, subscribers: int) -> Order:
    lengths = tuple(chunk.delivered for chunk in traffic.chunks)
    return Order(endpoint, subscribers, traffic.interest, lengths, traffic.first)


@contextmanager
def _receiving(order: Order) -> Iterator[_Receiving]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=receive, args=(order, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield _Receiving(ours, process.pid)
    finally:
        ours.close()
        process.join(timeout=PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _flow(
    connections: Sequence[socket.socket],
    traffic: Traffic,
    receiving: _Receiving,
    server_pid: int | None,
    seconds: float,
) -> Flow:
    def send(data: bytes) -> None:
        try:
            for connection in connections:
                connection.sendall(data)
        except OSError as error:
            raise BenchError(f"the server stopped taking messages: {error}") from error

    send(traffic.chunks[0].data)
    receiving.wait_for(CREDIT)

    sent, messages, credits_out = 1, 0, 0
    chunks = cycle(traffic.chunks) if traffic.repeat else islice(traffic.chunks, 1, None)
    watched = (server_pid, receiving.pid)
    before = [cpu_seconds(pid) for pid in watched]
    own_before = time.process_time()
    begin = time.perf_counter()
    for chunk in chunks:
        send(chunk.data)
        sent += 1
        messages += chunk.messages
        credits_out += 1
        while credits_out >= WINDOW:
            receiving.wait_for(CREDIT)
            credits_out -= 1
        if traffic.repeat and time.perf_counter() - begin >= seconds:
            break
    while credits_out:
        receiving.wait_for(CREDIT)
        credits_out -= 1
    elapsed = time.perf_counter() - begin
    own = time.process_time() - own_before
    spent = [
        None if then is None or (now := cpu_seconds(pid)) is None else now - then
        for pid, then in zip(watched, before, strict=True)
    ]
    receiving.link.send(sent)
    receiving.wait_for(DONE)
    server, subscribers = spent
    return Flow(
        messages,
        elapsed,
        None if server is None else server / elapsed,
        None if subscribers is None else (subscribers + own) / elapsed,
    )
