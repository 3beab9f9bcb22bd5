"""Faults of chapter 60, errors: another text, none, or another fate of the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference import replies
from nats_reference.faults import Patch, fault
from nats_reference.operations import pub

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection

FAIL = "nats_reference.connection:Connection.fail"
SEND_ERROR = "nats_reference.connection:Connection.send_error"
CLOSE = "nats_reference.connection:Connection.close"
CUT = "nats_reference.connection:Connection.cut"
CONTINUE = "nats_reference.connection:Connection._continue_payload"
ALLOWED = "nats_reference.operations.sub:allowed"
REFUSAL = "nats_reference.operations.pub:refusal"
DENIED = "nats_reference.replies:subscription_denied"


def stays(patch: Patch, text: str) -> None:
    """Have the connection go on after an error that ends it."""
    original = patch.original(FAIL)

    def fail(self: Connection, said: str, reason: str) -> None:
        if said == text:
            self.send_error(said)
        else:
            original(self, said, reason)

    patch.attribute(FAIL, fail)


def unsaid(patch: Patch, text: str) -> None:
    """Have the connection end without the error that goes before."""
    original = patch.original(SEND_ERROR)

    def send_error(self: Connection, said: str) -> None:
        if said != text:
            original(self, said)

    patch.attribute(SEND_ERROR, send_error)


def ends(patch: Patch, is_meant: Callable[[str], bool]) -> None:
    """Have the connection end after an error that leaves it open."""
    original = patch.original(SEND_ERROR)

    def send_error(self: Connection, said: str) -> None:
        original(self, said)
        if is_meant(said):
            self.close("Protocol Violation")

    patch.attribute(SEND_ERROR, send_error)


@fault("ERR-001", "the connection goes on after an unknown operation")
def unknown_operation_stays(patch: Patch) -> None:
    """What comes next is read as if nothing had been."""
    stays(patch, replies.UNKNOWN_OPERATION)


@fault("ERR-002", "the text is the one that the documentation has")
def documented_control_line_error(patch: Patch) -> None:
    """In title case."""
    patch.attribute("nats_reference.replies:MAX_CONTROL_LINE", "Maximum Control Line Exceeded")


@fault("ERR-003", "the connection goes on after a payload that is too large")
def payload_violation_stays(patch: Patch) -> None:
    """As after errors that are about one message."""
    stays(patch, replies.MAX_PAYLOAD)


@fault("ERR-003/late", "a payload that is too large is refused when it has come")
def payload_violation_late(patch: Patch) -> None:
    """First it fills the memory."""
    original = patch.original("nats_reference.operations.pub:publish")

    def publish(connection: Connection, message: pub.Message, payload: bytes) -> Any:  # noqa: ANN401
        if message[4] > connection.server.options.max_payload:
            return connection.fail(replies.MAX_PAYLOAD, "Maximum Message Payload Exceeded")
        return original(connection, message, payload)

    patch.attribute("nats_reference.limits:payload_too_long", lambda *_: False)
    patch.attribute("nats_reference.operations.pub:publish", publish)


@fault("ERR-004", "the connection ends after SUB with a subject that is none")
def invalid_subject_ends(patch: Patch) -> None:
    """As after other errors of syntax."""
    ends(patch, replies.INVALID_SUBJECT.__eq__)


@fault("ERR-005", "the connection ends after a pedantic PUB to a subject that is none")
def invalid_publish_subject_ends(patch: Patch) -> None:
    """As after other errors of syntax."""
    ends(patch, replies.INVALID_PUBLISH_SUBJECT.__eq__)


@fault("ERR-005/lax", "a client that is not pedantic is told as well")
def everybody_is_pedantic(patch: Patch) -> None:
    """CONNECT is not asked."""
    original = patch.original("nats_reference.operations.pub:announce")

    def announce(connection: Connection, subject: bytes, *more: Any) -> Any:  # noqa: ANN401
        if not connection.options.pedantic and not pub.valid(subject):
            connection.send_error(replies.INVALID_PUBLISH_SUBJECT)
        return original(connection, subject, *more)

    patch.attribute("nats_reference.operations.pub:announce", announce)


@fault("ERR-026", "a message in two pieces is checked twice")
def checked_twice(patch: Patch) -> None:
    """nats-server does so."""
    original = patch.original(CONTINUE)

    def again(self: Connection, data: bytes) -> Any:  # noqa: ANN401 - as the original
        begins = self.message if self.options.pedantic and not self.payload else None
        if begins is not None and not pub.valid(begins[0]):
            self.send_error(replies.INVALID_PUBLISH_SUBJECT)
        return original(self, data)

    patch.attribute(CONTINUE, again)


@fault("ERR-006", "a denied message is reported and delivered")
def denied_message_delivered(patch: Patch) -> None:
    """The error is all that permissions do."""
    original = patch.original(REFUSAL)

    def refusal(connection: Connection, subject: bytes, reply: bytes | None) -> Any:  # noqa: ANN401
        denied = original(connection, subject, reply)
        if denied is None or not denied.startswith("Permissions Violation for Publish to"):
            return denied
        return connection.send_error(denied)

    patch.attribute(REFUSAL, refusal)


@fault("ERR-006/ends", "the connection ends after a denied message")
def denied_message_ends(patch: Patch) -> None:
    """Whoever tries is out."""
    ends(patch, lambda text: text.startswith("Permissions Violation for Publish to"))


@fault("ERR-007", "a denied subscription is reported and made")
def denied_subscription_made(patch: Patch) -> None:
    """The error is all that permissions do."""
    original = patch.original(ALLOWED)

    def allowed(connection: Connection, subject: bytes, queue: bytes | None) -> bool:
        if not original(connection, subject, queue):
            connection.send_error(replies.subscription_denied(subject, queue))
        return True

    patch.attribute(ALLOWED, allowed)


@fault("ERR-007/queue", "the error of a denied subscription leaves out its queue group")
def denied_queue_unsaid(patch: Patch) -> None:
    """Only the subject is named."""
    original = patch.original(DENIED)
    patch.attribute(DENIED, lambda subject, _queue, sid=None: original(subject, None, sid))


@fault("ERR-008", "a reload leaves subscriptions that are not allowed any more")
def reload_leaves_subscriptions(patch: Patch) -> None:
    """Permissions are for what comes."""
    patch.attribute("nats_reference.reload:recheck", lambda *_: None)


@fault("ERR-008/sid", "the error of a subscription that a reload took leaves out its sid")
def reload_unsaid_sid(patch: Patch) -> None:
    """The client does not know which of them is gone."""
    original = patch.original(DENIED)
    patch.attribute(DENIED, lambda subject, queue, _sid=None: original(subject, queue))


@fault("ERR-027", "the error of a subscription that a reload took leaves out its queue group")
def reload_unsaid_queue(patch: Patch) -> None:
    """Releases before 2.14 did so."""
    original = patch.original(DENIED)

    def denied(subject: bytes, queue: bytes | None, sid: bytes | None = None) -> Any:  # noqa: ANN401
        return original(subject, None if sid else queue, sid)

    patch.attribute(DENIED, denied)


@fault("ERR-009", "a message with a reserved reply subject is reported and delivered")
def reserved_reply_delivered(patch: Patch) -> None:
    """The error is all there is."""
    original = patch.original(REFUSAL)

    def refusal(connection: Connection, subject: bytes, reply: bytes | None) -> Any:  # noqa: ANN401
        denied = original(connection, subject, reply)
        if denied is None or "with Reply of" not in denied:
            return denied
        return connection.send_error(denied)

    patch.attribute(REFUSAL, refusal)


@fault("ERR-010", "the connection ends after a subscription with too many tokens")
def too_many_tokens_ends(patch: Patch) -> None:
    """As after limits that are about the connection."""
    ends(patch, lambda text: text.endswith(", too many tokens"))


@fault("ERR-011", "the connection ends after a subscription too many")
def too_many_subscriptions_ends(patch: Patch) -> None:
    """As after limits that are about the connection."""
    ends(patch, replies.MAX_SUBSCRIPTIONS.__eq__)


@fault("ERR-012", "a connection too many is ended without an error")
def too_many_connections_unsaid(patch: Patch) -> None:
    """It looks like a network failure."""
    unsaid(patch, replies.MAX_CONNECTIONS)


@fault("ERR-013", "a connection too many of an account is ended without an error")
def too_many_of_account_unsaid(patch: Patch) -> None:
    """It looks like a network failure."""
    unsaid(patch, replies.MAX_ACCOUNT_CONNECTIONS)


@fault("ERR-014", "a password that is wrong is told from a user who is unknown")
def wrong_password_is_told(patch: Patch) -> None:
    """Whoever guesses learns which users there are."""
    original = patch.original(FAIL)

    def fail(self: Connection, said: str, reason: str) -> None:
        known = self.options.user == self.server.options.authorization.user
        if said == replies.AUTHORIZATION_VIOLATION and self.options.user and known:
            said = "Authorization Violation: wrong password"
        original(self, said, reason)

    patch.attribute(FAIL, fail)


@fault("ERR-015", "the text is the one that the documentation has")
def documented_timeout_error(patch: Patch) -> None:
    """Authorization instead of authentication."""
    patch.attribute("nats_reference.replies:AUTHENTICATION_TIMEOUT", "Authorization Timeout")


@fault("ERR-018", "protocol 2 is taken for one that there is")
def protocol_two(patch: Patch) -> None:
    """Whatever it may mean."""
    patch.attribute("nats_reference.operations.connect:PROTOCOLS", (0, 1, 2))


@fault("ERR-019", "the connection goes on when no_responders lacks headers")
def no_responders_stays(patch: Patch) -> None:
    """It is told, and may do without."""
    stays(patch, replies.NO_RESPONDERS_NEEDS_HEADERS)


@fault("ERR-020", "a stale connection is ended without an error")
def stale_unsaid(patch: Patch) -> None:
    """It looks like a network failure."""
    unsaid(patch, replies.STALE_CONNECTION)


@fault("ERR-024", "a slow consumer is told so at the end of all that waits for it")
def slow_consumer_is_told(patch: Patch) -> None:
    """As the documentation has it."""
    patch.attribute(CUT, lambda self, reason: self.fail("Slow Consumer", reason))


@fault("ERR-025", "shutdown is announced by an error")
def shutdown_is_told(patch: Patch) -> None:
    """Clients take it for a mistake of theirs."""
    original = patch.original(CLOSE)

    def close(self: Connection, reason: str) -> None:
        if reason == "Server Shutdown" and not self.closed:
            self.send_error(reason)
        original(self, reason)

    patch.attribute(CLOSE, close)
