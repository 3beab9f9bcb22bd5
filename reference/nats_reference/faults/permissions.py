"""Faults of chapter 72, permissions: lists that are applied in another way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.auth.permissions import Permissions, Rule
from nats_reference.faults import Patch, fault
from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.routing.index import Index

AUTH = "nats_reference.auth.permissions"
MAY_PUBLISH = f"{AUTH}:Permissions.may_publish"
MAY_SUBSCRIBE = f"{AUTH}:Permissions.may_subscribe"
PUB = "nats_reference.operations.pub"


@fault("AUTH-PERM-001", "an allow entry goes before a deny entry")
def allow_wins(patch: Patch) -> None:
    """What is allowed is allowed."""
    may_publish = patch.original(MAY_PUBLISH)

    def lax(self: Permissions, subject: bytes) -> bool:
        allow = self.publish_allow
        return bool(allow is not None and allow.match(subject)) or may_publish(self, subject)

    patch.attribute(MAY_PUBLISH, lax)


@fault("AUTH-PERM-001/literal", "a wildcard in the subject of a publish is one")
def publishes_are_patterns(patch: Patch) -> None:
    """It has to be covered, and `>` is by nothing but itself."""
    may_publish = patch.original(MAY_PUBLISH)

    def strict(self: Permissions, subject: bytes) -> bool:
        if b">" in subjects.tokens(subject):
            rules = self.rules.publish_allow or ()
            return any(rule.subject == b">" for rule in rules)
        return bool(may_publish(self, subject))

    patch.attribute(MAY_PUBLISH, strict)


@fault("AUTH-PERM-001/remembered", "the first refusal holds for every subject")
def refused_for_good(patch: Patch) -> None:
    """Whoever tried is under suspicion."""
    permitted = patch.original(f"{PUB}:permitted")
    suspects: set[int] = set()

    def strict(connection: Connection, subject: bytes) -> bool:
        if not permitted(connection, subject):
            suspects.add(connection.cid)
        return connection.cid not in suspects

    patch.attribute(f"{PUB}:permitted", strict)


@fault("AUTH-PERM-003", "an allow entry admits what it overlaps with")
def overlapping_is_enough(patch: Patch) -> None:
    """A wider subscription is accepted, and hears everything."""
    may_subscribe = patch.original(MAY_SUBSCRIBE)

    def lax(self: Permissions, subject: bytes, queue: bytes | None) -> bool:
        allow = self.rules.subscribe_allow or ()
        near = queue is None and any(subjects.collide(rule.subject, subject) for rule in allow)
        return near or bool(may_subscribe(self, subject, queue))

    patch.attribute(MAY_SUBSCRIBE, lax)


@fault("AUTH-PERM-003/equal", "an allow entry admits only its own text")
def only_its_text(patch: Patch) -> None:
    """`OK.a` is not `OK.*`."""

    def covering(rules: Index[Rule], pattern: bytes) -> list[Rule]:
        return [rule for rule in rules.match(pattern) if rule.subject == pattern]

    patch.attribute(f"{AUTH}:covering", covering)


@fault("AUTH-PERM-004", "a deny entry refuses what it covers, and no text besides")
def covering_is_needed(patch: Patch) -> None:
    """`NO.>` is let through by `NO.*`."""

    def denying(rules: Index[Rule], pattern: bytes) -> list[Rule]:
        return [rule for rule in rules.match(pattern) if subjects.is_subset(pattern, rule.subject)]

    patch.attribute(f"{AUTH}:denying", denying)


@fault("AUTH-PERM-005", "a subscription hears what is denied, if it is wide enough")
def wide_hears_all(patch: Patch) -> None:
    """Deny entries are for SUB alone."""
    patch.attribute(f"{AUTH}:delivery_denied", lambda *_: False)


@fault("AUTH-PERM-005/refused", "a subscription that overlaps a deny entry is refused")
def overlap_refused(patch: Patch) -> None:
    """To be on the safe side."""
    may_subscribe = patch.original(MAY_SUBSCRIBE)

    def strict(self: Permissions, subject: bytes, queue: bytes | None) -> bool:
        return bool(may_subscribe(self, subject, queue)) and not self.filters(subject, queue)

    patch.attribute(MAY_SUBSCRIBE, strict)


@fault("AUTH-PERM-005/member", "a message that one member may not have is lost to the group")
def group_loses(patch: Patch) -> None:
    """The first that is drawn is asked, and nobody else."""
    deliver_to_group = patch.original("nats_reference.routing.delivery:deliver_to_group")

    def once(publisher: Any, group: Any, message: Any, payload: bytes) -> bool:  # noqa: ANN401 - passed on
        if any(member.connection.filters_deliveries for member in group):
            group = group[:1]
        return bool(deliver_to_group(publisher, group, message, payload))

    patch.attribute("nats_reference.routing.delivery:deliver_to_group", once)


def queue_of(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of found rules
    """Have allow lists answer otherwise for what they found."""
    listed = patch.original(f"{AUTH}:listed")

    def other(found: list[Rule], queue: bytes | None, *, plain_decides: bool) -> bool:
        if not plain_decides:
            found = change(found, queue)
        return bool(listed(found, queue, plain_decides=plain_decides))

    patch.attribute(f"{AUTH}:listed", other)


@fault("AUTH-PERM-006", "an entry with a queue allows a subscription without one")
def queue_allows_plain(patch: Patch) -> None:
    """The subject is what counts."""
    queue_of(
        patch,
        lambda found, queue: found if queue else [replace(rule, queue=None) for rule in found],
    )


@fault("AUTH-PERM-006/any", "an entry with a queue allows every queue")
def queue_allows_any(patch: Patch) -> None:
    """Its name is not compared."""
    queue_of(
        patch, lambda found, queue: [Rule(rule.subject, rule.queue and queue) for rule in found]
    )


@fault("AUTH-PERM-007", "an entry without a queue allows every queue, whatever else matches")
def plain_decides(patch: Patch) -> None:
    """The wider entry wins."""

    def plain_first(found: list[Rule], _queue: bytes | None) -> list[Rule]:
        plain = [rule for rule in found if rule.queue is None]
        return plain or found

    queue_of(patch, plain_first)


@fault("AUTH-PERM-007/groups", "an entry without a queue is for subscriptions without one")
def plain_is_plain(patch: Patch) -> None:
    """Groups need an entry of their own."""
    queue_of(
        patch,
        lambda found, queue: [rule for rule in found if rule.queue is not None or queue is None],
    )


@fault("AUTH-PERM-008", "the queue of an entry is compared word for word")
def queues_are_words(patch: Patch) -> None:
    """A star is a star."""
    patch.attribute(f"{AUTH}:names", lambda rule, queue: rule == queue)


@fault("AUTH-PERM-014", "a deny entry with a queue decides for all groups")
def queue_denies(patch: Patch) -> None:
    """As in releases before 2.12.7."""
    listed = patch.original(f"{AUTH}:listed")
    patch.attribute(
        f"{AUTH}:listed", lambda found, queue, **_: listed(found, queue, plain_decides=False)
    )


@fault("AUTH-PERM-015", "deny entries with a queue are for SUB alone")
def queues_hear_all(patch: Patch) -> None:
    """As in releases before 2.14.4."""
    denied = patch.original(f"{AUTH}:delivery_denied")
    patch.attribute(
        f"{AUTH}:delivery_denied", lambda receiver, subject, _queue: denied(receiver, subject, None)
    )


@fault("AUTH-PERM-009", "a reply subject has to be allowed too")
def replies_are_checked(patch: Patch) -> None:
    """So that nobody publishes there by others."""
    refusal = patch.original(f"{PUB}:refusal")

    def strict(connection: Connection, subject: bytes, reply: bytes | None) -> Any:  # noqa: ANN401
        denied = refusal(connection, subject, reply)
        if denied is None and reply is not None:
            return refusal(connection, reply, None)
        return denied

    patch.attribute(f"{PUB}:refusal", strict)
