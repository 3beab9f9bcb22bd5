"""Consumers of which something is still to be kept, and when that is done.

JS-RST-001, JS-RST-004. What acknowledgements and requests changed is kept before anybody hears
of it, in the round that takes them. That messages were delivered the moment they were stored is
kept a little later, for many of them at once: a server that is killed before delivers them
again, as one does that is killed before it has sent them. nats-server takes up to a tenth of a
second for all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.consumer import persistence

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group

#: Deliveries are kept after so many seconds at the latest.
WITHIN: Final = 0.005


class Unkept:
    """Those of one stream."""

    __slots__ = ("_consumers", "_group", "_waiting")

    def __init__(self, group: Group) -> None:
        self._group = group
        self._consumers: dict[Consumer, None] = {}
        self._waiting = False

    def __bool__(self) -> bool:
        return bool(self._consumers)

    def add(self, consumer: Consumer) -> None:
        """What is kept of it has changed."""
        self._consumers[consumer] = None

    def drop(self, consumer: Consumer) -> None:
        """Nothing is kept of it any more."""
        self._consumers.pop(consumer, None)

    def keep(self) -> None:
        """Have everything kept with the stream's next commit."""
        if self._consumers:
            consumers, self._consumers = self._consumers, {}
            persistence.keep(self._group, consumers)

    def keep_soon(self) -> None:
        """Have everything kept in a while, unless it is kept before."""
        if not self._waiting:
            self._waiting = True
            self._group.host.clock.call_later(WITHIN, self._now)

    def _now(self) -> None:
        self._waiting = False
        if self._consumers:
            self._group.round()
