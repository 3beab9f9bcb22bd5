"""A server: its options, its connections, its interest, and what it counts.

Knows no socket: `transport/` brings connections and takes their bytes away.
LIM-002, ROUTE-006, INFO-001, INFO-005.
"""

from __future__ import annotations

import random
import sys
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nats_reference import accounts, identity, keepalive, limits, replies
from nats_reference import connection as connections
from nats_reference import options as option_defaults
from nats_reference.logs import Log
from nats_reference.operations import table

if TYPE_CHECKING:
    from nats_reference.accounts import Account
    from nats_reference.clock import Clock
    from nats_reference.connection import Connection
    from nats_reference.jetstream.service import JetStream
    from nats_reference.language import Language
    from nats_reference.link import Link
    from nats_reference.operations.connect import ConnectOptions
    from nats_reference.options import Options
    from nats_reference.routing.subscription import Detail


@dataclass(slots=True)
class Counters:
    """What has happened since the start, connections that are gone included."""

    total_connections: int = 0
    slow_consumers: int = 0
    stale_connections: int = 0
    stalled: int = 0
    in_msgs: int = 0
    in_bytes: int = 0
    out_msgs: int = 0
    out_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """What is remembered of a connection that has ended."""

    cid: int
    host: str
    port: int
    options: ConnectOptions
    account: Account
    user: str
    #: Those that it had at its end.
    subscriptions: tuple[Detail, ...]
    started: float
    last_heard: float
    rtt: float
    stopped: float
    reason: str
    in_msgs: int
    out_msgs: int
    in_bytes: int
    out_bytes: int


class Server:
    """Everything that connections share."""

    def __init__(
        self,
        options: Options,
        clock: Clock,
        *,
        rng: random.Random | None = None,
        log: Log | None = None,
    ) -> None:
        self.options = options = option_defaults.with_defaults(options)
        self.clock = clock
        self.rng = rng or random.Random()
        self.log = log or Log()
        self.id = identity.key(identity.SERVER, self.rng)
        self.xkey = identity.key(identity.CURVE, self.rng)
        self.name = options.server_name or self.id
        self.runtime = "python" + ".".join(map(str, sys.version_info[:3]))
        #: The port that clients reach it on.
        self.port = options.port
        self.http_port = options.http_port
        self.connections: dict[int, Connection] = {}
        self.gone: deque[Gone] = deque(maxlen=options.max_closed_clients)
        self.accounts = accounts.made(options)
        self.interest = self.accounts[accounts.GLOBAL].interest
        self.counters = Counters()
        self.started = clock.now()
        #: Seconds from 1970 to what the clock calls 0.
        self.epoch = clock.wall() / 1e9 - self.started
        self.configured = self.wall()
        self.publishes = table.handlers(table.PUBLISHES)
        self.operations = table.handlers(table.OPERATIONS)
        #: Connections with something to send.
        self.dirty: list[Connection] = []
        #: Whether it is leaving, and accepts nobody (LDM-001).
        self.lame_duck = False
        #: Its streams, if it has any.
        self.jetstream: JetStream | None = None

    @cached_property
    def language(self) -> Language:
        """The client's language, made when it is first needed."""
        from nats_reference.language import Language  # noqa: PLC0415 - a tenth of a second

        return Language()

    def open_jetstream(self) -> None:
        """Bring the streams back and have them heard, if there are to be any.

        Raises:
            OSError: the store directory can't be used.
        """
        if self.options.jetstream is not None:
            from nats_reference.jetstream import service  # noqa: PLC0415 - a server may do without

            self.jetstream = service.opened(self, self.options.jetstream)

    def close_jetstream(self) -> None:
        """Let go of the streams; those who wait for messages are told."""
        if self.jetstream is not None:
            self.jetstream.close()
            self.flush()

    def accept(self, link: Link, host: str, port: int) -> Connection:
        """A client has come."""
        self.counters.total_connections += 1
        connection = connections.Connection(self, link, self.counters.total_connections, host, port)
        connections.greet(connection)
        if limits.too_many_connections(self):
            connection.fail(replies.MAX_CONNECTIONS, "Maximum Connections Exceeded")
        else:
            self.connections[connection.cid] = connection
            keepalive.begin(connection)
        self.flush()
        return connection

    def wall(self, moment: float | None = None) -> float:
        """A moment of the clock, or this one, in seconds since 1970."""
        return self.epoch + (self.clock.now() if moment is None else moment)

    def departed(self, connection: Connection, reason: str, held: tuple[Detail, ...]) -> None:
        """A connection has ended that had these subscriptions."""
        self.connections.pop(connection.cid, None)
        self.gone.append(
            Gone(
                connection.cid,
                connection.host,
                connection.port,
                connection.options,
                connection.account,
                connection.user,
                held,
                connection.started,
                connection.last_heard,
                connection.rtt,
                self.clock.now(),
                reason,
                connection.in_msgs,
                connection.out_msgs,
                connection.in_bytes,
                connection.out_bytes,
            )
        )
        for counters in (self.counters, connection.account.gone):
            counters.in_msgs += connection.in_msgs
            counters.in_bytes += connection.in_bytes
            counters.out_msgs += connection.out_msgs
            counters.out_bytes += connection.out_bytes

    def flush(self, publisher: Connection | None = None) -> None:
        """Send everything there is to send, once for each connection."""
        while self.dirty:
            dirty, self.dirty = self.dirty, []
            for connection in dirty:
                connection.dirty = False
                out = connection.out
                if not out:
                    continue
                data = b"".join(out)
                out.clear()
                connection.link.write(data)
                if connection.stalled and publisher is not None:
                    self.slow_down(publisher, connection)

    def slow_down(self, publisher: Connection, receiver: Connection) -> None:
        """A receiver is behind: cut it off if it is too far, else hold its publisher up."""
        if limits.too_much_pending(receiver, receiver.link.pending()):
            self.cut_slow_consumer(receiver, "Slow Consumer (Pending Bytes)")
        elif publisher is not receiver and not self.options.no_fast_producer_stall:
            self.counters.stalled += 1
            publisher.link.hold(limits.STALL_SECONDS)

    def cut_slow_consumer(self, connection: Connection, reason: str) -> None:
        """Close a client that doesn't read (LIM-009, LIM-010, LIM-013)."""
        if connection.closed:
            return
        self.counters.slow_consumers += 1
        connection.account.slow_consumers += 1
        self.log.info(f"{connection} - {reason}")
        connection.cut(reason)

    def set_stalled(self, connection: Connection, *, stalled: bool) -> None:
        """A client's outgoing buffer has become full, or has drained."""
        connection.stalled = stalled
        if self.options.no_fast_producer_stall:
            connection.interest.changed()
        if not stalled and connection.interest.watchers:
            for subscription in tuple(connection.subscriptions.values()):
                connection.interest.tell(subscription.subject)
