"""A control line that was seen before, and what there is to do when it comes again.

Publishers repeat themselves. What PUB with this subject and this size leads to
stays the same until interest changes, so a connection keeps it: for each
receiver the head of the message and where to put it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.routing.interest import Route

#: Control lines kept by one connection at most.
MAX_READY = 4096


class Ready:
    """The deliveries of one control line, and how often they were made since counted."""

    __slots__ = ("deliveries", "hits", "length", "route", "step")

    def __init__(self, route: Route, tail: bytes, length: int) -> None:
        self.route = route
        self.length = length
        #: Payload and its CR LF.
        self.step = length + 2
        self.hits = 0
        self.deliveries: tuple[tuple[Callable[[bytes], None], bytes], ...] = tuple(
            (receiver.out.append, head + tail) for receiver, _, head in route.heads
        )

    def settle(self, publisher: Connection) -> None:
        """Count the deliveries made, and see to it that they are sent."""
        hits, self.hits = self.hits, 0
        size = hits * self.length
        publisher.in_msgs += hits
        publisher.in_bytes += size
        for receiver, subscription, _ in self.route.heads:
            subscription.delivered += hits
            subscription.bytes += size
            if not receiver.dirty:
                receiver.mark_dirty()
