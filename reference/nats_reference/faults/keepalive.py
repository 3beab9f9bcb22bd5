"""Faults of chapter 50, keepalive: PINGs at the wrong time, clients that are given up wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import keepalive, replies
from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from nats_reference.connection import Connection

KEEPALIVE = "nats_reference.keepalive"
CONNECTION = "nats_reference.connection:Connection"


@fault("PING-001", "the first PING comes after ping_interval")
def no_early_ping(patch: Patch) -> None:
    """There is nothing special about it."""
    patch.attribute(f"{KEEPALIVE}:FIRST_PING_SECONDS", 3600.0)


@fault("PING-001/hasty", "the first PING comes a second after CONNECT")
def hasty_ping(patch: Patch) -> None:
    """A client isn't settled yet."""
    patch.attribute(f"{KEEPALIVE}:FIRST_PING_SECONDS", 1.0)


@fault("PING-001/fixed", "the first PING comes after two seconds, however short ping_interval is")
def fixed_first_ping(patch: Patch) -> None:
    """An interval of less than that begins late."""
    patch.attribute(f"{KEEPALIVE}:first_delay", lambda _: keepalive.FIRST_PING_SECONDS)


@fault("PING-002", "busy clients are pinged like idle ones")
def ping_the_busy(patch: Patch) -> None:
    """Nothing counts as a sign of life."""
    patch.attribute(f"{KEEPALIVE}:quiet", lambda _: True)


@fault("PING-002/pong", "PONG counts as a sign of life")
def pong_is_life(patch: Patch) -> None:
    """Who answers is not asked again so soon."""
    answered = patch.original(f"{KEEPALIVE}:answered")

    def lively(connection: Connection) -> None:
        answered(connection)
        keepalive.heard(connection)

    patch.attribute(f"{KEEPALIVE}:answered", lively)


@fault("PING-002/receiving", "what is sent to a client counts as a sign of life")
def receiving_is_life(patch: Patch) -> None:
    """Who is sent enough is never asked."""
    mark_dirty = patch.original(f"{CONNECTION}.mark_dirty")

    def lively(self: Connection) -> None:
        mark_dirty(self)
        keepalive.heard(self)

    patch.attribute(f"{CONNECTION}.mark_dirty", lively)


@fault("PING-003", "one PING more than ping_max may be unanswered")
def patient(patch: Patch) -> None:
    """Stale connections stay an interval longer."""
    patch.attribute(f"{KEEPALIVE}:stale", lambda c: c.pings_out > c.server.options.ping_max)


@fault("PING-003/silent", "a stale connection is closed without -ERR")
def silent_end(patch: Patch) -> None:
    """The client isn't told why."""
    without_error(patch, replies.STALE_CONNECTION)


@fault("PING-004", "nobody is pinged before CONNECT")
def ping_the_connected_only(patch: Patch) -> None:
    """A connection without CONNECT lasts for ever."""
    begin = patch.original(f"{KEEPALIVE}:begin")

    def late(connection: Connection) -> None:
        begin(connection)
        if connection.ping_timer is not None:
            connection.ping_timer.cancel()
            connection.ping_timer = None

    patch.attribute(f"{KEEPALIVE}:begin", late)


@fault("PING-005", "a PONG answers one PING only")
def pong_for_ping(patch: Patch) -> None:
    """Two PINGs want two PONGs."""

    def answered(connection: Connection) -> None:
        connection.pings_out = max(0, connection.pings_out - 1)

    patch.attribute(f"{KEEPALIVE}:answered", answered)


@fault("PING-005/saved", "a PONG nobody asked for answers a later PING")
def pongs_are_saved(patch: Patch) -> None:
    """A client can answer in advance."""

    def answered(connection: Connection) -> None:
        connection.pings_out = min(1, connection.pings_out) - 1

    patch.attribute(f"{KEEPALIVE}:answered", answered)


@fault("PING-006", "stale connections aren't counted")
def stale_connections_uncounted(patch: Patch) -> None:
    """The counter stays where it is."""
    tick = patch.original(f"{KEEPALIVE}:tick")

    def forgetful(connection: Connection) -> None:
        tick(connection)
        connection.server.counters.stale_connections = 0

    patch.attribute(f"{KEEPALIVE}:tick", forgetful)


@fault("AUTHT-001", "a client may take any time for its CONNECT")
def no_authentication_timeout(patch: Patch) -> None:
    """The clock runs out and nothing happens."""
    patch.attribute(f"{KEEPALIVE}:auth_timed_out", lambda _: None)


@fault("AUTHT-001/silent", "who takes too long for CONNECT is closed without -ERR")
def silent_authentication_timeout(patch: Patch) -> None:
    """The client isn't told why."""
    without_error(patch, replies.AUTHENTICATION_TIMEOUT)


@fault("AUTHT-001/goes-on", "the time for CONNECT runs on after CONNECT")
def authentication_timeout_goes_on(patch: Patch) -> None:
    """Clients that are welcome are closed."""
    patch.attribute(
        f"{KEEPALIVE}:connected", lambda c: keepalive.later(c, keepalive.first_delay(c))
    )


def without_error(patch: Patch, text: str) -> None:
    """Have this error close the connection and say nothing."""
    fail = patch.original(f"{CONNECTION}.fail")

    def silent(self: Connection, said: str, reason: str) -> None:
        if said == text:
            self.close(reason)
        else:
            fail(self, said, reason)

    patch.attribute(f"{CONNECTION}.fail", silent)
