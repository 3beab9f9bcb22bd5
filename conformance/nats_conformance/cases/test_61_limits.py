"""What a server limits, and what becomes of who goes beyond it (LIM-*).

A client that never reads is made with a small receive buffer, so that the
server's own buffer fills soon. Leaves out the limits of lines and payloads, which
chapters 10 and 31 have, and the wording of the log.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.expect import NoProgress
from nats_spec.operations import Err, Msg, Pong

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.connection import Connection
    from nats_conformance.server import Server

SECOND = 1_000_000_000
DEFAULTS = {
    "max_connections": 65536,
    "max_control_line": 4096,
    "max_payload": 1048576,
    "max_pending": 67108864,
    "ping_interval": 120 * SECOND,
    "ping_max": 2,
    "auth_timeout": 2,
    "tls_timeout": 2,
    "write_deadline": 10 * SECOND,
}
FULL = "maximum connections exceeded"
#: The kernel takes up to some 4 MB for a client before the server's buffer begins.
SMALL = 16384
LONG = b"x" * 65536


@case("LIM-001", config="monitoring", deliveries=False)
def test_the_defaults(nats: Nats) -> None:
    shown = nats.monitor("/varz")
    assert {name: shown[name] for name in DEFAULTS} == DEFAULTS


@case("LIM-002", private=True)
def test_the_connection_too_many_is_refused_until_one_leaves(nats: Nats) -> None:
    server = nats.start(text="max_connections: 3\n")
    seated = [seat(server, nats.patience) for _ in range(3)]
    for _ in range(2):
        server.connect().expect_closed(FULL)
    for connection in seated:
        connection.expect_nothing()
    seated[0].close()
    seat(server, nats.patience)
    server.connect().expect_closed(FULL)


def seat(server: Server, patience: float) -> Connection:
    """A connection that got a place: who left a moment ago may still have one."""
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        connection = server.connect()
        connection.send(b"PING\r\n")
        with contextlib.suppress(Mismatch):
            if isinstance(connection.next(), Pong):
                return connection
        connection.close()
    raise Mismatch(f"no place came free in {patience:g} s", "a place")


@case("LIM-003", private=True)
def test_no_place_at_all(nats: Nats) -> None:
    for limit in (-1, 0):
        server = nats.start(text=f"max_connections: {limit}\n")
        for _ in range(2):
            server.connect().expect_closed(FULL)


@case("LIM-004", private=True)
def test_a_lower_max_connections_closes_those_too_many(nats: Nats) -> None:
    server = nats.start(text="max_connections: 4\n")
    clients = [seat(server, nats.patience) for _ in range(4)]
    server.reload("max_connections: 2\n")
    closed = until(nats, lambda: ended(clients, 2), "two of four are closed")
    for connection in closed:
        connection.expect_closed(FULL)
    for connection in clients:
        if connection not in closed:
            connection.expect_nothing()
    server.connect().expect_closed(FULL)


def ended(connections: list[Connection], count: int) -> list[Connection]:
    """The connections that the server ended, once there are `count`."""
    for connection in connections:
        with contextlib.suppress(NoProgress):
            if not connection.ended:
                connection.pump("its end", 0.01)
    gone = [connection for connection in connections if connection.ended]
    return gone if len(gone) >= count else []


@case("LIM-005", private=True)
def test_max_subscriptions_of_zero_is_no_limit(nats: Nats) -> None:
    c = nats.start(text="max_subscriptions: 0\n").client()
    c.send("".join(f"SUB {nats.name()} {sid}\r\n" for sid in range(1000)))
    c.expect_nothing()


@case("LIM-006", config="subscription-limits")
def test_a_subscription_that_ended_by_itself_makes_room(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo} 1\r\nUNSUB 1 1\r\nSUB {foo}.x 2\r\nSUB {foo}.y 3\r\n")
    c.expect_error("maximum subscriptions exceeded")
    c.send(f"PUB {foo} 2\r\nhi\r\nSUB {foo}.y 3\r\nPUB {foo}.y 2\r\nho\r\n")
    c.expect(f"MSG {foo} 1 2\r\nhi\r\nMSG {foo}.y 3 2\r\nho\r\n")
    c.expect_nothing()


@case("LIM-007", private=True)
def test_a_reloaded_max_payload_holds_for_clients_that_are_there(nats: Nats) -> None:
    server = nats.start(text="max_payload: 100\n")
    one, other, foo = server.client(), server.client(), nats.name("foo")
    server.reload("max_payload: 5\n")
    one.send(f"SUB {foo} 1\r\nPUB {foo} 5\r\n12345\r\n")
    one.expect(f"MSG {foo} 1 5\r\n12345\r\n")
    one.send(f"PUB {foo} 6\r\n")
    one.expect_closed("Maximum Payload Violation")
    server.reload("max_payload: 200\n")
    other.send(f"SUB {foo} 1\r\nPUB {foo} 200\r\n{'x' * 200}\r\n")
    other.expect(f"MSG {foo} 1 200\r\n{'x' * 200}\r\n")


@case("LIM-008", private=True)
def test_a_payload_that_no_buffer_holds_is_refused(nats: Nats) -> None:
    nats.start(text="max_payload: 4096\nmax_pending: 4096\n")
    nats.refuses("max_payload: 4097\nmax_pending: 4096\n")


@case("LIM-009", "ERR-024", config="slow-consumers", deliveries=False)
def test_who_never_reads_is_cut_off_without_a_word(nats: Nats) -> None:
    foo, publisher = nats.name("foo"), nats.client()
    slow = deaf(nats, foo)
    sent = flood(publisher, foo, lambda: reason(nats, slow))
    assert reason(nats, slow) == "Slow Consumer (Pending Bytes)"
    got = slow.read_until_closed()
    assert not any(isinstance(operation, Err) for operation in got)
    assert sum(isinstance(operation, Msg) for operation in got) < sent


@case("LIM-010", config="write-deadline", deliveries=False, waits=True)
def test_who_takes_nothing_until_the_write_deadline_is_cut_off(nats: Nats) -> None:
    foo, publisher = nats.name("foo"), nats.client()
    slow = deaf(nats, foo)
    for _ in range(8):  # 8 MiB: more than a kernel takes, less than max_pending
        publisher.send(b"PUB %b 65536\r\n%b\r\n" % (foo.encode(), LONG) * 16)
        publisher.expect_nothing()
    why = until(nats, lambda: reason(nats, slow), "the client is closed")
    assert why == "Slow Consumer (Write Deadline)"
    assert not any(isinstance(operation, Err) for operation in slow.read_until_closed())


@case("LIM-011", config="slow-consumers", deliveries=False)
def test_nobody_else_pays_for_a_slow_consumer(nats: Nats) -> None:
    foo, publisher, reader = nats.name("foo"), nats.client(), nats.client()
    reader.send(f"SUB {foo} 1\r\n")
    reader.flush()
    slow, received = deaf(nats, foo), 0

    def read_and_look() -> bool:
        nonlocal received
        received += sum(isinstance(operation, Msg) for operation in reader.barrier())
        return bool(reason(nats, slow))

    sent = flood(publisher, foo, read_and_look)
    assert received == sent
    publisher.send(f"PUB {foo} 2\r\nhi\r\n")
    publisher.expect_nothing()
    reader.expect(f"MSG {foo} 1 2\r\nhi\r\n")


@case("LIM-012", config="no-stall", deliveries=False)
def test_without_stalls_messages_are_dropped_for_the_slow_alone(nats: Nats) -> None:
    foo, publisher, reader = nats.name("foo"), nats.client(), nats.client()
    reader.send(f"SUB {foo} 1\r\n")
    reader.flush()
    slow, received = deaf(nats, foo), 0
    rounds = iter(range(40))  # 10 MiB

    def read() -> bool:
        nonlocal received
        received += sum(isinstance(operation, Msg) for operation in reader.barrier())
        return next(rounds, None) is None

    sent = flood(publisher, foo, read)
    assert received == sent
    kept = sum(isinstance(operation, Msg) for operation in slow.barrier())
    assert 0 < kept < sent
    publisher.send(f"PUB {foo} 2\r\nhi\r\n")
    publisher.flush()
    slow.expect(f"MSG {foo} 1 2\r\nhi\r\n")


@case("LIM-013", config="slow-consumers", deliveries=False)
def test_varz_counts_slow_consumers(nats: Nats) -> None:
    before, foo = nats.monitor("/varz"), nats.name("foo")
    deaf(nats, foo)

    def counted() -> bool:
        now = nats.monitor("/varz")
        return bool(
            now["slow_consumers"] > before["slow_consumers"]
            and now["slow_consumer_stats"]["clients"] > before["slow_consumer_stats"]["clients"]
        )

    flood(nats.client(), foo, counted)


def deaf(nats: Nats, subject: str) -> Connection:
    """A subscriber that reads nothing from now on."""
    connection = nats.client(rcvbuf=SMALL)
    connection.send(f"SUB {subject} 1\r\n")
    connection.flush()
    return connection


def flood(publisher: Connection, subject: str, enough: Callable[[], Any]) -> int:
    """Publish 64 KiB messages, four at a time, until `enough`; how many."""
    burst = b"PUB %b 65536\r\n%b\r\n" % (subject.encode(), LONG) * 4
    for sent in range(4, 1024, 4):
        publisher.send(burst)
        publisher.expect_nothing()
        if enough():
            return sent
    raise Mismatch("nothing happened to the slow consumer", "it is cut off", "64 MiB later")


def reason(nats: Nats, connection: Connection) -> str:
    """Why the server closed the connection; nothing as long as it didn't."""
    cid = connection.info["client_id"]
    closed = nats.monitor(f"/connz?state=closed&cid={cid}")["connections"]
    return next((each["reason"] for each in closed if each["cid"] == cid), "")


def until(nats: Nats, condition: Callable[[], Any], what: str) -> Any:
    """Ask until it is so; what it is."""
    limit = time.monotonic() + nats.patience
    while time.monotonic() < limit:
        if found := condition():
            return found
    raise Mismatch(f"not within {nats.patience:g} s", what)
