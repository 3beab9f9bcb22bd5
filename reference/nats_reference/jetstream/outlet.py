"""The way between streams and clients: what JetStream hears, and what it says.

JS-API-001, JS-API-028, JS-PUB-033. Streams hear their subjects, the API hears `$JS.API.>`;
what is said goes through interest like anything that is published.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream import advisories
from nats_reference.jetstream.config import metadata
from nats_reference.jetstream.rounds import Rounds
from nats_reference.routing import delivery
from nats_reference.routing.index import Index
from nats_reference.routing.itself import Itself
from nats_reference.routing.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nats_reference import accounts
    from nats_reference.clock import Clock
    from nats_reference.jetstream import publication
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.outbox import Outgoing, Run
    from nats_reference.jetstream.stream import Stream
    from nats_reference.routing.interest import Route
    from nats_reference.routing.sink import Take
    from nats_reference.routing.subscription import Subscription
    from nats_reference.server import Server


#: Payloads of so many bytes are copied rather than sent in a piece of their own.
SMALL = 1024


class Outlet:
    """What streams and consumers need of the server around them."""

    domain = ""
    reply_words = b""

    def __init__(self, server: Server, account: accounts.Account) -> None:
        self.server = server
        self.account = account
        self.interest = account.interest
        self.clock: Clock = Rounds(server)
        self.log = server.log
        self.rng = server.rng
        self.max_payload = server.options.max_payload
        #: Whom answers name as the leader: a single server leads everything.
        self.leader = server.name
        self._itself = Itself(server)
        self._captured: dict[str, list[Sink]] = {}
        #: Which streams capture what.
        self.captures: Index[str] = Index()

    # ---- Hearing -----------------------------------------------------------------

    def hear(self, subject: bytes, take: Take) -> Sink:
        """Have what is published on `subject` handed to `take`."""
        sink = Sink(subject, take)
        self.interest.add(sink)
        return sink

    def capture(self, stream: Stream) -> None:
        """Have a stream hear its subjects as they are now."""
        self.release(stream)
        subjects, name = [each.encode() for each in stream.config.subjects], stream.config.name
        self._captured[name] = [self.hear(each, stream.ingest) for each in subjects]
        for subject in subjects:
            self.captures.insert(subject, name)

    def release(self, stream: Stream) -> None:
        """Have a stream hear nothing more."""
        for sink in self._captured.pop(stream.config.name, ()):
            self.interest.remove(sink)
            self.captures.remove(sink.subject, stream.config.name)

    # ---- Saying ------------------------------------------------------------------

    def publish(
        self, subject: bytes, reply: bytes | None, headers: bytes | None, payload: bytes
    ) -> None:
        """Publish a message as the server."""
        self._send(subject, subject, reply, headers, payload)

    def publish_all(self, messages: Iterable[publication.Outgoing]) -> None:
        """Publish messages as the server."""
        reach = self.interest.reach
        for subject, reply, headers, payload in messages:
            # Most subjects that the server publishes to are inboxes that are used once.
            route = reach(subject)
            if route.simple and not headers:
                send_plainly(route, subject, reply, payload)
            else:
                self._send(subject, subject, reply, headers, payload)

    def deliver(self, outgoing: Outgoing) -> bool:
        """Give a message to those who listen on `outgoing.to`; whether anybody got it."""
        to, subject, reply, headers, payload, _, _, _ = outgoing
        route = self.interest.reach(to)
        if route.simple and not headers:
            return send_plainly(route, subject, reply, payload)
        return self._send(to, subject, reply, headers, payload)

    def deliver_run(self, run: Run) -> bool:
        """Give messages to those who listen, if there are some and nothing can differ for them."""
        route = self.interest.reach(run.to)
        if not route.simple or not route.plain:
            return False
        for subscription in route.plain:
            send_run(subscription, run)
        return True

    def _send(
        self, to: bytes, subject: bytes, reply: bytes | None, headers: bytes | None, payload: bytes
    ) -> bool:
        route = self.interest.reach(to)
        head = headers or b""
        size = len(head) + len(payload)
        header_size = b"%d" % len(head) if head else None
        message = (subject, reply, header_size, b"%d" % size, size)
        return delivery.distribute(self._itself, route, message, b"%b%b\r\n" % (head, payload))

    # ---- Interest ----------------------------------------------------------------

    def behind(self, subject: bytes) -> bool:
        """Whether a listener's connection is stalled: it tells interest when it no longer is."""
        route = self.interest.route(subject)
        listeners = (*route.plain, *chain.from_iterable(route.groups))
        return any(each.connection.stalled for each in listeners)

    def heard(self, subject: bytes) -> bool:
        """Whether anybody listens on `subject`, alone or in a queue group."""
        return self.interest.route(subject).heard

    def listening(self, subject: bytes, group: bytes) -> bool:
        """Whether a member of `group` listens on this very subject, or, without one, anybody alone."""
        return any(
            each.subject == subject and each.queue == (group or None)
            for each in self.interest.index.match(subject)
        )

    def watch(self, subject: bytes, consumer: Consumer, look: Callable[[Consumer], None]) -> None:
        """Call `look(consumer)` whenever listeners of `subject` may have changed."""
        self.interest.watchers.setdefault(subject, {})[consumer] = lambda: look(consumer)

    def unwatch(self, subject: bytes, consumer: Consumer) -> None:
        """No longer."""
        watchers = self.interest.watchers
        found = watchers.get(subject, {})
        found.pop(consumer, None)
        if not found:
            watchers.pop(subject, None)

    # ---- Words -------------------------------------------------------------------

    def advisory(self, type_: str, members: dict[str, Any]) -> bytes:
        """The JSON of an advisory."""
        return advisories.encode(self, type_, members)

    def metadata(self, level: int) -> dict[str, str]:
        """What the server itself writes into metadata."""
        return metadata.own(level)


def send_run(subscription: Subscription, run: Run) -> None:
    """Send all of a run to one listener."""
    receiver = subscription.connection
    sid, carries, append = subscription.sid, receiver.options.headers, receiver.out.append
    sent = 0
    for subject, reply, headers, payload, _ in run.messages:
        size = len(payload)
        if headers and carries:
            head, size = len(headers), size + len(headers)
            append(b"HMSG %b %b %b %d %d\r\n%b" % (subject, sid, reply, head, size, headers))
        elif size <= SMALL:
            append(b"MSG %b %b %b %d\r\n%b\r\n" % (subject, sid, reply, size, payload))
            sent += size
            continue
        else:
            append(b"MSG %b %b %b %d\r\n" % (subject, sid, reply, size))
        append(payload)
        append(b"\r\n")
        sent += size
    subscription.delivered += len(run.messages)
    subscription.bytes += sent
    if not receiver.dirty:
        receiver.mark_dirty()


def send_plainly(route: Route, subject: bytes, reply: bytes | None, payload: bytes) -> bool:
    """The short way of `delivery.distribute`, where nothing can differ; whether anybody got it."""
    size = len(payload)
    tail = b"%b %d\r\n" % (reply, size) if reply else b"%d\r\n" % size
    body = payload + b"\r\n"
    for subscription in route.plain:
        receiver = subscription.connection
        receiver.out += (b"MSG %b %b %b" % (subject, subscription.sid, tail), body)
        subscription.delivered += 1
        subscription.bytes += size
        if not receiver.dirty:
            receiver.mark_dirty()
    return bool(route.plain)
