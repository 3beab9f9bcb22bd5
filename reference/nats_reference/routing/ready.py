"""A control line that was seen before, and what there is to do when it comes again.

Publishers repeat themselves. What PUB with this subject and this size leads to
stays the same until interest changes, so a connection keeps it: for each
receiver the head of the message and where to put it. If the line comes many
times on end, all its messages get their heads in one go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.routing.interest import Route

#: Control lines kept by one connection at most.
MAX_READY = 4096
#: After so many messages, those that follow one another are looked for.
RUN_AFTER = 32


class Ready:
    """The deliveries of one control line, and how often they were made since counted."""

    __slots__ = ("deliveries", "hits", "length", "route", "run", "step")

    def __init__(self, route: Route, tail: bytes, length: int) -> None:
        self.route = route
        self.length = length
        #: Payload and its CR LF.
        self.step = length + 2
        self.hits = 0
        #: What the control line looks like with its payload, many times on end.
        self.run: re.Pattern[bytes] | None = None
        self.deliveries: tuple[tuple[Callable[[bytes], None], bytes], ...] = tuple(
            (receiver.out.append, head + tail) for receiver, _, head in route.heads
        )

    def deliver_run(self, line: bytes, payload_end: bytes, data: bytes, start: int) -> int:
        """Deliver all messages of `line` that follow one another from `start` on; where they end."""
        if self.run is None:
            skipped = self.step - len(payload_end)
            message = b"%b.{%d}%b" % (re.escape(line), skipped, re.escape(payload_end))
            self.run = re.compile(b"(?:%b)++" % message, re.DOTALL)
        found = self.run.match(data, start)
        if found is None:
            return start
        count = len(found[0]) // (len(line) + self.step)
        payloads = found[0].split(line)
        if len(payloads) != count + 1:
            # A payload holds the line's own text: one by one, then.
            return start
        for append, head in self.deliveries:
            append(head.join(payloads))
        self.hits += count
        return found.end()

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
