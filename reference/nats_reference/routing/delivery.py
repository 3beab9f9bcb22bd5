"""One message to those who are to have it: who of them takes it, and in what form.

MSG-001 .. MSG-003, ROUTE-002, ROUTE-003, ECHO-001 .. ECHO-003, QUEUE-004, QUEUE-005, UNSUB-003,
UNSUB-010, LIM-012. This is the general way; operations/pub.py has a shorter one
for routes on which nothing can differ, with the same outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.auth import permissions

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.operations.pub import Message
    from nats_reference.routing.interest import Route
    from nats_reference.routing.itself import Publisher
    from nats_reference.routing.subscription import Subscription


def distribute(publisher: Publisher, route: Route, message: Message, payload: bytes) -> bool:
    """Deliver to every plain subscription and one member of each group; whether anyone got it."""
    delivered = False
    for subscription in route.plain:
        delivered |= deliver(publisher, subscription, message, payload)
    for group in route.groups:
        delivered |= deliver_to_group(publisher, group, message, payload)
    for take in route.sinks:
        delivered |= take(publisher, message, payload)
    return delivered


def deliver_to_group(
    publisher: Publisher, group: tuple[Subscription, ...], message: Message, payload: bytes
) -> bool:
    """Deliver to a member drawn at random, or to the next in the list that can take it."""
    first = draw(publisher, len(group))
    return any(
        deliver(publisher, member, message, payload) for member in (*group[first:], *group[:first])
    )


def draw(publisher: Publisher, size: int) -> int:
    """The place of the member whose turn it is (QUEUE-004)."""
    return int(publisher.server.rng.random() * size)


def takes(publisher: Publisher, subscription: Subscription, message: Message) -> bool:
    """Whether `subscription` may have this message."""
    receiver = subscription.connection
    if receiver.closed:
        return False
    if receiver is publisher and not publisher.options.echo:
        return False
    if receiver.filters_deliveries and permissions.delivery_denied(
        receiver, message[0], subscription.queue
    ):
        return False
    if receiver.stalled and receiver.server.options.no_fast_producer_stall:
        return False
    return not subscription.max or subscription.delivered < subscription.max


def deliver(
    publisher: Publisher, subscription: Subscription, message: Message, payload: bytes
) -> bool:
    """Deliver one copy, unless this subscription can't take it."""
    if not takes(publisher, subscription, message):
        return False
    receiver = subscription.connection
    subscription.delivered += 1
    body = payload if carries_headers(receiver) else without_headers(message, payload)
    head = control_line(subscription, message)
    subscription.bytes += len(body) - 2
    if receiver.server.log.tracing:
        receiver.server.log.trace(f"{receiver} - ->> [{head[:-2]!r}]")
    receiver.send(head)
    receiver.out.append(body)
    if receiver.responses is not None and message[1]:
        may_answer(receiver, message[1])
    if subscription.max and subscription.delivered >= subscription.max:
        receiver.forget(subscription)
    return True


def may_answer(receiver: Connection, reply: bytes) -> None:
    """Let the receiver publish to `reply`, unless it may anyway (AUTH-RESP-001)."""
    granted, responses = receiver.permissions, receiver.responses
    if responses is not None and granted is not None and not granted.may_publish(reply):
        responses.grant(reply)


def carries_headers(receiver: Connection) -> bool:
    """Whether header blocks may be sent to `receiver` (MSG-002)."""
    return receiver.options.headers


def without_headers(message: Message, payload: bytes) -> bytes:
    """The payload alone (MSG-003)."""
    header_size = message[2]
    return payload[int(header_size) :] if header_size else payload


def control_line(subscription: Subscription, message: Message) -> bytes:
    """MSG, or HMSG if there is a header block and the receiver takes it."""
    subject, reply, header_size, size, length = message
    words = [subject, subscription.sid]
    if reply:
        words.append(reply)
    if header_size is not None and int(header_size):
        if carries_headers(subscription.connection):
            return b"HMSG %b %b %b\r\n" % (b" ".join(words), header_size, size)
        size = b"%d" % (length - int(header_size))
    return b"MSG %b %b\r\n" % (b" ".join(words), size)
