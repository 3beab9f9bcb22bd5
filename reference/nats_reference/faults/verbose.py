"""Faults of chapter 20: verbose, pedantic and echo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference import replies
from nats_reference.faults import Patch, fault
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.operations.pub import Message
    from nats_reference.routing.interest import Route
    from nats_reference.routing.ready import Ready
    from nats_reference.routing.subscription import Subscription

PUB = "nats_reference.operations.pub"
SUB = "nats_reference.operations.sub"
UNSUB = "nats_reference.operations.unsub"
PING = "nats_reference.operations.ping"
DELIVERY = "nats_reference.routing.delivery"


def afterwards(patch: Patch, path: str, change: Callable[[Connection, int], None]) -> None:
    """Change what the function at `path` said: `change` gets how much there was before."""
    original = patch.original(path)

    def changed(connection: Connection, *arguments: Any) -> Any:  # noqa: ANN401 - passed on
        before = len(connection.out)
        outcome = original(connection, *arguments)
        change(connection, before)
        return outcome

    patch.attribute(path, changed)


def without_ok(connection: Connection, before: int) -> None:
    """Take back every +OK."""
    connection.out[before:] = [said for said in connection.out[before:] if said != replies.OK]


def ok_after_error(connection: Connection, before: int) -> None:
    """Say +OK to what was refused."""
    if any(said.startswith(b"-ERR") for said in connection.out[before:]):
        connection.send_ok()


@fault("VERB-001", "UNSUB is not answered with +OK")
def silent_unsub(patch: Patch) -> None:
    """Only what begins something is."""
    afterwards(patch, f"{UNSUB}:unsubscribe", without_ok)


@fault("VERB-001/unknown", "UNSUB of an unknown sid is not answered with +OK")
def silent_unknown_unsub(patch: Patch) -> None:
    """There was nothing to end."""
    original = patch.original(f"{UNSUB}:unsubscribe")

    def known_only(connection: Connection, sid: bytes, maximum: int) -> None:
        if sid in connection.subscriptions:
            original(connection, sid, maximum)

    patch.attribute(f"{UNSUB}:unsubscribe", known_only)


@fault("VERB-001/ping", "PING is answered with +OK too")
def ok_to_ping(patch: Patch) -> None:
    """As if it were an operation like others."""
    afterwards(patch, f"{PING}:ping", lambda connection, _before: connection.send_ok())


@fault("VERB-001/pong", "PONG is answered with +OK")
def ok_to_pong(patch: Patch) -> None:
    """As if it were an operation like others."""
    afterwards(patch, f"{PING}:pong", lambda connection, _before: connection.send_ok())


@fault("VERB-001/publish", "PUB is not answered with +OK")
def silent_publish(patch: Patch) -> None:
    """There are so many of them."""
    afterwards(patch, f"{PUB}:publish", without_ok)


@fault("VERB-002", "the +OK of a publish comes after its message")
def late_ok(patch: Patch) -> None:
    """When all is done."""

    def late(connection: Connection, before: int) -> None:
        said = connection.out[before:]
        connection.out[before:] = sorted(said, key=lambda each: each == replies.OK)

    afterwards(patch, f"{PUB}:publish", late)


@fault("VERB-003", "a refused SUB is answered with -ERR and +OK")
def ok_to_refused_sub(patch: Patch) -> None:
    """One to each operation, come what may."""
    afterwards(patch, f"{SUB}:subscribe", ok_after_error)


@fault("VERB-003/publish", "a refused publish is answered with -ERR and +OK")
def ok_to_refused_publish(patch: Patch) -> None:
    """One to each operation, come what may."""
    afterwards(patch, f"{PUB}:publish", ok_after_error)


@fault("VERB-004", "a SUB with a sid in use is not answered")
def silent_duplicate(patch: Patch) -> None:
    """It changes nothing, so it says nothing."""
    original = patch.original(f"{SUB}:subscribe")

    def fresh_only(connection: Connection, subject: bytes, queue: bytes | None, sid: bytes) -> None:
        if sid not in connection.subscriptions:
            original(connection, subject, queue, sid)

    patch.attribute(f"{SUB}:subscribe", fresh_only)


def publishing(patch: Patch, decide: Callable[[Connection, Message], bool]) -> None:
    """Only publish what `decide` lets pass; +OK is said all the same."""
    original = patch.original(f"{PUB}:publish")

    def publish(connection: Connection, message: Message, payload: bytes) -> Ready | None:
        if not decide(connection, message):
            connection.send_ok()
            return None
        ready: Ready | None = original(connection, message, payload)
        return ready

    patch.attribute(f"{PUB}:publish", publish)


@fault("VERB-005", "a bad subject is answered with -ERR and no +OK")
def error_is_all(patch: Patch) -> None:
    """As a refused operation is."""
    original = patch.original(f"{PUB}:publish")

    def publish(connection: Connection, message: Message, payload: bytes) -> Ready | None:
        before = len(connection.out)
        ready: Ready | None = original(connection, message, payload)
        if connection.options.pedantic and not subjects.valid_literal(message[0]):
            without_ok(connection, before)
        return ready

    patch.attribute(f"{PUB}:publish", publish)


@fault("VERB-005/message", "a verbose and pedantic client's message with a bad subject is lost")
def lost_when_verbose(patch: Patch) -> None:
    """-ERR and +OK come."""
    publishing(patch, lambda c, m: not c.options.pedantic or subjects.valid_literal(m[0]))


@fault("PED-001", "pedantic mode has nothing against any subject")
def easygoing(patch: Patch) -> None:
    """It is as if it were off."""
    patch.attribute(f"{PUB}:valid", lambda _subject: True)


@fault("PED-001/empty", "pedantic mode has nothing against empty tokens")
def wildcards_only(patch: Patch) -> None:
    """Only against wildcards."""
    patch.attribute(f"{PUB}:valid", lambda s: not {b"*", b">"} & set(s.split(b".")))


@fault("PED-001/within", "pedantic mode takes a wildcard within a token for one")
def suspicious(patch: Patch) -> None:
    """foo* is an ordinary token."""
    patch.attribute(
        f"{PUB}:valid",
        lambda s: subjects.valid_literal(s) and b"*" not in s and b">" not in s,
    )


@fault("PED-001/reply", "pedantic mode checks reply subjects too")
def replies_too(patch: Patch) -> None:
    """They should be left alone."""
    original = patch.original(f"{PUB}:announce")

    def announce(connection: Connection, subject: bytes, reply: bytes | None, *sizes: Any) -> Any:  # noqa: ANN401 - passed on
        if connection.options.pedantic and reply and not subjects.valid_literal(reply):
            connection.send_error(replies.INVALID_PUBLISH_SUBJECT)
        return original(connection, subject, reply, *sizes)

    patch.attribute(f"{PUB}:announce", announce)


@fault("PED-001/always", "bad subjects are remarked on without pedantic, too")
def always_pedantic(patch: Patch) -> None:
    """The field of CONNECT means nothing."""
    original = patch.original(f"{PUB}:announce")

    def announce(connection: Connection, subject: bytes, *rest: Any) -> Any:  # noqa: ANN401 - passed on
        if not connection.options.pedantic and not subjects.valid_literal(subject):
            connection.send_error(replies.INVALID_PUBLISH_SUBJECT)
        return original(connection, subject, *rest)

    patch.attribute(f"{PUB}:announce", announce)


@fault("PED-002", "a bad subject in pedantic mode is not routed")
def not_routed(patch: Patch) -> None:
    """The remark is the end of it."""
    publishing(patch, lambda c, m: not c.options.pedantic or subjects.valid_literal(m[0]))


@fault("PED-003", "the subject of a SUB is checked in pedantic mode only")
def unchecked(patch: Patch) -> None:
    """Otherwise +OK, and a subscription that nothing matches."""
    original = patch.original(f"{SUB}:subscribe")

    def subscribe(connection: Connection, subject: bytes, queue: bytes | None, sid: bytes) -> None:
        if connection.options.pedantic or subjects.valid_subscription(subject):
            original(connection, subject, queue, sid)
        else:
            connection.send_ok()

    patch.attribute(f"{SUB}:subscribe", subscribe)


@fault("ECHO-001", "echo false has no effect")
def echo(patch: Patch) -> None:
    """One's own messages come back."""
    takes(patch, lambda publisher, s: s.connection is publisher)


