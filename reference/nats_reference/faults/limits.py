"""Faults of chapter 61, limits: off by one, forgotten, or paid for by somebody else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference import replies
from nats_reference.config import keys, values
from nats_reference.faults import Patch, fault
from nats_reference.faults.keepalive import without_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.options import Options
    from nats_reference.routing.subscription import Subscription
    from nats_reference.server import Server

LIMITS = "nats_reference.limits"
OPTIONS = "nats_reference.options"
RELOAD = "nats_reference.reload"
SERVER = "nats_reference.server:Server"
CONNECTION = "nats_reference.connection:Connection"


@fault("LIM-001", "max_control_line is 1024, as the documentation says")
def documented_default(patch: Patch) -> None:
    """A default that was changed long ago."""
    patch.attribute(f"{OPTIONS}:MAX_CONTROL_LINE", 1024)


@fault("LIM-002", "one connection more than max_connections is taken")
def one_more(patch: Patch) -> None:
    """Off by one."""

    def too_many(server: Server) -> bool:
        limit = server.options.max_connections
        return limit < 0 or 0 < limit < len(server.connections)

    patch.attribute(f"{LIMITS}:too_many_connections", too_many)


@fault("LIM-002/kept", "the place of a client that has left stays taken")
def places_stay_taken(patch: Patch) -> None:
    """All connections there ever were are counted."""

    def too_many(server: Server) -> bool:
        limit = server.options.max_connections
        return limit < 0 or 0 < limit < server.counters.total_connections

    patch.attribute(f"{LIMITS}:too_many_connections", too_many)


@fault("LIM-002/silent", "a connection too many is closed without -ERR")
def silent_refusal(patch: Patch) -> None:
    """The client isn't told why."""
    without_error(patch, replies.MAX_CONNECTIONS)


@fault("LIM-003", "a negative max_connections is no limit")
def negative_is_unlimited(patch: Patch) -> None:
    """As it was before 2.12.8."""

    def too_many(server: Server) -> bool:
        return 0 < server.options.max_connections <= len(server.connections)

    patch.attribute(f"{LIMITS}:too_many_connections", too_many)


@fault("LIM-003/zero", "a max_connections of 0 is the default")
def zero_is_default(patch: Patch) -> None:
    """As if nothing had been said."""
    read = {"max_connections": ("max_connections", values.whole)}
    patch.attribute("nats_reference.config.loader:KEYS", keys.KEYS | read)


@fault("LIM-004", "a lower max_connections closes nobody")
def nobody_has_to_go(patch: Patch) -> None:
    """It is for new clients only."""
    patch.attribute(f"{RELOAD}:close_excess", lambda _: None)


@fault("LIM-004/silent", "a lower max_connections closes clients without -ERR")
def go_silently(patch: Patch) -> None:
    """The client isn't told why."""

    def close_excess(server: Server) -> None:
        for connection in list(server.connections.values())[server.options.max_connections :]:
            connection.close("Maximum Connections Exceeded")

    patch.attribute(f"{RELOAD}:close_excess", close_excess)


@fault("LIM-005", "max_subscriptions is for all connections together")
def shared_subscriptions(patch: Patch) -> None:
    """One client's subscriptions are another's limit."""

    def too_many(connection: Connection) -> bool:
        server = connection.server
        return 0 < server.options.max_subscriptions <= server.interest.index.count

    patch.attribute(f"{LIMITS}:too_many_subscriptions", too_many)


@fault("LIM-005/zero", "a max_subscriptions of 0 allows none")
def zero_subscriptions(patch: Patch) -> None:
    """0 is a limit like others."""

    def too_many(connection: Connection) -> bool:
        return len(connection.subscriptions) >= connection.server.options.max_subscriptions

    patch.attribute(f"{LIMITS}:too_many_subscriptions", too_many)


@fault("LIM-006", "a subscription too many closes the connection")
def too_many_is_the_end(patch: Patch) -> None:
    """It is told, and closed."""
    send_error = patch.original(f"{CONNECTION}.send_error")

    def strict(self: Connection, text: str) -> None:
        send_error(self, text)
        if text == replies.MAX_SUBSCRIPTIONS:
            self.close(text)

    patch.attribute(f"{CONNECTION}.send_error", strict)


