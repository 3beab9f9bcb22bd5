"""The server's PINGs, stale connections, the time for CONNECT (PING-*, AUTHT-*).

Lower bounds are measured from before the server could start its clock, so they
hold on any machine; upper bounds are the runner's patience. Leaves out PING from
the client (FRAME-009) and the hourly round trip, which takes an hour.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.connection import Connection
from nats_conformance.expect import NoProgress
from nats_spec.operations import Err, Ping, Pong

if TYPE_CHECKING:
    from collections.abc import Callable

#: `ping_interval` of the config group `keepalive`, in seconds.
INTERVAL = 0.4
#: Clocks may be a hair apart.
ALMOST = 0.95


@case("PING-001", waits=True)
def test_first_ping_comes_two_seconds_after_connect(nats: Nats) -> None:
    nats.exchange.patience = max(nats.patience, 4)  # so long it may take
    c = nats.connect(auto_pong=False)
    began = time.monotonic()
    c.send('CONNECT {"verbose":false}\r\n')
    c.expect_nothing()  # a PING of its own doesn't spare it the server's
    c.expect(b"PING\r\n")
    assert time.monotonic() - began >= 2 * ALMOST


@case("PING-001", config="keepalive", waits=True)
def test_first_ping_comes_a_fifth_after_the_interval_at_most(nats: Nats) -> None:
    connected, silent = hello(nats), nats.connect(auto_pong=False)
    silent.expect(b"PING\r\nPING\r\n")
    silent.expect_closed("Stale Connection")  # that's three intervals
    connected.pump("its first PING", 0)
    assert connected.next() == Ping()


def hello(nats: Nats, more: str = "") -> Connection:
    """A client that answers no PING; the server's clock runs from its CONNECT."""
    connection = nats.connect(auto_pong=False)
    connection.send('CONNECT {"verbose":false,"pedantic":false}\r\n' + more)
    return connection


@case("PING-002", config="keepalive", waits=True)
def test_what_a_client_does_spares_it_the_ping(nats: Nats) -> None:
    foo = nats.name("foo")
    words = (f"PUB {foo} 2\r\nhi\r\n", f"SUB {foo}.x 1\r\n", "UNSUB 2\r\n", "PING\r\n")
    busy = {word: hello(nats) for word in words}
    idle = hello(nats)
    for connection in (*busy.values(), idle):
        connection.expect(b"PING\r\n")  # the first, which comes to everybody
        connection.send(b"PONG\r\n")
    for _ in range(5):  # a machine may let an interval pass by itself, but not each time
        rounds = keep_busy(busy, idle, nats.patience)
        if not sum(pings(c, rounds if w == "PING\r\n" else 0) for w, c in busy.items()):
            break
    else:
        raise Mismatch("a client that was busy was pinged, five times of five", "no PING")
    for connection in busy.values():
        connection.expect(b"PING\r\n")


def keep_busy(busy: dict[str, Connection], idle: Connection, patience: float) -> int:
    """Send each its word again and again until three more PINGs came to `idle`: how often."""
    limit = time.monotonic() + patience
    rounds = pinged = 0
    while pinged < 3:
        if time.monotonic() > limit:
            raise Mismatch("PONG and +OK were taken for signs of life", "PING")
        for word, connection in busy.items():
            connection.send(f"{word}PONG\r\n")  # never stale, whatever comes
        idle.send(b"PONG\r\n+OK\r\n")
        rounds += 1
        with contextlib.suppress(NoProgress):
            idle.pump("PING", INTERVAL / 10)
        while idle.frames:
            pinged += idle.next() == Ping()
    return rounds


def pings(connection: Connection, pongs: int) -> int:
    """How many PINGs came so far, beside so many PONGs."""
    connection.send(b"PING\r\n")
    found = 0
    while pongs >= 0:
        operation = connection.next()
        found += operation == Ping()
        pongs -= operation == Pong()
    return found


@case("PING-003", "PING-004", config="keepalive", waits=True)
def test_who_answers_no_ping_is_closed_as_stale(nats: Nats) -> None:
    began = time.monotonic()
    connected = hello(nats)
    silent = nats.connect(auto_pong=False)
    for connection in (connected, silent):
        connection.expect(b"PING\r\n")
        connection.expect(b"PING\r\n")
        connection.expect_closed("Stale Connection")
        assert time.monotonic() - began >= 3 * INTERVAL * ALMOST


@case("PING-002", "PING-003", config="keepalive", waits=True)
def test_receiving_is_no_sign_of_life(nats: Nats) -> None:
    foo = nats.name("foo")
    publisher, c = nats.client(), hello(nats)
    c.send(f"SUB {foo} 1\r\n")
    limit = time.monotonic() + nats.patience
    while not c.ended:
        if time.monotonic() > limit:
            raise Mismatch("a client that only receives isn't stale", "Stale Connection")
        publisher.send(f"PUB {foo} 2\r\nhi\r\n")
        for each in (publisher, c):  # the one has nothing to read: that's the pause
            with contextlib.suppress(NoProgress):
                each.pump("what comes", INTERVAL / 20)
    got = c.read_until_closed()
    assert got.count(Ping()) == 2
    assert got[-1] == Err(b"Stale Connection")


@case("PING-005", config="keepalive", waits=True)
def test_one_pong_answers_all_pings_before_it(nats: Nats) -> None:
    def check() -> None:
        c = hello(nats)
        c.expect(b"PING\r\nPING\r\n")
        c.send(b"PONG\r\n")
        c.expect(b"PING\r\nPING\r\n")
        c.expect_closed("Stale Connection")

    persistently(check)


@case("PING-005", config="keepalive", waits=True)
def test_a_pong_nobody_asked_for_is_not_saved_up(nats: Nats) -> None:
    def check() -> None:
        c = hello(nats, "PONG\r\n" * 5)
        c.expect(b"PING\r\nPING\r\n")
        c.expect_closed("Stale Connection")

    persistently(check)


def persistently(check: Callable[[], None]) -> None:
    """It fails three times: a busy machine, whose PONG is late, does not."""
    for _ in range(2):
        try:
            check()
        except Mismatch:
            continue
        return
    check()


@case("PING-006", config="keepalive", waits=True)
def test_varz_counts_stale_connections(nats: Nats) -> None:
    before = nats.monitor("/varz")
    c = hello(nats)
    c.expect(b"PING\r\nPING\r\n")
    c.expect_closed("Stale Connection")
    after = nats.monitor("/varz")
    assert after["stale_connections"] > before["stale_connections"]
    counts = [each["stale_connection_stats"]["clients"] for each in (before, after)]
    assert counts[1] > counts[0]


@case("AUTHT-001", private=True, waits=True)
def test_a_client_has_so_long_to_authenticate(nats: Nats) -> None:
    server = nats.start(text='authorization { token: "s3cr3t", timeout: 0.9 }\n')
    began = time.monotonic()
    client, silent = server.client(auth_token="s3cr3t"), server.connect()
    silent.expect_closed("Authentication Timeout")
    assert time.monotonic() - began >= 0.9 * ALMOST
    client.expect_nothing()  # its time would have run out too
