"""What a user may publish and hear (AUTH-PERM-001 .. AUTH-PERM-015, ERR-006, ERR-007, SUBJ-011, SUBJ-012).

Lists of subject patterns, looked up with the subject taken literally, a
wildcard subscription's text included. What is allowed because somebody asked for
an answer is responses.py's business here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nats_reference.routing.index import Index
from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.auth.responses import ResponseRule
    from nats_reference.connection import Connection

#: Answers of one kind kept for one set of lists at most.
MAX_ANSWERS = 4096
#: Sets of lists kept ready at most.
MAX_SETS = 1024


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a list: a subject pattern, and the queue group it is about, if any."""

    subject: bytes
    queue: bytes | None = None


@dataclass(frozen=True, slots=True)
class PermissionRules:
    """The lists of one user as they stand in the configuration; None where there is no list."""

    publish_allow: tuple[Rule, ...] | None = None
    publish_deny: tuple[Rule, ...] = ()
    subscribe_allow: tuple[Rule, ...] | None = None
    subscribe_deny: tuple[Rule, ...] = ()
    #: How requests may be answered, or None if that is no reason to allow anything.
    responses: ResponseRule | None = None


def index(rules: tuple[Rule, ...]) -> Index[Rule]:
    """The tree of a list."""
    found: Index[Rule] = Index()
    for rule in rules:
        found.insert(rule.subject, rule)
    return found


@lru_cache(maxsize=MAX_SETS)
def ready(rules: PermissionRules) -> Permissions:
    """The lists, ready to be asked, for all connections of a user together."""
    return Permissions(rules)


class Permissions:
    """The lists of one user, ready to be asked."""

    __slots__ = ("_denied", "_published", "publish_allow", "publish_deny", "rules", "subscribe_allow", "subscribe_deny")  # fmt: skip

    def __init__(self, rules: PermissionRules) -> None:
        self.rules = rules
        self.publish_allow = allowing(rules)
        self.publish_deny = index(rules.publish_deny)
        self.subscribe_allow = None if not rules.subscribe_allow else index(rules.subscribe_allow)
        self.subscribe_deny = index(rules.subscribe_deny)
        #: Answers given before.
        self._published: dict[bytes, bool] = {}
        self._denied: dict[tuple[bytes, bytes | None], bool] = {}

    def may_publish(self, subject: bytes) -> bool:
        """Whether some allow rule matches, if there are any, and no deny rule does."""
        answer = self._published.get(subject)
        if answer is None:
            if len(self._published) >= MAX_ANSWERS:
                self._published.clear()
            allowed = self.publish_allow is None or bool(self.publish_allow.match(subject))
            answer = allowed and not self.publish_deny.match(subject)
            self._published[subject] = answer
        return answer

    def may_subscribe(self, subject: bytes, queue: bytes | None) -> bool:
        """The same for a subscription's text; a rule with a queue is about that queue only."""
        if self.subscribe_allow is not None and not listed(
            covering(self.subscribe_allow, subject), queue, plain_decides=False
        ):
            return False
        return not listed(denying(self.subscribe_deny, subject), queue, plain_decides=True)

    def filters(self, subject: bytes, queue: bytes | None) -> bool:
        """Whether a subscription that was allowed may still meet denied messages."""
        wild = any(word in {subjects.ONE, subjects.REST} for word in subjects.tokens(subject))
        return (wild or queue is not None) and any(
            subjects.collide(rule.subject, subject) for rule in self.rules.subscribe_deny
        )

    def denies_delivery(self, subject: bytes, queue: bytes | None) -> bool:
        """Whether a deny rule keeps a message from a subscription wider than the rule."""
        key = subject, queue
        answer = self._denied.get(key)
        if answer is None:
            if len(self._denied) >= MAX_ANSWERS:
                self._denied.clear()
            answer = listed(self.subscribe_deny.match(subject), queue, plain_decides=True)
            self._denied[key] = answer
        return answer


def allowing(rules: PermissionRules) -> Index[Rule] | None:
    """The subjects that may be published to; none but answers, if those are all that is said."""
    if rules.publish_allow is None:
        return None if rules.responses is None else index(())
    return index(rules.publish_allow)


def covering(rules: Index[Rule], pattern: bytes) -> list[Rule]:
    """The rules that match whatever `pattern` matches (SUBJ-011).

    Looked up as if it were a subject, `foo.>` is found under `foo.*`, where
    nats-server leaves it; it is no subset of it.
    """
    return [rule for rule in rules.match(pattern) if subjects.is_subset(pattern, rule.subject)]


def denying(rules: Index[Rule], pattern: bytes) -> list[Rule]:
    """The rules that match `pattern` as if it were a subject (AUTH-PERM-004)."""
    return rules.match(pattern)


def listed(found: list[Rule], queue: bytes | None, *, plain_decides: bool) -> bool:
    """Whether the rules in `found` speak of this subscription.

    For a queue subscription, rules that name queues decide where there are any;
    in a deny list (`plain_decides`) a rule without a queue is enough by itself.
    """
    plain = any(rule.queue is None for rule in found)
    named = [rule.queue for rule in found if rule.queue is not None]
    if queue is None or not named or (plain and plain_decides):
        return plain
    return any(names(rule, queue) for rule in named)


def names(rule: bytes, queue: bytes) -> bool:
    """Whether a rule's queue is this one, word for word or as a pattern (AUTH-PERM-008)."""
    return queue == rule or subjects.is_subset(queue, rule)


def delivery_denied(receiver: Connection, subject: bytes, queue: bytes | None) -> bool:
    """Whether this connection may not be sent this message."""
    granted = receiver.permissions
    return granted is not None and granted.denies_delivery(subject, queue)
