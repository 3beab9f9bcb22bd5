"""Measurements that aren't streams: round trips, starting, idle connections, many subscriptions.

One process does both sides of a round trip, so that what is timed is two passes through the
server and no switch between a requester and a responder. Neither side parses: every request has
a reply subject of its own, and both sides know the bytes that are due.
"""

from __future__ import annotations

import socket
import statistics
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from nats_conformance.bench.generator import BenchError, Flow, through
from nats_conformance.bench.processes import allow_files, resident_bytes
from nats_conformance.bench.receivers import PATIENCE, PING, barrier, greeted, read_to

if TYPE_CHECKING:
    from nats_conformance.bench.servers import Server
    from nats_conformance.bench.traffic import Traffic

ROUND_TRIPS = 5000
WARM_UP = 500
#: Sockets opened before the first of them is waited for.
BATCH = 200


def round_trip(server: Server) -> float:
    """Median time in microseconds from a request to its reply, one at a time."""
    payload = b"sixteen bytes ok"
    times: list[int] = []
    with greeted(server.endpoint) as requester, greeted(server.endpoint) as responder:
        barrier(requester, b"SUB _INBOX.bench.* 1\r\n")
        barrier(responder, b"SUB bench.service 1\r\n")
        for number in range(WARM_UP + ROUND_TRIPS):
            reply = b"_INBOX.bench.%06d" % number
            request = b"PUB bench.service %b 16\r\n%b\r\n" % (reply, payload)
            answer = b"PUB %b 16\r\n%b\r\n" % (reply, payload)
            requested = b"MSG bench.service 1 %b 16\r\n%b\r\n" % (reply, payload)
            answered = b"MSG %b 1 16\r\n%b\r\n" % (reply, payload)
            begin = time.perf_counter_ns()
            requester.sendall(request)
            _due(responder, requested)
            responder.sendall(answer)
            _due(requester, answered)
            times.append(time.perf_counter_ns() - begin)
    return statistics.median(times[WARM_UP:]) / 1000


def _due(connection: socket.socket, message: bytes) -> None:
    data = connection.recv(4096)
    while len(data) < len(message) or data != message:
        if PING in data:
            data = data.replace(PING, b"")
        elif not message.startswith(data):
            raise BenchError(f"got {data!r}, not {message!r}")
        if data != message:
            piece = connection.recv(4096)
            if not piece:
                raise BenchError("the server ended a connection")
            data += piece


def idle_bytes(server: Server, connections: int) -> float:
    """Resident memory of the server for each of many connections that do nothing."""
    usable = allow_files(connections + 200) - 200
    before = resident_bytes(server.pid)
    if before is None:
        raise BenchError("the memory of the server's process can't be seen here")
    with ExitStack() as stack:
        opened = 0
        while opened < min(connections, usable):
            batch = [
                stack.enter_context(socket.create_connection(server.endpoint.address, PATIENCE))
                for _ in range(min(BATCH, usable - opened, connections - opened))
            ]
            for connection in batch:
                read_to(connection, b"\r\n")
                connection.sendall((server.endpoint.connect or b"") + PING)
            for connection in batch:
                read_to(connection, b"PONG\r\n")
            opened += len(batch)
        after = resident_bytes(server.pid)
    if after is None:
        raise BenchError("the server ended")
    return (after - before) / opened


def with_interest(server: Server, traffic: Traffic, unrelated: int) -> Flow:
    """What goes through while another connection has that many subscriptions to other subjects.

    Of three, one is literal, one ends in `*` and one begins with it and ends in `>`, so that an
    index can't pass them over at the first token.
    """
    kinds = (b"other.n%d", b"other.n%d.*", b"*.n%d.>")
    lines = [
        b"SUB " + kinds[number % 3] % number + b" %d\r\n" % (number + 1)
        for number in range(unrelated)
    ]
    with greeted(server.endpoint) as holder:
        barrier(holder, b"".join(lines))
        return through(server, traffic, 1)
