"""What a user may publish, subscribe to and be sent: permissions as pure functions.

`Permissions` are the lists of one user; `Grants` what one connection may answer
because it was asked. Implements AUTH-PERM-001, AUTH-PERM-003 .. AUTH-PERM-008,
AUTH-PERM-014, AUTH-PERM-015, AUTH-RESP-001 .. AUTH-RESP-005.

Leaves out which user a client is, how a configuration is written, and the clock:
whoever calls says what time it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from nats_spec.subjects import is_subset, matches

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: a pattern, and the queue groups that it is about, if not all."""

    pattern: bytes
    queue: bytes | None = None


@dataclass(frozen=True, slots=True)
class Lists:
    """What is allowed, or None for everything, and what of that is denied."""

    allow: tuple[Entry, ...] | None = None
    deny: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Responses:
    """How often, and for how many seconds, a request may be answered; None for any."""

    maximum: int | None = 1
    seconds: float | None = 120.0


@dataclass(frozen=True, slots=True)
class Permissions:
    """Everything that a configuration says of one user."""

    publish: Lists = field(default_factory=Lists)
    subscribe: Lists = field(default_factory=Lists)
    responses: Responses | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to publish to one reply subject: since when, and how often it was used."""

    since: float
    used: int = 0


#: By reply subject, what a connection has leave for.
Grants = Mapping[bytes, Grant]
NONE: Grants = MappingProxyType({})


def may_publish(granted: Permissions, subject: bytes) -> bool:
    """Whether the lists let this user publish to `subject` (AUTH-PERM-001, AUTH-RESP-003)."""
    allow, deny = granted.publish.allow, granted.publish.deny
    if allow is None and granted.responses is not None:
        return False
    allowed = allow is None or any(matches(entry.pattern, subject) for entry in allow)
    return allowed and not any(matches(entry.pattern, subject) for entry in deny)


def may_subscribe(granted: Permissions, pattern: bytes, queue: bytes | None = None) -> bool:
    """Whether this user may subscribe to `pattern` (AUTH-PERM-003, AUTH-PERM-004).

    An allow entry has to cover the pattern; a deny entry is looked up as if the
    pattern were a subject.
    """
    allow = granted.subscribe.allow
    if allow is not None:
        covering = [entry for entry in allow if is_subset(pattern, entry.pattern)]
        named = [entry.queue for entry in covering if entry.queue is not None]
        plain = len(named) < len(covering)
        # Entries that name queues decide for queue subscriptions (AUTH-PERM-007).
        if not (_names(named, queue) if queue is not None and named else plain):
            return False
    return not _denied(granted, pattern, queue)


def may_deliver(granted: Permissions, subject: bytes, queue: bytes | None = None) -> bool:
    """Whether a message may go to a subscription that is wider than a deny entry (AUTH-PERM-005)."""
    return not _denied(granted, subject, queue)


def requested(granted: Permissions, grants: Grants, reply: bytes, now: float) -> Grants:
    """After a message with this reply subject was delivered (AUTH-RESP-001, AUTH-RESP-005)."""
    if granted.responses is None or may_publish(granted, reply):
        return grants
    return {**grants, reply: Grant(now)}


def respond(granted: Permissions, grants: Grants, subject: bytes, now: float) -> Grants | None:
    """After a publish to `subject`, or None if it is refused."""
    if may_publish(granted, subject):
        return grants
    rule, grant = granted.responses, grants.get(subject)
    if rule is None or grant is None:
        return None
    if rule.maximum is not None and grant.used >= rule.maximum:
        return None
    if rule.seconds is not None and now - grant.since > rule.seconds:
        return None
    return {**grants, subject: Grant(grant.since, grant.used + 1)}


def _denied(granted: Permissions, subject: bytes, queue: bytes | None) -> bool:
    """Whether a deny entry without a queue matches, or one that names this queue."""
    found = [entry.queue for entry in granted.subscribe.deny if matches(entry.pattern, subject)]
    named = [name for name in found if name is not None]
    return len(named) < len(found) or (queue is not None and _names(named, queue))


def _names(entries: Iterable[bytes], queue: bytes) -> bool:
    """Whether an entry names this queue, word for word or as a pattern (AUTH-PERM-008)."""
    return any(queue == name or is_subset(queue, name) for name in entries)
