"""SUB: a subscription, plain or of a queue group (SUB-001 .. SUB-009, SUBJ-010).

Refused, it is answered with an error alone (VERB-003); a sid in use is no refusal (VERB-004).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import keepalive, limits, replies
from nats_reference.routing.subscription import Subscription
from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.connection import Connection

#: SUB-008: the name that servers keep for themselves.
SYSTEM_QUEUE = b"_sys_"


def sub(connection: Connection, subject: bytes, sid: bytes) -> None:
    """SUB subject sid."""
    subscribe(connection, subject, None, sid)


def sub_queue(connection: Connection, subject: bytes, queue: bytes, sid: bytes) -> None:
    """SUB subject queue sid."""
    subscribe(connection, subject, queue, sid)


def subscribe(connection: Connection, subject: bytes, queue: bytes | None, sid: bytes) -> None:
    """Start to hear `subject`."""
    keepalive.heard(connection)
    # AUTHORISE
    if not allowed(connection, subject, queue):
        connection.send_error(replies.subscription_denied(subject, queue))
        return
    # VALIDATE
    if limits.too_many_tokens(connection, subject):
        connection.send_error(replies.too_many_tokens(subject))
        return
    if limits.too_many_subscriptions(connection):
        connection.send_error(replies.MAX_SUBSCRIPTIONS)
        return
    if not in_use(connection, sid):
        if not valid(subject):
            connection.send_error(replies.INVALID_SUBJECT)
            return
        # EFFECT
        connection.remember(Subscription(connection, subject, queue, sid))
    # REPLY
    connection.send_ok()


def allowed(connection: Connection, subject: bytes, queue: bytes | None) -> bool:
    """Whether this user may hear `subject` in this queue group."""
    granted = connection.permissions
    if granted is not None:
        if not granted.may_subscribe(subject, queue):
            return False
        if not connection.filters_deliveries and granted.filters(subject, queue):
            connection.filters_deliveries = True
    return queue != SYSTEM_QUEUE


def in_use(connection: Connection, sid: bytes) -> bool:
    """Whether the sid names a subscription already: then that one stays in force (SUB-003)."""
    return sid in connection.subscriptions


def valid(subject: bytes) -> bool:
    """Whether the subject can be subscribed to, pedantic or not (SUB-006, PED-003)."""
    return subjects.valid_subscription(subject)