@fault("LIM-006/kept", "UNSUB makes no room")
def subscriptions_stay_counted(patch: Patch) -> None:
    """All subscriptions there ever were are counted."""
    remember = patch.original(f"{CONNECTION}.remember")
    made: Counter[int] = Counter()

    def count(self: Connection, subscription: Subscription) -> None:
        made[self.cid] += 1
        remember(self, subscription)

    def too_many(connection: Connection) -> bool:
        return 0 < connection.server.options.max_subscriptions <= made[connection.cid]

    patch.attribute(f"{CONNECTION}.remember", count)
    patch.attribute(f"{LIMITS}:too_many_subscriptions", too_many)


@fault("LIM-007", "max_payload stays as it was at the start")
def payload_is_not_reloaded(patch: Patch) -> None:
    """A reload says nothing about it."""
    reload = patch.original(f"{RELOAD}:reload")

    def keep(server: Server, new: Options) -> None:
        reload(server, replace(new, max_payload=server.options.max_payload))

    patch.attribute(f"{RELOAD}:reload", keep)


@fault("LIM-008", "max_payload may be greater than max_pending")
def payload_beyond_pending(patch: Patch) -> None:
    """The two aren't compared."""
    validate = patch.original(f"{OPTIONS}:validate")

    def lax(options: Options) -> None:
        validate(replace(options, max_payload=0))

    patch.attribute(f"{OPTIONS}:validate", lax)


@fault("LIM-009", "what waits for a client grows without end")
def endless_buffer(patch: Patch) -> None:
    """Nobody is ever too far behind."""
    patch.attribute(f"{LIMITS}:too_much_pending", lambda _connection, _pending: False)


@fault("LIM-009/reason", "it isn't said why a slow consumer was closed")
def no_reason(patch: Patch) -> None:
    """An operator can't tell it from a client that left."""
    cut = patch.original(f"{CONNECTION}.cut")
    patch.attribute(f"{CONNECTION}.cut", lambda self, _reason: cut(self, "Client Closed"))


@fault("LIM-010", "a write may take for ever")
def no_write_deadline(patch: Patch) -> None:
    """Nobody looks whether it ended."""
    patch.attribute("nats_reference.transport.tcp:TcpLink._check", lambda *_: None)


@fault("LIM-011", "the publisher is closed in place of its slow consumer")
def publisher_pays(patch: Patch) -> None:
    """The messenger is to blame."""

    def slow_down(_self: Server, publisher: Connection, _receiver: Connection) -> None:
        publisher.close("Slow Consumer")

    patch.attribute(f"{SERVER}.slow_down", slow_down)


@fault("LIM-011/readers", "a slow consumer takes the other subscribers with it")
def readers_pay(patch: Patch) -> None:
    """Whoever has subscribed is closed."""
    cut = patch.original(f"{SERVER}.cut_slow_consumer")

    def cut_all(self: Server, connection: Connection, reason: str) -> None:
        cut(self, connection, reason)
        for other in tuple(self.connections.values()):
            if other.subscriptions:
                other.cut(reason)

    patch.attribute(f"{SERVER}.cut_slow_consumer", cut_all)


@fault("LIM-012", "no_fast_producer_stall drops nothing")
def option_ignored(patch: Patch) -> None:
    """A slow consumer is cut off all the same."""
    with_defaults: Callable[[Options], Options] = patch.original(f"{OPTIONS}:with_defaults")

    def ignore(options: Options) -> Options:
        return replace(with_defaults(options), no_fast_producer_stall=False)

    patch.attribute(f"{OPTIONS}:with_defaults", ignore)


@fault("LIM-013", "slow consumers aren't counted")
def slow_consumers_uncounted(patch: Patch) -> None:
    """The counter stays where it is."""
    cut = patch.original(f"{SERVER}.cut_slow_consumer")

    def forgetful(self: Server, connection: Connection, reason: str) -> None:
        cut(self, connection, reason)
        self.counters.slow_consumers = 0

    patch.attribute(f"{SERVER}.cut_slow_consumer", forgetful)
