"""PUB and HPUB: announce a message, then publish it when its payload is there.

PUB-001 .. PUB-013, HDR-001 .. HDR-007, VERB-002, VERB-003, VERB-005, PED-001, PED-002,
REQ-001 .. REQ-013. The payload's length and end are connection.py's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import limits, replies
from nats_reference.routing import delivery
from nats_reference.routing.ready import Ready
from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.routing.interest import Route

#: Subject, reply, header size, total size (both as digits), total size as a number.
Message = tuple[bytes, bytes | None, bytes | None, bytes, int]

#: Subjects under these prefixes are for servers alone (PUB-009, PUB-010).
RESERVED_SUBJECTS = (b"_GR_.", b"$GR.", b"$NRG.")
#: Replies under these prefixes are for servers alone (PUB-011, PUB-013).
RESERVED_REPLIES = (b"_R_.", b"_GR_.", b"$GR.", b"$JS.ACK.")
#: Prefixes of which the whole word is harmless: something has to follow them.
HARMLESS_ALONE = (b"_GR_.", b"$GR.", b"$JS.ACK.")

NO_RESPONDERS = b"NATS/1.0 503\r\nNats-Subject: %b\r\n\r\n"


def pub(connection: Connection, subject: bytes, size: bytes) -> Message | None:
    """PUB subject size."""
    return announce(connection, subject, None, None, size)


def pub_reply(connection: Connection, subject: bytes, reply: bytes, size: bytes) -> Message | None:
    """PUB subject reply size."""
    return announce(connection, subject, reply, None, size)


def hpub(connection: Connection, subject: bytes, header_size: bytes, size: bytes) -> Message | None:
    """HPUB subject header-size size."""
    return hpub_reply(connection, subject, None, header_size, size)


def hpub_reply(
    connection: Connection, subject: bytes, reply: bytes | None, header_size: bytes, size: bytes
) -> Message | None:
    """HPUB subject reply header-size size."""
    # VALIDATE
    if not headers_allowed(connection) or header_too_long(header_size, size):
        connection.close("Protocol Violation")
        return None
    return announce(connection, subject, reply, header_size, size)


def headers_allowed(connection: Connection) -> bool:
    """Whether both sides said that they take header blocks (HDR-002, INFO-025)."""
    return connection.options.headers


def header_too_long(header_size: bytes, size: bytes) -> bool:
    """Whether the block would be longer than the message it is part of (HDR-003)."""
    return int(header_size) > int(size)


def announce(
    connection: Connection,
    subject: bytes,
    reply: bytes | None,
    header_size: bytes | None,
    size: bytes,
) -> Message | None:
    """What every publish goes through before its payload is read."""
    # VALIDATE
    length = int(size)
    if limits.payload_too_long(connection, length):
        connection.fail(replies.MAX_PAYLOAD, "Maximum Message Payload Exceeded")
        return None
    if connection.options.pedantic and not valid(subject):
        connection.send_error(replies.INVALID_PUBLISH_SUBJECT)
    return subject, reply, header_size, size, length


def valid(subject: bytes) -> bool:
    """Whether pedantic mode has nothing against `subject`; replies are not looked at."""
    return subjects.valid_literal(subject)


def publish(connection: Connection, message: Message, payload: bytes) -> Ready | None:
    """Hand a whole message on; what comes back is for the next one with the same control line."""
    subject, reply, header_size, size, length = message
    options = connection.options
    connection.in_msgs += 1
    connection.in_bytes += length
    # AUTHORISE
    if (
        connection.permissions is not None
        or subject.startswith(RESERVED_SUBJECTS)
        or (reply and reply.startswith(RESERVED_REPLIES))
    ):
        denied = refusal(connection, subject, reply)
        if denied is not None:
            connection.send_error(denied)
            return None
    # REPLY: before what the message causes (VERB-002)
    if options.verbose:
        connection.send_ok()
    # EFFECT
    interest = connection.interest
    route = interest.routes.get(subject) or interest.route(subject)
    if route.only is not None:
        delivered = route.only(connection, message, payload)
    elif not route.simple or header_size is not None:
        delivered = delivery.distribute(connection, route, message, payload)
    else:
        tail = b"%b %b\r\n" % (reply, size) if reply else size + b"\r\n"
        for receiver, subscription, head in route.heads:
            receiver.out += (head + tail, payload)
            subscription.delivered += 1
            subscription.bytes += length
            if not receiver.dirty:
                receiver.mark_dirty()
        if not (reply or options.verbose or options.pedantic or connection.responses):
            return Ready(route, tail, length)
        delivered = bool(route.heads)
    # REPLY: to a request that nobody heard
    if not delivered and reply and options.no_responders:
        send_no_responders(connection, subject, reply)
    return None


def refusal(connection: Connection, subject: bytes, reply: bytes | None) -> str | None:
    """Why this may not be published, if so."""
    if subject.startswith(RESERVED_SUBJECTS) and subject not in HARMLESS_ALONE:
        return replies.publish_denied(subject)
    if not (permitted(connection, subject) or answers(connection, subject)):
        return replies.publish_denied(subject)
    if reply is not None and reply.startswith(RESERVED_REPLIES) and reply not in HARMLESS_ALONE:
        return replies.reply_denied(reply)
    return None


def permitted(connection: Connection, subject: bytes) -> bool:
    """Whether the lists of the user let it publish there (AUTH-PERM-001)."""
    return connection.permissions is None or connection.permissions.may_publish(subject)


def answers(connection: Connection, subject: bytes) -> bool:
    """Whether this answers a message that was received (AUTH-RESP-001, AUTH-RESP-004)."""
    return connection.responses is not None and connection.responses.use(subject)


def send_no_responders(connection: Connection, subject: bytes, reply: bytes) -> None:
    """Tell the requester so, on a plain subscription of its own (REQ-001 .. REQ-004)."""
    subscription = asker(connection, connection.interest.route(reply))
    if subscription is not None:
        block = NO_RESPONDERS % subject
        size = len(block)
        connection.send(b"HMSG %b %b %d %d\r\n%b\r\n" % (reply, subscription, size, size, block))


def asker(connection: Connection, route: Route) -> bytes | None:
    """The sid under which `connection` hears the reply subject."""
    return next((s.sid for s in route.plain if s.connection is connection), None)
