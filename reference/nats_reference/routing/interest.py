"""Which subscriptions a subject leads to, remembered until interest changes.

ROUTE-001, ROUTE-005, QUEUE-001, QUEUE-003. A route is found once in the index and kept;
any change of interest moves the generation on and drops all routes, and every
connection drops what it had made ready from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.routing.index import Index
from nats_reference.routing.sink import Sink
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from nats_reference.connection import Connection
    from nats_reference.routing.sink import Take
    from nats_reference.routing.subscription import Subscription

#: Routes kept at most; beyond it they are found anew.
MAX_ROUTES = 16384
#: No two subjects below these words are alike, and most of the time all go the same way.
MANY = (b"$JS", b"ACK")
BELOW_MANY = b"$JS.ACK."


class Route:
    """Where a message on one subject goes."""

    __slots__ = ("groups", "heads", "heard", "only", "plain", "simple", "sinks")

    def __init__(self, subject: bytes, everything: list[Subscription | Sink]) -> None:
        #: Receivers inside the server.
        self.sinks: tuple[Take, ...] = tuple(s.take for s in everything if isinstance(s, Sink))
        found = [s for s in everything if not isinstance(s, Sink)]
        #: Subscriptions that each get a copy.
        self.plain: tuple[Subscription, ...] = tuple(s for s in found if s.queue is None)
        #: Queue groups, one member of each of which gets a copy.
        self.groups: tuple[tuple[Subscription, ...], ...] = grouped(found)
        #: The receiver inside the server that alone gets it, if it is so.
        self.only: Take | None = self.sinks[0] if self.fanout == 1 and self.sinks else None
        #: Whether anybody hears it at all.
        self.heard = bool(self.plain or self.groups or self.sinks)
        #: Whether a copy is nothing but a head and the payload, whoever publishes.
        self.simple = (
            not self.groups and not self.sinks and all(unconditional(s) for s in self.plain)
        )
        #: For simple routes: receiver, and how its control line begins.
        self.heads: tuple[tuple[Connection, Subscription, bytes], ...] = ()
        if self.simple:
            self.heads = tuple(
                (s.connection, s, b"MSG %b %b " % (subject, s.sid)) for s in self.plain
            )

    @property
    def fanout(self) -> int:
        """How many get a copy."""
        return len(self.plain) + len(self.groups) + len(self.sinks)


def grouped(found: list[Subscription]) -> tuple[tuple[Subscription, ...], ...]:
    """Queue subscriptions by name: one name is one group, whatever the pattern (QUEUE-003)."""
    groups: dict[bytes, list[Subscription]] = {}
    for subscription in found:
        if subscription.queue is not None:
            groups.setdefault(subscription.queue, []).append(subscription)
    return tuple(map(tuple, groups.values()))


def unconditional(subscription: Subscription) -> bool:
    """Whether nothing about a message can keep it from `subscription`."""
    receiver = subscription.connection
    return not (
        subscription.max
        or not receiver.options.echo
        or receiver.filters_deliveries
        or receiver.responses
        or (receiver.stalled and receiver.server.options.no_fast_producer_stall)
        or receiver.server.log.tracing
    )


class Interest:
    """All subscriptions of one server."""

    __slots__ = (
        "_last",
        "_many",
        "generation",
        "index",
        "inserts",
        "reaches",
        "routes",
        "searches",
        "watchers",
    )

    def __init__(self) -> None:
        self.index: Index[Subscription | Sink] = Index()
        #: Who wants to know when listeners of a subject come or go.
        self.watchers: dict[bytes, dict[Hashable, Callable[[], None]]] = {}
        #: Routes found since then, by subject.
        self.routes: dict[bytes, Route] = {}
        #: The same, by what was found in the index.
        self.reaches: dict[tuple[Subscription | Sink, ...], Route] = {}
        #: What was reached last, and its subject.
        self._last: tuple[bytes, Route] | None = None
        #: The one route of all that comes below MANY, if there is one; None if nobody asked.
        self._many: tuple[()] | tuple[Route] | None = None
        #: Moves on whenever what is delivered to whom may have changed.
        self.generation = 0
        #: How often something came, and how often the index was searched.
        self.inserts = self.searches = 0

    def add(self, subscription: Subscription | Sink) -> None:
        """Take a subscription in."""
        self.index.insert(subscription.subject, subscription)
        self.inserts += 1
        self.changed()
        if self.watchers:
            self.tell(subscription.subject)

    def remove(self, subscription: Subscription | Sink) -> None:
        """Take a subscription out."""
        self.index.remove(subscription.subject, subscription)
        self.changed()
        if self.watchers:
            self.tell(subscription.subject)

    def tell(self, pattern: bytes) -> None:
        """Tell those who watch a subject that `pattern` matches."""
        exact = self.watchers.get(pattern)
        watched = [exact] if exact else []
        if b"*" in pattern or b">" in pattern:
            watched = [
                found
                for subject, found in self.watchers.items()
                if subjects.matches(pattern, subject)
            ]
        for found in watched:
            for notice in tuple(found.values()):
                notice()

    def changed(self) -> None:
        """Forget what was derived from the interest so far."""
        self.generation += 1
        if self.routes:
            self.routes.clear()
        if self.reaches:
            self.reaches.clear()
        self._last = self._many = None

    def route(self, subject: bytes) -> Route:
        """Where a message on `subject` goes."""
        route = self.routes.get(subject)
        if route is None:
            if subject.startswith(BELOW_MANY) and (many := self._one_of_many(subject)):
                return many
            if len(self.routes) >= MAX_ROUTES:
                self.routes.clear()
            route = self.routes[subject] = self._find(subject, named=True)
        return route

    def _one_of_many(self, subject: bytes) -> Route | None:
        """The route that it shares with all of them; an empty token has none (SUBJ-001)."""
        if self._many is None:
            shared = self.index.uniform(*MANY)
            found = self._find(BELOW_MANY + b"any", named=False) if shared else None
            self._many = () if found is None or found.simple else (found,)
        if not self._many or b".." in subject or subject.endswith(b"."):
            return None
        return self._many[0]

    def reach(self, subject: bytes) -> Route:
        """Who hears `subject`: its route but for the heads, for a subject that comes once."""
        if self._last is not None and self._last[0] == subject:
            return self._last[1]
        route = self.routes.get(subject) or self._find(subject, named=False)
        self._last = subject, route
        return route

    def _find(self, subject: bytes, *, named: bool) -> Route:
        """The route of `subject`; that of another with the same receivers, unless heads have to name it."""
        self.searches += 1
        found = tuple(self.index.match(subject))
        route = self.reaches.get(found)
        if route is None or (named and route.simple):
            if len(self.reaches) >= MAX_ROUTES:
                self.reaches.clear()
            route = self.reaches[found] = Route(subject, list(found))
        return route
