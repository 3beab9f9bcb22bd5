"""Faults of chapter 31, publish and subscribe: the form of messages, and who gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.operations.pub import Message
    from nats_reference.routing.interest import Route
    from nats_reference.routing.subscription import Subscription

PUB = "nats_reference.operations.pub"
DELIVERY = "nats_reference.routing.delivery"
ROUTE = "nats_reference.routing.interest:Route.__init__"


def reroute(patch: Patch, change: Callable[[list[Subscription]], list[Subscription]]) -> None:
    """Change which of the subscriptions found are delivered to."""
    make = patch.original(ROUTE)

    def other(self: Route, subject: bytes, found: list[Subscription]) -> None:
        make(self, subject, change(found))

    patch.attribute(ROUTE, other)


@fault("MSG-001", "a message names the pattern instead of its subject")
def pattern_for_subject(patch: Patch) -> None:
    """A wildcard subscription sees its own pattern."""
    line = patch.original(f"{DELIVERY}:control_line")
    patch.attribute("nats_reference.routing.interest:unconditional", lambda _subscription: False)
    patch.attribute(f"{DELIVERY}:control_line", lambda s, m: line(s, (s.subject, *m[1:])))


@fault("MSG-001/reply", "a message comes without its reply subject")
def reply_is_lost(patch: Patch) -> None:
    """Nobody knows where to answer."""
    line = patch.original(f"{DELIVERY}:control_line")
    patch.attribute("nats_reference.routing.interest:unconditional", lambda _subscription: False)
    patch.attribute(f"{DELIVERY}:control_line", lambda s, m: line(s, (m[0], None, *m[2:])))


@fault("MSG-002", "nobody gets header blocks")
def headers_for_nobody(patch: Patch) -> None:
    """Every message is a MSG."""
    patch.attribute(f"{DELIVERY}:carries_headers", lambda _receiver: False)


@fault("MSG-003", "everybody gets header blocks")
def headers_for_all(patch: Patch) -> None:
    """Receivers that never announced headers get HMSG."""
    patch.attribute(f"{DELIVERY}:carries_headers", lambda _receiver: True)


@fault("ROUTE-001", "a connection gets one copy, however many subscriptions match")
def one_copy_a_connection(patch: Patch) -> None:
    """All its other subscriptions miss the message."""

    def first(found: list[Subscription]) -> list[Subscription]:
        plain = {s.connection.cid: s for s in reversed(found) if s.queue is None}
        return [*plain.values(), *(s for s in found if s.queue is not None)]

    reroute(patch, first)


@fault("ROUTE-003", "every tenth message is overtaken by the next")
def messages_are_overtaken(patch: Patch) -> None:
    """One publisher's messages change places."""
    publish = patch.original(f"{PUB}:publish")
    held: list[tuple[Connection, Message, bytes]] = []
    count = 0

    def late(connection: Connection, message: Message, payload: bytes) -> None:
        nonlocal count
        count += 1
        if count % 10 == 5:
            held.append((connection, message, payload))
            return
        publish(connection, message, payload)
        while held:
            publish(*held.pop())

    patch.attribute(f"{PUB}:publish", late)


@fault("ROUTE-004", "a message is delivered twice")
def twice(patch: Patch) -> None:
    """Every plain subscription gets a second copy."""
    reroute(patch, lambda found: [*found, *(s for s in found if s.queue is None)])


@fault("ROUTE-004/error", "a message without a receiver is an error")
def nobody_is_an_error(patch: Patch) -> None:
    """The publisher is told."""
    publish = patch.original(f"{PUB}:publish")

    def strict(connection: Connection, message: Message, payload: bytes) -> Any:  # noqa: ANN401
        route = connection.server.interest.route(message[0])
        if not (route.plain or route.groups):
            connection.send_error("No Subscribers")
        return publish(connection, message, payload)

    patch.attribute(f"{PUB}:publish", strict)


@fault("ROUTE-005", "a new subscription gets the last message on its subject")
def last_message_is_retained(patch: Patch) -> None:
    """The server keeps what was published."""
    publish = patch.original(f"{PUB}:publish")
    remember = patch.original("nats_reference.connection:Connection.remember")
    last: dict[bytes, bytes] = {}

    def keep(connection: Connection, message: Message, payload: bytes) -> None:
        last[message[0]] = payload
        publish(connection, message, payload)

    def catch_up(self: Connection, subscription: Subscription) -> None:
        remember(self, subscription)
        subject, sid = subscription.subject, subscription.sid
        if subject in last:
            payload = last[subject]
            self.send(b"MSG %b %b %d\r\n%b" % (subject, sid, len(payload) - 2, payload))

    patch.attribute(f"{PUB}:publish", keep)
    patch.attribute("nats_reference.connection:Connection.remember", catch_up)


@fault("ROUTE-006", "the subscriptions of a closed connection stay")
def the_dead_still_hear(patch: Patch) -> None:
    """They count as receivers."""
    forget = patch.original("nats_reference.connection:Connection.forget")
    takes = patch.original(f"{DELIVERY}:takes")

    def keep(self: Connection, subscription: Subscription) -> None:
        if not self.closed:
            forget(self, subscription)

    def swallow(publisher: Connection, subscription: Subscription, message: Message) -> bool:
        return subscription.connection.closed or takes(publisher, subscription, message)

    patch.attribute("nats_reference.connection:Connection.forget", keep)
    patch.attribute(f"{DELIVERY}:takes", swallow)
