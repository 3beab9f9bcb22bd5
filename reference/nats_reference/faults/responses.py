"""Faults of chapter 72, permissions: leave to answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from nats_reference.auth.responses import Responses
    from nats_reference.connection import Connection

RESPONSES = "nats_reference.auth.responses"
USE = f"{RESPONSES}:Responses.use"
GRANT = f"{RESPONSES}:Responses.grant"
MAY_ANSWER = "nats_reference.routing.delivery:may_answer"
CONFIG = "nats_reference.config.permissions"
PUB = "nats_reference.operations.pub"


@fault("AUTH-RESP-001", "leave to answer is never used up")
def inexhaustible(patch: Patch) -> None:
    """Who was asked once may go on."""
    patch.attribute(f"{RESPONSES}:Responses.used_up", lambda _self, _used: False)


@fault("AUTH-RESP-001/once", "every request may be answered once")
def once(patch: Patch) -> None:
    """Whatever the configuration has for max."""
    patch.attribute(f"{RESPONSES}:Responses.used_up", lambda _self, used: used > 0)


@fault("AUTH-RESP-001/time", "leave to answer never expires")
def for_ever(patch: Patch) -> None:
    """Who was asked once may answer whenever it likes."""
    patch.attribute(f"{RESPONSES}:Responses.expired", lambda *_: False)


@fault("AUTH-RESP-001/user", "leave to answer is the user's")
def shared_leave(patch: Patch) -> None:
    """All its connections may answer."""
    grant = patch.original(GRANT)

    def for_all(receiver: Connection, reply: bytes) -> None:
        for other in receiver.server.connections.values():
            if other.user == receiver.user and other.responses is not None:
                grant(other.responses, reply)

    patch.attribute(MAY_ANSWER, for_all)


@fault("AUTH-RESP-001/pattern", "leave to answer on a pattern is for all that it matches")
def patterns_are_open(patch: Patch) -> None:
    """A requester may open every subject."""
    use = patch.original(USE)

    def lax(self: Responses, subject: bytes) -> bool:
        prefix = subject.rpartition(b".")[0]
        return bool(use(self, subject) or use(self, prefix + b".>"))

    patch.attribute(USE, lax)


@fault("AUTH-RESP-001/unsub", "UNSUB takes leave to answer away")
def unsub_ends_leave(patch: Patch) -> None:
    """Who doesn't listen doesn't talk."""
    forget = patch.original("nats_reference.connection:Connection.forget")

    def final(self: Connection, subscription: Any) -> None:  # noqa: ANN401 - a Subscription
        forget(self, subscription)
        if self.responses is not None:
            self.responses = type(self.responses)(self.responses.rule, self.server.clock)

    patch.attribute("nats_reference.connection:Connection.forget", final)


def default(patch: Patch, **values: Any) -> None:  # noqa: ANN401 - fields of a rule
    """Have `allow_responses: true` mean something else."""
    responses = patch.original(f"{CONFIG}:responses")

    def other(entry: Any) -> Any:  # noqa: ANN401 - an Entry, a ResponseRule
        found = responses(entry)
        return (
            found if found is None or hasattr(entry.value, "entries") else replace(found, **values)
        )

    patch.attribute(f"{CONFIG}:responses", other)


@fault("AUTH-RESP-002", "`allow_responses: true` is for any number of answers")
def true_is_unlimited(patch: Patch) -> None:
    """Nobody said how many."""
    default(patch, messages=-1)


@fault("AUTH-RESP-002/time", "`allow_responses: true` is for a second")
def true_is_short(patch: Patch) -> None:
    """Who takes longer is too late."""
    default(patch, seconds=1.0)


@fault("AUTH-RESP-003", "allow_responses leaves publishing as open as it was")
def leaves_open(patch: Patch) -> None:
    """It only adds."""
    patch.attribute(
        "nats_reference.auth.permissions:allowing",
        lambda rules: None if rules.publish_allow is None else original_index(rules.publish_allow),
    )


def original_index(rules: Any) -> Any:  # noqa: ANN401 - passed on
    """The tree of a list."""
    from nats_reference.auth.permissions import index  # noqa: PLC0415 - a fault is seldom installed

    return index(rules)


@fault("AUTH-RESP-003/false", "`allow_responses: false` closes publishing")
def false_closes(patch: Patch) -> None:
    """The key is what counts."""
    responses = patch.original(f"{CONFIG}:responses")

    def closed(entry: Any) -> Any:  # noqa: ANN401 - an Entry, a ResponseRule
        from nats_reference.auth.responses import ResponseRule  # noqa: PLC0415 - see above

        return responses(entry) or ResponseRule()

    patch.attribute(f"{CONFIG}:responses", closed)


@fault("AUTH-RESP-004", "a deny entry goes before leave to answer")
def deny_wins(patch: Patch) -> None:
    """What is denied is denied."""
    answers = patch.original(f"{PUB}:answers")

    def strict(connection: Connection, subject: bytes) -> bool:
        granted = connection.permissions
        if granted is not None and granted.publish_deny.match(subject):
            return False
        return bool(answers(connection, subject))

    patch.attribute(f"{PUB}:answers", strict)


@fault("AUTH-RESP-005", "a second request uses up what the first left")
def second_takes_away(patch: Patch) -> None:
    """As nats-server does it."""
    grant, use = patch.original(GRANT), patch.original(USE)

    def counted(self: Responses, reply: bytes) -> None:
        if not use(self, reply):
            grant(self, reply)

    patch.attribute(GRANT, counted)


@fault("AUTH-RESP-006", "a negative number of answers is none")
def negative_is_none(patch: Patch) -> None:
    """Less than one is not once."""
    patch.attribute(
        f"{RESPONSES}:Responses.used_up", lambda self, used: used >= max(self.rule.messages, 0)
    )


@fault("AUTH-RESP-006/time", "a negative expiry is over at once")
def negative_is_over(patch: Patch) -> None:
    """It was over before it began."""
    patch.attribute(
        f"{RESPONSES}:Responses.expired", lambda self, since, now: self.rule.seconds < now - since
    )


@fault("AUTH-RESP-006/zero", "zero answers are none")
def zero_is_none(patch: Patch) -> None:
    """It is no default."""
    responses = patch.original(f"{CONFIG}:responses")

    def strict(entry: Any) -> Any:  # noqa: ANN401 - an Entry, a ResponseRule
        found = responses(entry)
        entries = getattr(entry.value, "entries", {})
        zero = "max" in entries and entries["max"].value.text == "0"
        return replace(found, messages=0) if zero else found

    patch.attribute(f"{CONFIG}:responses", strict)


@fault("AUTH-RESP-007", "an answer on a subject that is allowed anyway is counted too")
def allowed_is_counted(patch: Patch) -> None:
    """The request is what gives leave."""
    permitted = patch.original(f"{PUB}:permitted")
    asked: set[tuple[int, bytes]] = set()

    def note(receiver: Connection, reply: bytes) -> None:
        asked.add((receiver.cid, reply))
        if receiver.responses is not None:
            receiver.responses.grant(reply)

    def strict(connection: Connection, subject: bytes) -> bool:
        return (connection.cid, subject) not in asked and bool(permitted(connection, subject))

    patch.attribute(MAY_ANSWER, note)
    patch.attribute(f"{PUB}:permitted", strict)
