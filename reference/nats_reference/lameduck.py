"""Leaving in good order: told early, closed one by one (LDM-001 .. LDM-005).

A plan over the clock: the listener is closed, clients that take a later INFO
are told, and after the grace period connections end one after another, spread
over what is left of the duration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import info

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.server import Server

#: Nobody waits longer than this for the next connection to be closed.
LONGEST_STEP = 1.0


def enter(server: Server, done: Callable[[], None]) -> None:
    """Leave; `done` is called when the last client is gone."""
    server.log.info("Entering lame duck mode, stop accepting new clients")
    server.lame_duck = True
    leaving = list(server.connections.values())
    if not leaving:
        done()
        return
    for connection in leaving:
        if wants_to_know(connection):
            connection.send(info.lame_duck(server, connection))
    server.flush()
    step = interval(server, len(leaving))
    server.clock.call_later(
        server.options.lame_duck_grace_period, close_next, server, leaving, step, done
    )


def wants_to_know(connection: Connection) -> bool:
    """Whether the client takes an INFO that it didn't ask for (LDM-002)."""
    return connection.greeted and connection.options.protocol >= 1


def interval(server: Server, clients: int) -> float:
    """Seconds from one closed connection to the next, at most (LDM-004)."""
    options = server.options
    spread = options.lame_duck_duration - options.lame_duck_grace_period
    return min((spread if spread > 0 else 1.0) / clients, LONGEST_STEP)


def close_next(
    server: Server, leaving: list[Connection], step: float, done: Callable[[], None]
) -> None:
    """Close one connection and come back for the next."""
    leaving.pop(0).close("Server Shutdown")
    if not leaving:
        done()
        return
    wait = step * max(0.5, server.rng.random())
    server.clock.call_later(wait, close_next, server, leaving, step, done)
