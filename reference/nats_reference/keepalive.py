"""Who is still there: PING both ways, stale connections, the time for CONNECT.

PING-001 .. PING-006, AUTHT-001. One timer a connection. The clock is the
server's, so that a test can be a day ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import replies

if TYPE_CHECKING:
    from nats_reference.connection import Connection

#: The first PING after CONNECT comes no later than this, and up to a fifth more (PING-001).
FIRST_PING_SECONDS = 2.0
JITTER = 0.2
#: However busy a connection is, it is pinged once in so many seconds.
ROUND_TRIP_EVERY = 3600.0


def begin(connection: Connection) -> None:
    """A connection is open: it will be pinged, CONNECT or not (PING-004)."""
    server = connection.server
    later(connection, server.options.ping_interval)
    if connection.awaiting_auth:
        connection.auth_timer = server.clock.call_later(
            server.options.auth_timeout, auth_timed_out, connection
        )


def end(connection: Connection) -> None:
    """The connection is closed."""
    for timer in (connection.ping_timer, connection.auth_timer):
        if timer is not None:
            timer.cancel()
    connection.ping_timer = connection.auth_timer = None


def connected(connection: Connection) -> None:
    """CONNECT has come: the first PING is due soon."""
    if not connection.rtt:
        connection.rtt = connection.server.clock.now() - connection.started
    if connection.auth_timer is not None:
        connection.auth_timer.cancel()
        connection.auth_timer = None
    later(connection, first_delay(connection))


def first_delay(connection: Connection) -> float:
    """How long after CONNECT the first PING is."""
    server = connection.server
    delay = min(server.options.ping_interval, FIRST_PING_SECONDS)
    return delay * (1 + JITTER * server.rng.random())


def later(connection: Connection, delay: float) -> None:
    """Look at the connection again after `delay` seconds."""
    if connection.ping_timer is not None:
        connection.ping_timer.cancel()
    connection.ping_timer = connection.server.clock.call_later(delay, tick, connection)


def heard(connection: Connection) -> None:
    """The client sent a message, SUB, UNSUB or PING: it is alive (PING-002)."""
    connection.last_heard = connection.server.clock.now()


def answered(connection: Connection) -> None:
    """The client sent a PONG, asked or not (PING-005)."""
    if connection.pings_out and connection.last_pinged is not None:
        connection.rtt = connection.server.clock.now() - connection.last_pinged
    connection.pings_out = 0


def tick(connection: Connection) -> None:
    """Ping, wait, or give up."""
    connection.ping_timer = None
    if connection.closed:
        return
    server = connection.server
    if not quiet(connection):
        later(connection, server.options.ping_interval)
    elif stale(connection):
        server.counters.stale_connections += 1
        connection.fail(replies.STALE_CONNECTION, "Stale Connection")
    else:
        connection.pings_out += 1
        connection.last_pinged = server.clock.now()
        connection.send(replies.PING)
        server.flush()
        later(connection, server.options.ping_interval)


def quiet(connection: Connection) -> bool:
    """Whether the client has to be asked: nothing came within the interval (PING-002)."""
    now = connection.server.clock.now()
    if connection.last_pinged is None or now - connection.last_pinged > ROUND_TRIP_EVERY:
        return True
    return now - connection.last_heard >= connection.server.options.ping_interval


def stale(connection: Connection) -> bool:
    """Whether as many PINGs as allowed are unanswered (PING-003)."""
    return connection.pings_out >= connection.server.options.ping_max


def auth_timed_out(connection: Connection) -> None:
    """No CONNECT came in time (AUTHT-001, ERR-015)."""
    connection.auth_timer = None
    connection.fail(replies.AUTHENTICATION_TIMEOUT, "Authentication Timeout")