@fault("ECHO-001/queue", "echo false has no effect on queue subscriptions")
def echo_in_queues(patch: Patch) -> None:
    """One's own messages come back there."""
    takes(patch, lambda publisher, s: s.connection is publisher and s.queue is not None)


@fault("ECHO-001/others", "echo false keeps the messages of others away, too")
def deaf(patch: Patch) -> None:
    """The subscriptions are there for nothing."""
    original = patch.original(f"{DELIVERY}:takes")
    patch.attribute(
        f"{DELIVERY}:takes",
        lambda publisher, s, message: s.connection.options.echo and original(publisher, s, message),
    )


def takes(patch: Patch, always: Callable[[Connection, Subscription], bool]) -> None:
    """Deliver to subscriptions of which `always` says so, whatever echo says."""
    original = patch.original(f"{DELIVERY}:takes")

    def changed(publisher: Connection, subscription: Subscription, message: Message) -> bool:
        if always(publisher, subscription):
            return not subscription.max or subscription.delivered < subscription.max
        return bool(original(publisher, subscription, message))

    patch.attribute(f"{DELIVERY}:takes", changed)


@fault("ECHO-002", "a requester without echo counts as a responder to itself")
def own_responder(patch: Patch) -> None:
    """Nobody says that nobody responds."""
    original = patch.original(f"{DELIVERY}:distribute")

    def distribute(publisher: Connection, route: Route, message: Message, payload: bytes) -> bool:
        delivered = bool(original(publisher, route, message, payload))
        mine = (*route.plain, *(member for group in route.groups for member in group))
        return delivered or any(each.connection is publisher for each in mine)

    patch.attribute(f"{DELIVERY}:distribute", distribute)


@fault("ECHO-003", "a group gives up when the member that is drawn wants no echo")
def no_second_choice(patch: Patch) -> None:
    """The message is lost though others could take it."""
    deliver, draw = (patch.original(f"{DELIVERY}:{name}") for name in ("deliver", "draw"))

    def one_try(
        publisher: Connection, group: tuple[Subscription, ...], message: Message, payload: bytes
    ) -> bool:
        drawn = group[draw(publisher, len(group))]
        return bool(deliver(publisher, drawn, message, payload))

    patch.attribute(f"{DELIVERY}:deliver_to_group", one_try)


@fault("ECHO-003/alone", "a group of the publisher alone receives its messages in spite of echo")
def alone(patch: Patch) -> None:
    """Better that one than none."""
    original = patch.original(f"{DELIVERY}:takes")

    def lonely(publisher: Connection, subscription: Subscription, message: Message) -> bool:
        mine = subscription.connection is publisher and subscription.queue is not None
        group = publisher.server.interest.route(message[0]).groups
        if mine and all(each.connection is publisher for members in group for each in members):
            return True
        return bool(original(publisher, subscription, message))

    patch.attribute(f"{DELIVERY}:takes", lonely)
