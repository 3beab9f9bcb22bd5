"""UNSUB: the end of a subscription, now or after so many messages.

UNSUB-001 .. UNSUB-008, DRAIN-001: what was routed before stays in the outgoing buffer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import keepalive

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.routing.subscription import Subscription

#: What stands for "no maximum": the end is now.
NOW = 0


def unsub(connection: Connection, sid: bytes) -> None:
    """UNSUB sid."""
    unsubscribe(connection, sid, NOW)


def unsub_max(connection: Connection, sid: bytes, maximum: bytes) -> None:
    """UNSUB sid max."""
    unsubscribe(connection, sid, int(maximum))


def unsub_now(connection: Connection, sid: bytes, _maximum: bytes) -> None:
    """UNSUB with a maximum that is no number: the same as none (UNSUB-005)."""
    unsubscribe(connection, sid, NOW)


def unsubscribe(connection: Connection, sid: bytes, maximum: int) -> None:
    """Stop to hear the subscription `sid`."""
    keepalive.heard(connection)
    # VALIDATE, AUTHORISE: any sid will do
    subscription = connection.subscriptions.get(sid)
    # EFFECT
    if subscription is not None:
        if over(subscription, maximum):
            connection.forget(subscription)
        else:
            subscription.max = maximum
            connection.interest.changed()
    # REPLY
    connection.send_ok()


def over(subscription: Subscription, maximum: int) -> bool:
    """Whether `maximum`, counted since SUB, is reached (UNSUB-003, UNSUB-004)."""
    return maximum <= subscription.delivered
