"""Faults of chapter 34, request and reply: the 503, and the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.operations.pub import Message
    from nats_reference.routing.interest import Route

PUB = "nats_reference.operations.pub"
SEND = f"{PUB}:send_no_responders"


@fault("REQ-001", "nobody learns that nobody answers")
def silence(patch: Patch) -> None:
    """A request without a responder runs into its timeout."""
    patch.attribute(SEND, lambda _connection, _subject, _reply: None)


@fault("REQ-002", "a 503 does not name its subject")
def nameless(patch: Patch) -> None:
    """The field is there, with the wrong name."""
    patch.attribute(f"{PUB}:NO_RESPONDERS", b"NATS/1.0 503\r\nnats-subject: %b\r\n\r\n")


@fault("REQ-004", "a 503 comes to a member of a queue group")
def queue_members_are_told(patch: Patch) -> None:
    """For want of a plain subscription."""
    asker = patch.original(f"{PUB}:asker")

    def lax(connection: Connection, route: Route) -> bytes | None:
        members = (m for group in route.groups for m in group if m.connection is connection)
        return asker(connection, route) or next((m.sid for m in members), None)

    patch.attribute(f"{PUB}:asker", lax)


@fault("REQ-004/each", "a 503 comes twice")
def told_twice(patch: Patch) -> None:
    """As if for each subscription."""
    send = patch.original(SEND)

    def again(connection: Connection, subject: bytes, reply: bytes) -> None:
        send(connection, subject, reply)
        send(connection, subject, reply)

    patch.attribute(SEND, again)


def with_no_responders(patch: Patch, *, value: bool, headers_only: bool = False) -> None:
    """Publish as if the client had asked otherwise."""
    publish = patch.original(f"{PUB}:publish")

    def other(connection: Connection, message: Message, payload: bytes) -> Any:  # noqa: ANN401
        if headers_only and message[2] is None:
            return publish(connection, message, payload)
        said = connection.options
        connection.options = replace(said, no_responders=value)
        try:
            return publish(connection, message, payload)
        finally:
            connection.options = said

    patch.attribute(f"{PUB}:publish", other)


@fault("REQ-006", "a 503 comes to those who did not ask")
def everybody_is_told(patch: Patch) -> None:
    """`no_responders` is not looked at."""
    with_no_responders(patch, value=True)


@fault("REQ-007", "a 503 comes after the PONG")
def told_late(patch: Patch) -> None:
    """It waits for the next PING."""
    send = patch.original(SEND)
    ping = patch.original("nats_reference.operations.ping:ping")
    late: list[tuple[Connection, bytes, bytes]] = []

    def catch_up(connection: Connection) -> None:
        ping(connection)
        for each in [waiting for waiting in late if waiting[0] is connection]:
            late.remove(each)
            send(*each)

    patch.attribute(SEND, lambda *arguments: late.append(arguments))
    patch.attribute("nats_reference.operations.ping:ping", catch_up)


@fault("REQ-009", "a refused request gets a 503 as well")
def refused_and_told(patch: Patch) -> None:
    """As if nobody had been there."""
    refusal, send = patch.original(f"{PUB}:refusal"), patch.original(SEND)

    def both(connection: Connection, subject: bytes, reply: bytes | None) -> str | None:
        denied: str | None = refusal(connection, subject, reply)
        if denied is not None and reply and connection.options.no_responders:
            send(connection, subject, reply)
        return denied

    patch.attribute(f"{PUB}:refusal", both)


@fault("REQ-011", "a request with headers gets no 503")
def hpub_is_not_told(patch: Patch) -> None:
    """Only PUB is a request."""
    with_no_responders(patch, value=False, headers_only=True)


@fault("REQ-012", "a request has one reply")
def one_reply(patch: Patch) -> None:
    """The second and all others are dropped."""
    publish = patch.original(f"{PUB}:publish")
    asked: dict[bytes, int] = {}

    def first(connection: Connection, message: Message, payload: bytes) -> None:
        subject, reply, *_ = message
        if subject in asked:
            asked[subject] += 1
            if asked[subject] > 1:
                return
        if reply is not None:
            asked[reply] = 0
        publish(connection, message, payload)

    patch.attribute(f"{PUB}:publish", first)


@fault("REQ-013", "a 503 counts towards the max")
def told_is_delivered(patch: Patch) -> None:
    """A request uses up its subscription without an answer."""
    send, asker = patch.original(SEND), patch.original(f"{PUB}:asker")

    def count(connection: Connection, subject: bytes, reply: bytes) -> None:
        sid = asker(connection, connection.server.interest.route(reply))
        send(connection, subject, reply)
        if sid is not None:
            subscription = connection.subscriptions[sid]
            subscription.delivered += 1
            if 0 < subscription.max <= subscription.delivered:
                connection.forget(subscription)

    patch.attribute(SEND, count)
