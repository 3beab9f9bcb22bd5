"""Faults of chapter 32, queue groups: who is a member, and which one is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_reference.faults.routing import reroute

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.operations.pub import Message
    from nats_reference.routing.subscription import Subscription

DELIVERY = "nats_reference.routing.delivery"
GROUPED = "nats_reference.routing.interest:grouped"

Groups = tuple[tuple["Subscription", ...], ...]


@fault("QUEUE-001", "every member of a group gets the message")
def all_members(patch: Patch) -> None:
    """A group is no group."""
    deliver = patch.original(f"{DELIVERY}:deliver")

    def everybody(
        publisher: Connection, group: tuple[Subscription, ...], message: Message, payload: bytes
    ) -> bool:
        taken = [deliver(publisher, member, message, payload) for member in group]
        return any(taken)

    patch.attribute(f"{DELIVERY}:deliver_to_group", everybody)


@fault("QUEUE-002", "a connection is one member, however often it subscribed")
def one_member_a_connection(patch: Patch) -> None:
    """Its other subscriptions get no share."""
    grouped = patch.original(GROUPED)

    def fewer(found: list[Subscription]) -> Groups:
        groups: Groups = grouped(found)
        return tuple(tuple({m.connection.cid: m for m in group}.values()) for group in groups)

    patch.attribute(GROUPED, fewer)


@fault("QUEUE-003", "one name on two patterns makes two groups")
def groups_by_pattern(patch: Patch) -> None:
    """A message that matches both patterns is delivered twice."""

    def more(found: list[Subscription]) -> Groups:
        groups: dict[tuple[bytes, bytes], list[Subscription]] = {}
        for each in found:
            if each.queue is not None:
                groups.setdefault((each.queue, each.subject), []).append(each)
        return tuple(map(tuple, groups.values()))

    patch.attribute(GROUPED, more)


@fault("QUEUE-004", "the first member gets everything")
def first_member(patch: Patch) -> None:
    """The others starve."""
    patch.attribute(f"{DELIVERY}:draw", lambda _publisher, _size: 0)


@fault("QUEUE-005", "a message drawn for a member that can't take it is lost")
def no_second_choice(patch: Patch) -> None:
    """Nobody is asked instead."""
    deliver, draw = patch.original(f"{DELIVERY}:deliver"), patch.original(f"{DELIVERY}:draw")

    def once(
        publisher: Connection, group: tuple[Subscription, ...], message: Message, payload: bytes
    ) -> bool:
        return bool(deliver(publisher, group[draw(publisher, len(group))], message, payload))

    patch.attribute(f"{DELIVERY}:deliver_to_group", once)


@fault("QUEUE-006", "plain subscriptions get nothing beside a group")
def groups_come_first(patch: Patch) -> None:
    """The group takes the message away."""
    reroute(patch, lambda found: [s for s in found if s.queue is not None] or found)


@fault("QUEUE-008", "a member that unsubscribed stays in its group")
def members_stay(patch: Patch) -> None:
    """It still gets a share."""
    forget = patch.original("nats_reference.connection:Connection.forget")

    def keep(self: Connection, subscription: Subscription) -> None:
        if subscription.queue is None:
            forget(self, subscription)
        else:
            del self.subscriptions[subscription.sid]

    patch.attribute("nats_reference.connection:Connection.forget", keep)
