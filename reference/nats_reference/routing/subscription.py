"""One subscription: what a SUB line leaves behind (SUB-001, SUB-002, UNSUB-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from nats_reference.connection import Connection


class Subscription:
    """A subject that a connection wants to hear, under the name `sid`."""

    __slots__ = ("bytes", "connection", "delivered", "max", "queue", "sid", "subject")

    def __init__(
        self, connection: Connection, subject: bytes, queue: bytes | None, sid: bytes
    ) -> None:
        self.connection = connection
        self.subject = subject
        #: Name of the queue group, or None for a plain subscription.
        self.queue = queue
        self.sid = sid
        #: Messages since SUB (UNSUB-003).
        self.delivered = 0
        #: Bytes of header blocks and payloads among them.
        self.bytes = 0
        #: Ends after so many messages; 0 for never.
        self.max = 0


class Detail(NamedTuple):
    """What is told of a subscription, or remembered of one that ended (MON-CONNZ-004)."""

    subject: str
    queue: str
    sid: str
    delivered: int
    max: int

    def as_json(self, cid: int) -> dict[str, Any]:
        """As monitoring shows it."""
        found: dict[str, Any] = {"subject": self.subject}
        if self.queue:
            found["qgroup"] = self.queue
        found |= {"sid": self.sid, "msgs": self.delivered}
        return found | ({"max": self.max} if self.max else {}) | {"cid": cid}


def detail(subscription: Subscription) -> Detail:
    """What is told of it."""
    return Detail(
        subscription.subject.decode("utf-8", "replace"),
        (subscription.queue or b"").decode("utf-8", "replace"),
        subscription.sid.decode("utf-8", "replace"),
        subscription.delivered,
        subscription.max,
    )
