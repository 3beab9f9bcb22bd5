"""One subscription: what a SUB line leaves behind (SUB-001, SUB-002, UNSUB-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
