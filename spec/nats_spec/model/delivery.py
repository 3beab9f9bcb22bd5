"""Who receives what: the delivery of messages, as pure functions over a small world.

A world is connections and their subscriptions. `publish` says what a server
may do with a message; where the choice is the server's (a member of each queue
group, the subscription that learns of missing responders) it gives the
candidates, and the caller tells `delivered` which of them it saw.
Implements SUB-003, SUB-006, UNSUB-001 .. UNSUB-008, ROUTE-001, ROUTE-004,
QUEUE-001 .. QUEUE-008, ECHO-001 .. ECHO-003, REQ-001, REQ-004, MSG-003.

Leaves out limits, permissions, order between subscriptions, and bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nats_spec.operations import Hmsg, Msg
from nats_spec.subjects import matches, valid_subscription

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Options:
    """What a connection asked for in CONNECT."""

    #: Whether it receives what it publishes itself (ECHO-001).
    echo: bool = True
    #: Whether it takes header blocks (MSG-002).
    headers: bool = True
    #: Whether it wants to know that nobody answers (REQ-001).
    no_responders: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """One connection's interest in a pattern."""

    pattern: bytes
    #: The queue group, or None for a copy of its own.
    queue: bytes | None = None
    #: It ends with this delivery, counted from SUB; 0 is never (UNSUB-003).
    limit: int = 0
    #: Messages delivered since SUB.
    received: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Names a subscription: the connection, and its own name there."""

    connection: str
    sid: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What a publisher hands to the server."""

    subject: bytes
    payload: bytes = b""
    reply: bytes = b""
    #: The header block, empty for PUB and for a header size of 0 (HDR-004).
    header: bytes = b""


@dataclass(frozen=True, slots=True)
class World:
    """Everything that decides who receives a message."""

    connections: Mapping[str, Options] = field(default_factory=dict)
    subscriptions: Mapping[Key, Subscription] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a server may do with one message."""

    #: Each of these receives one copy (ROUTE-001).
    copies: frozenset[Key] = frozenset()
    #: Of each of these exactly one receives a copy (QUEUE-001).
    groups: tuple[frozenset[Key], ...] = ()
    #: One of these, if any, receives the status 503 (REQ-004).
    unanswered: frozenset[Key] = frozenset()


def connect(world: World, name: str, options: Options) -> World:
    """A new connection, or a second CONNECT, which drops its subscriptions (CONN-009)."""
    bare = disconnect(world, name)
    return replace(bare, connections={**bare.connections, name: options})


def disconnect(world: World, name: str) -> World:
    """Without that connection and its subscriptions (ROUTE-006)."""
    return World(
        {key: options for key, options in world.connections.items() if key != name},
        {key: sub for key, sub in world.subscriptions.items() if key.connection != name},
    )


def subscribe(world: World, key: Key, pattern: bytes, queue: bytes | None = None) -> World:
    """With one subscription more; a sid in use keeps the first one (SUB-003)."""
    if key in world.subscriptions or not valid_subscription(pattern):
        return world
    added = {**world.subscriptions, key: Subscription(pattern, queue)}
    return replace(world, subscriptions=added)


def unsubscribe(world: World, key: Key, limit: int = 0) -> World:
    """Without that subscription, or with `limit` deliveries for it in all (UNSUB-003)."""
    known = world.subscriptions.get(key)
    if known is None:
        return world
    kept = dict(world.subscriptions)
    if limit > known.received:
        kept[key] = replace(known, limit=limit)
    else:
        del kept[key]
    return replace(world, subscriptions=kept)


def publish(world: World, publisher: str, message: Message) -> Outcome:
    """What a server may do with `message` from connection `publisher`."""
    options = world.connections[publisher]
    copies: set[Key] = set()
    groups: dict[bytes, set[Key]] = {}
    for key, sub in world.subscriptions.items():
        if key.connection == publisher and not options.echo:
            continue
        if matches(sub.pattern, message.subject):
            (copies if sub.queue is None else groups.setdefault(sub.queue, set())).add(key)
    if copies or groups or not (options.no_responders and message.reply):
        unanswered: frozenset[Key] = frozenset()
    else:
        unanswered = frozenset(
            key
            for key, sub in world.subscriptions.items()
            if key.connection == publisher
            and sub.queue is None
            and matches(sub.pattern, message.reply)
        )
    members = tuple(frozenset(groups[queue]) for queue in sorted(groups))
    return Outcome(frozenset(copies), members, unanswered)


def delivered(world: World, keys: Iterable[Key]) -> World:
    """After one delivery to each of `keys`: counted, and ended at its limit."""
    subscriptions = dict(world.subscriptions)
    for key in keys:
        sub = subscriptions[key]
        sub = replace(sub, received=sub.received + 1)
        subscriptions[key] = sub
        if sub.limit and sub.received >= sub.limit:
            del subscriptions[key]
    return replace(world, subscriptions=subscriptions)


def received_as(message: Message, sid: bytes, options: Options) -> Msg | Hmsg:
    """The operation that a receiver with `options` gets; headers off if it takes none."""
    if message.header and options.headers:
        return Hmsg(message.subject, sid, message.reply, message.header, message.payload)
    return Msg(message.subject, sid, message.reply, message.payload)


def unanswered_as(message: Message, sid: bytes, *, names_subject: bool) -> Hmsg:
    """The status 503; since 2.12 it names the subject (REQ-002, REQ-003)."""
    named = b"Nats-Subject: %b\r\n" % message.subject if names_subject else b""
    return Hmsg(message.reply, sid, b"", b"NATS/1.0 503\r\n%b\r\n" % named, b"")
