"""Faults of chapter 33, unsubscribe: when a subscription ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.operations.pub import Message
    from nats_reference.routing.subscription import Subscription

UNSUB = "nats_reference.operations.unsub"
CONNECTION = "nats_reference.connection:Connection"


def unless(patch: Patch, ignored: Callable[[Subscription, int], bool]) -> None:
    """Have UNSUB do nothing to some subscriptions."""
    unsubscribe = patch.original(f"{UNSUB}:unsubscribe")

    def lax(connection: Connection, sid: bytes, maximum: int) -> None:
        subscription = connection.subscriptions.get(sid)
        if subscription is None or not ignored(subscription, maximum):
            unsubscribe(connection, sid, maximum)
        else:
            connection.send_ok()

    patch.attribute(f"{UNSUB}:unsubscribe", lax)


@fault("UNSUB-001", "UNSUB of an unknown sid is an error")
def unknown_sids_are_errors(patch: Patch) -> None:
    """The client is told."""
    unsubscribe = patch.original(f"{UNSUB}:unsubscribe")

    def strict(connection: Connection, sid: bytes, maximum: int) -> None:
        if sid not in connection.subscriptions:
            connection.send_error("Invalid Subject-Identifier (sid), no subscriber registered")
        unsubscribe(connection, sid, maximum)

    patch.attribute(f"{UNSUB}:unsubscribe", strict)


@fault("UNSUB-002", "UNSUB does not end a subscription that has a max")
def max_outlives_unsub(patch: Patch) -> None:
    """The subscription goes on to its max."""
    unless(patch, lambda subscription, maximum: maximum == 0 and subscription.max > 0)


@fault("UNSUB-003", "max counts from the UNSUB")
def max_counts_from_unsub(patch: Patch) -> None:
    """What was delivered before is not counted."""
    unsubscribe = patch.original(f"{UNSUB}:unsubscribe")

    def later(connection: Connection, sid: bytes, maximum: int) -> None:
        subscription = connection.subscriptions.get(sid)
        before = subscription.delivered if subscription is not None and maximum else 0
        unsubscribe(connection, sid, maximum + before)

    patch.attribute(f"{UNSUB}:unsubscribe", later)


@fault("UNSUB-003/last", "the message that reaches max is not delivered")
def last_is_dropped(patch: Patch) -> None:
    """One too few comes."""
    unsubscribe = patch.original(f"{UNSUB}:unsubscribe")
    patch.attribute(f"{UNSUB}:unsubscribe", lambda c, sid, n: unsubscribe(c, sid, max(n - 1, 0)))


@fault("UNSUB-004", "a max that is reached already is ignored")
def reached_max_is_ignored(patch: Patch) -> None:
    """The subscription goes on for ever."""
    unless(patch, lambda subscription, maximum: 0 < maximum <= subscription.delivered)


@fault("UNSUB-005", "UNSUB with a max that is no number is ignored")
def bad_max_is_ignored(patch: Patch) -> None:
    """It is taken for a mistake."""
    patch.attribute(f"{UNSUB}:unsub_now", lambda _connection, _sid, _maximum: None)


@fault("UNSUB-005/zero", "a max of 0 is no max")
def zero_is_no_max(patch: Patch) -> None:
    """The subscription goes on for ever."""
    unsub_max = patch.original(f"{UNSUB}:unsub_max")
    patch.attribute(
        f"{UNSUB}:unsub_max", lambda c, sid, word: unsub_max(c, sid, word) if int(word) else None
    )


@fault("UNSUB-006", "a max can't be raised")
def max_is_not_raised(patch: Patch) -> None:
    """The smaller one holds."""
    unless(patch, lambda subscription, maximum: 0 < subscription.max < maximum)


@fault("UNSUB-007", "a new subscription inherits the count of its sid")
def count_is_inherited(patch: Patch) -> None:
    """Its max is reached too early."""
    remember, forget = (patch.original(f"{CONNECTION}.{name}") for name in ("remember", "forget"))
    counts: dict[tuple[int, bytes], int] = {}

    def keep(self: Connection, subscription: Subscription) -> None:
        counts[self.cid, subscription.sid] = subscription.delivered
        forget(self, subscription)

    def inherit(self: Connection, subscription: Subscription) -> None:
        subscription.delivered = counts.get((self.cid, subscription.sid), 0)
        remember(self, subscription)

    patch.attribute(f"{CONNECTION}.forget", keep)
    patch.attribute(f"{CONNECTION}.remember", inherit)


@fault("UNSUB-008", "UNSUB before SUB holds for that SUB")
def max_is_remembered(patch: Patch) -> None:
    """The subscription begins with a max."""
    unsubscribe = patch.original(f"{UNSUB}:unsubscribe")
    remember = patch.original(f"{CONNECTION}.remember")
    early: dict[tuple[int, bytes], int] = {}

    def note(connection: Connection, sid: bytes, maximum: int) -> None:
        if sid not in connection.subscriptions:
            early[connection.cid, sid] = maximum
        unsubscribe(connection, sid, maximum)

    def limited(self: Connection, subscription: Subscription) -> None:
        subscription.max = early.pop((self.cid, subscription.sid), 0)
        remember(self, subscription)

    patch.attribute(f"{UNSUB}:unsubscribe", note)
    patch.attribute(f"{CONNECTION}.remember", limited)


@fault("UNSUB-010", "a member at its max swallows its share")
def full_members_swallow(patch: Patch) -> None:
    """It stays in the group, and what is drawn for it is lost."""
    deliver = patch.original("nats_reference.routing.delivery:deliver")

    def swallow(
        publisher: Connection, subscription: Subscription, message: Message, payload: bytes
    ) -> bool:
        maximum = subscription.max if subscription.queue is not None else 0
        if maximum and subscription.delivered >= maximum:
            return True
        if maximum:
            subscription.max = 0
        delivered = bool(deliver(publisher, subscription, message, payload))
        subscription.max = maximum or subscription.max
        return delivered

    patch.attribute("nats_reference.routing.delivery:deliver", swallow)


@fault("DRAIN-001", "UNSUB drops what was not sent yet")
def unsub_drops_messages(patch: Patch) -> None:
    """Messages on their way are lost."""
    unsubscribe = patch.original(f"{UNSUB}:unsubscribe")

    def drop(connection: Connection, sid: bytes, maximum: int) -> None:
        unsubscribe(connection, sid, maximum)
        if sid not in connection.subscriptions:
            connection.out.clear()

    patch.attribute(f"{UNSUB}:unsubscribe", drop)


@fault("DRAIN-001/after", "messages come after the end of their subscription")
def unsub_takes_effect_late(patch: Patch) -> None:
    """UNSUB waits for the next control line but one."""
    unsubscribe = patch.original(f"{UNSUB}:unsubscribe")
    ping = patch.original("nats_reference.operations.ping:ping")
    late: list[tuple[Connection, bytes, int]] = []

    def wait(connection: Connection, sid: bytes, maximum: int) -> None:
        late.append((connection, sid, maximum))

    def catch_up(connection: Connection) -> None:
        ping(connection)
        for each in [waiting for waiting in late if waiting[0] is connection]:
            late.remove(each)
            unsubscribe(*each)

    patch.attribute(f"{UNSUB}:unsubscribe", wait)
    patch.attribute("nats_reference.operations.ping:ping", catch_up)
