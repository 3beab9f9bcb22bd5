"""In which order /connz shows connections (MON-CONNZ-007, MON-CONNZ-008)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.connection import Connection
from nats_reference.monitoring.asking import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nats_reference.server import Gone


def pending(each: Connection | Gone) -> int:
    """Bytes that wait to be sent."""
    return each.link.pending() if isinstance(each, Connection) else 0


DEFAULT = "cid"
#: What `sort` may be: what is compared, and whether the largest comes first.
ORDERS: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "cid": (lambda each: each.cid, False),
    "start": (lambda each: each.cid, False),
    "subs": (lambda each: len(each.subscriptions), True),
    "pending": (pending, True),
    "msgs_to": (lambda each: each.out_msgs, True),
    "msgs_from": (lambda each: each.in_msgs, True),
    "bytes_to": (lambda each: each.out_bytes, True),
    "bytes_from": (lambda each: each.in_bytes, True),
    "last": (lambda each: each.last_heard, True),
    "idle": (lambda each: each.last_heard, False),
    "uptime": (lambda each: each.started, True),
    "rtt": (lambda each: each.rtt, True),
    "stop": (lambda each: each.stopped, True),
    "reason": (lambda each: each.reason, False),
}
#: Orders that only connections have that have ended.
OF_THE_END = ("stop", "reason")


def check(order: str, *, only_gone: bool) -> None:
    """Refuse an order that there isn't, or that not all of them have."""
    if order not in ORDERS:
        raise Refused(f"invalid sorting option: {order}")
    if order in OF_THE_END and not only_gone:
        raise Refused(f"sort by {order} only valid on closed connections")


def ordered(found: Iterable[Connection | Gone], order: str) -> list[Connection | Gone]:
    """The connections in that order."""
    key, largest_first = ORDERS[order]
    return sorted(found, key=key, reverse=largest_first)
