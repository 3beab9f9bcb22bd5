"""One client connection: bytes in, bytes out, no socket and no clock of its own.

`receive` reads control lines with the grammar's recogniser, waits for payloads,
and calls the function that `operations/table.py` names. What there is to say
gathers in `out`; the server flushes it once for each batch of bytes.

FRAME-001 .. FRAME-028, CONN-015, CONN-016, VERB-001. A payload's length is a
number, so its end is found here and not in the grammar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import info, keepalive, reading, replies
from nats_reference.accounts import GLOBAL
from nats_reference.operations import connect
from nats_reference.routing import subscription as subscriptions

if TYPE_CHECKING:
    from nats_reference.accounts import Account
    from nats_reference.auth.permissions import Permissions
    from nats_reference.auth.responses import Responses
    from nats_reference.clock import Timer
    from nats_reference.link import Link
    from nats_reference.operations import pub
    from nats_reference.routing.ready import Ready
    from nats_reference.routing.subscription import Subscription
    from nats_reference.server import Server


class Connection:
    """A client, from INFO to the end."""

    __slots__ = (
        "account",
        "auth_timer",
        "cid",
        "closed",
        "connected",
        "dirty",
        "filters_deliveries",
        "generation",
        "greeted",
        "halted",
        "host",
        "in_bytes",
        "in_msgs",
        "interest",
        "last_heard",
        "last_pinged",
        "link",
        "memo",
        "message",
        "options",
        "out",
        "payload",
        "permissions",
        "ping_timer",
        "pings_out",
        "port",
        "responses",
        "rest",
        "rtt",
        "sent_bytes",
        "sent_msgs",
        "server",
        "stalled",
        "started",
        "subscriptions",
        "user",
    )

    def __init__(self, server: Server, link: Link, cid: int, host: str, port: int) -> None:
        self.server = server
        self.link = link
        self.cid = cid
        self.host = host
        self.port = port
        #: What CONNECT said, and whether it came.
        self.options = connect.DEFAULTS
        self.connected = False
        #: Whether the INFO after the first PONG was sent.
        self.greeted = False
        self.user = ""
        self.account = server.accounts[GLOBAL]
        self.interest = self.account.interest
        self.permissions: Permissions | None = None
        #: What it may answer, whatever its permissions are.
        self.responses: Responses | None = None
        #: Whether some subscription is wider than what may be delivered.
        self.filters_deliveries = False
        self.subscriptions: dict[bytes, Subscription] = {}
        #: What is to be sent with the next flush.
        self.out: list[bytes] = []
        self.dirty = False
        self.closed = False
        #: Whether the client is slow to take what is sent.
        self.stalled = False
        #: Whether what comes has to wait, for a hash that is being computed.
        self.halted = False
        #: Bytes of a control line that has not ended, or that wait.
        self.rest = b""
        #: The message whose payload is not complete, and what there is of it.
        self.message: pub.Message | None = None
        self.payload = bytearray()
        #: Control lines seen before, as long as interest is of this generation.
        self.memo: dict[bytes, Ready | pub.Message] = {}
        self.generation = 0
        self.in_msgs = self.in_bytes = 0
        #: What went to subscriptions that have ended; the others count for themselves.
        self.sent_msgs = self.sent_bytes = 0
        self.started = self.last_heard = server.clock.now()
        self.last_pinged: float | None = None
        #: Seconds that the last question took; 0 if none was answered.
        self.rtt = 0.0
        self.pings_out = 0
        self.ping_timer: Timer | None = None
        self.auth_timer: Timer | None = None

    def __str__(self) -> str:
        """The name under which logs know it."""
        return f"{self.host}:{self.port} - cid:{self.cid}"

    @property
    def awaiting_auth(self) -> bool:
        """Whether nothing but CONNECT may come."""
        return not self.connected and self.server.options.authorization.required

    @property
    def out_msgs(self) -> int:
        """Messages sent to it."""
        return self.sent_msgs + sum(s.delivered for s in self.subscriptions.values())

    @property
    def out_bytes(self) -> int:
        """Bytes of header blocks and payloads sent to it."""
        return self.sent_bytes + sum(s.bytes for s in self.subscriptions.values())

    # ---- Bytes in ------------------------------------------------------------

    receive = reading.receive
    go_on = reading.go_on
    _line = reading.line
    _keep = reading.keep
    _refuse = reading.refuse
    _too_long = reading.too_long
    _may_begin = reading.may_begin
    _continue_payload = reading.continue_payload

    # ---- Bytes out -----------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Say `data` with the next flush."""
        self.out.append(data)
        if not self.dirty:
            self.mark_dirty()

    def mark_dirty(self) -> None:
        """Have the next flush see to this connection."""
        self.dirty = True
        self.server.dirty.append(self)

    def send_ok(self) -> None:
        """In verbose mode, say that it was done."""
        if self.options.verbose:
            self.send(replies.OK)

    def send_error(self, text: str) -> None:
        """Say what went wrong; the connection stays."""
        self.log_error(text)
        self.send(replies.error(text))

    def log_error(self, text: str) -> None:
        """Log what went wrong, for an operator who asked."""
        self.server.log.debug(f"{self} - {text}")

    # ---- Subscriptions -------------------------------------------------------

    def remember(self, subscription: Subscription) -> None:
        """Begin a subscription."""
        self.subscriptions[subscription.sid] = subscription
        self.interest.add(subscription)

    def forget(self, subscription: Subscription) -> None:
        """End a subscription."""
        del self.subscriptions[subscription.sid]
        self.sent_msgs += subscription.delivered
        self.sent_bytes += subscription.bytes
        self.interest.remove(subscription)

    def join(self, account: Account) -> None:
        """Be in this account from now on, subscriptions and all."""
        account.clients.add(self)
        if account is self.account:
            return
        self.account.clients.discard(self)
        for subscription in self.subscriptions.values():
            self.interest.remove(subscription)
            account.interest.add(subscription)
        self.account, self.interest = account, account.interest
        self.memo.clear()

    # ---- The end -------------------------------------------------------------

    def fail(self, text: str, reason: str) -> None:
        """Say what went wrong and close."""
        if not self.closed:
            self.send_error(text)
            self.close(reason)

    def close(self, reason: str) -> None:
        """Send what there is and end the connection."""
        if not self.closed:
            self._end(reason)
            if self.out:
                self.link.write(b"".join(self.out))
                self.out.clear()
            self.link.close()

    def cut(self, reason: str) -> None:
        """End the connection without another byte: nobody is taking any (ERR-024)."""
        if not self.closed:
            self._end(reason)
            self.out.clear()
            self.link.abort()

    def lost(self, reason: str = "Client Closed") -> None:
        """The client is gone."""
        if not self.closed:
            self._end(reason)
            self.out.clear()

    def _end(self, reason: str) -> None:
        self.closed = True
        self.account.clients.discard(self)
        keepalive.end(self)
        held = tuple(map(subscriptions.detail, self.subscriptions.values()))
        for subscription in tuple(self.subscriptions.values()):
            self.forget(subscription)
        self.memo.clear()
        self.rest = b""
        self.message = None
        self.payload = bytearray()
        self.server.log.debug(f"{self} - Client connection closed: {reason}")
        self.server.departed(self, reason, held)


def greet(connection: Connection) -> None:
    """The first thing a client reads (INFO-001)."""
    connection.send(info.greeting(connection.server, connection))
