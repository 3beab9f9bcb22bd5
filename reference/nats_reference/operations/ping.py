"""PING, PONG and +OK (FRAME-008 .. FRAME-010, PING-005, INFO-019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import info, keepalive, replies

if TYPE_CHECKING:
    from nats_reference.connection import Connection


def ping(connection: Connection) -> None:
    """The client wants a PONG."""
    # EFFECT
    keepalive.heard(connection)
    # REPLY
    connection.send(replies.PONG)
    if wants_info(connection):
        connection.greeted = True
        connection.send(info.after_first_pong(connection.server, connection))


def wants_info(connection: Connection) -> bool:
    """Whether this PONG is the first after CONNECT, to a client that takes a later INFO."""
    if not connection.connected or connection.greeted:
        return False
    connection.greeted = True
    return connection.options.protocol >= 1


def pong(connection: Connection) -> None:
    """The client is alive, asked or not."""
    # EFFECT
    keepalive.answered(connection)


def ok(_connection: Connection) -> None:
    """A client may say so; it means nothing."""
