"""One client connection: bytes in, bytes out, no socket and no clock of its own.

`receive` reads control lines with the grammar's recogniser, waits for payloads,
and calls the function that `operations/table.py` names. What there is to say
gathers in `out`; the server flushes it once for each batch of bytes.

FRAME-001 .. FRAME-028, CONN-015, CONN-016, VERB-001. A payload's length is a
number, so its end is found here and not in the grammar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nats_reference import info, keepalive, limits, replies
from nats_reference.auth import users
from nats_reference.operations import connect, pub
from nats_reference.routing.ready import MAX_READY

if TYPE_CHECKING:
    from nats_reference.auth.permissions import Permissions
    from nats_reference.clock import Timer
    from nats_reference.routing.ready import Ready
    from nats_reference.routing.subscription import Subscription
    from nats_reference.server import Server

#: What stands between a payload and the next control line (FRAME-003).
PAYLOAD_END = b"\r\n"


class Link(Protocol):
    """The way to the client: a socket, or a test's stand-in."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def close(self) -> None:
        """Send what is left and end the connection."""

    def abort(self) -> None:
        """End the connection at once."""

    def pending(self) -> int:
        """How many bytes the client has not taken yet."""

    def hold(self, seconds: float) -> None:
        """Read nothing for so long."""


class Connection:
    """A client, from INFO to the end."""

    __slots__ = (
        "auth_timer",
        "cid",
        "closed",
        "connected",
        "dirty",
        "filters_deliveries",
        "generation",
        "greeted",
        "host",
        "in_bytes",
        "in_msgs",
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
        "rest",
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
        self.permissions: Permissions | None = None
        #: Whether some subscription is wider than what may be delivered.
        self.filters_deliveries = False
        self.subscriptions: dict[bytes, Subscription] = {}
        #: What is to be sent with the next flush.
        self.out: list[bytes] = []
        self.dirty = False
        self.closed = False
        #: Whether the client is slow to take what is sent.
        self.stalled = False
        #: Bytes of a control line that has not ended.
        self.rest = b""
        #: The message whose payload is not complete, and what there is of it.
        self.message: pub.Message | None = None
        self.payload = bytearray()
        #: Control lines seen before, as long as interest is of this generation.
        self.memo: dict[bytes, Ready] = {}
        self.generation = 0
        self.in_msgs = self.in_bytes = 0
        #: What went to subscriptions that have ended; the others count for themselves.
        self.sent_msgs = self.sent_bytes = 0
        self.started = self.last_heard = server.clock.now()
        self.last_pinged: float | None = None
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

    def receive(self, data: bytes) -> None:
        """Do what the client asks for in `data`, which may begin and end anywhere."""
        if self.message is not None:
            data = self._continue_payload(data)
        elif self.rest:
            data = self.rest + data
            self.rest = b""
        interest = self.server.interest
        memo = self.memo
        find = data.find
        touched: list[Ready] = []
        before = self.in_msgs
        position = 0
        end = len(data)
        while position < end and not self.closed:
            stop = find(b"\n", position) + 1
            if not stop:
                self._keep(data[position:])
                break
            line = data[position:stop]
            if self.generation != interest.generation:
                memo.clear()
                self.generation = interest.generation
            ready = memo.get(line)
            if ready is not None:
                after = stop + ready.step
                payload = data[stop:after]
                if after <= end and payload.endswith(PAYLOAD_END):
                    for append, head in ready.deliveries:
                        append(head)
                        append(payload)
                    if not ready.hits:
                        touched.append(ready)
                    ready.hits += 1
                    position = after
                    continue
            message = self._line(line, touched)
            if message is None:
                position = stop
                continue
            after = stop + message[4] + 2
            payload = data[stop:after]
            position = after
            if after > end:
                self.message = message
                self._continue_payload(payload)
            elif payload.endswith(PAYLOAD_END):
                ready = pub.publish(self, message, payload)
                if ready is not None and len(memo) < MAX_READY:
                    memo[line] = ready
            else:
                self.fail(replies.UNKNOWN_OPERATION, "Parse Error")
        if touched:
            settle(self, touched)
        if self.in_msgs != before:
            keepalive.heard(self)

    def _line(self, line: bytes, touched: list[Ready]) -> pub.Message | None:
        """Do what one control line says; the message, if it announces one."""
        if not self.connected and not self._may_begin(line):
            return None
        server = self.server
        if len(line) > server.options.max_control_line and self._too_long(line):
            return None
        found = server.language.match(line)
        if found is None:
            self._refuse(line)
            return None
        production, arguments = found
        if server.log.tracing:
            server.log.trace(f"{self} - <<- [{line!r}]")
        announce = server.publishes.get(production)
        if announce is not None:
            message: pub.Message | None = announce(self, *arguments)
            return message
        if touched:
            settle(self, touched)
        server.operations[production](self, *arguments)
        return None

    def _refuse(self, line: bytes) -> None:
        """End it over a line that is none: silently if its verb is known (FRAME-018)."""
        if self.server.language.refused(line):
            self.close("Protocol Violation")
        else:
            self.fail(replies.UNKNOWN_OPERATION, "Parse Error")

    def _keep(self, fragment: bytes) -> None:
        """Remember a control line without its end, if it can still become one."""
        if not self.connected and not self._may_begin(fragment):
            return
        language = self.server.language
        if not language.viable(fragment):
            self.fail(replies.UNKNOWN_OPERATION, "Parse Error")
        elif len(fragment) > self.server.options.max_control_line:
            if not self._too_long(fragment):
                self.rest = language.without_junk(fragment)
        else:
            self.rest = fragment

    def _too_long(self, line: bytes) -> bool:
        """Whether a line breaks the limit; if so that is the end of it (FRAME-023, FRAME-024)."""
        if not limits.control_line_too_long(self, self.server.language.arguments(line)):
            return False
        self.fail(replies.MAX_CONTROL_LINE, "Maximum Control Line Exceeded")
        return True

    def _may_begin(self, line: bytes) -> bool:
        """Whether a client that has not said who it is may say this (CONN-015, CONN-016)."""
        if not self.awaiting_auth or self.server.language.may_be_connect(line):
            return True
        stranger = users.authenticate(self.server.options, connect.DEFAULTS)
        if stranger is None:
            self.fail(replies.AUTHORIZATION_VIOLATION, "Authentication Failure")
            return False
        keepalive.connected(self)
        connect.admit(self, stranger)
        self.connected = True
        return True

    def _continue_payload(self, data: bytes) -> bytes:
        """Add to an incomplete payload; what follows it, if it is complete now."""
        message = self.message
        if message is None:
            return data
        missing = message[4] + 2 - len(self.payload)
        self.payload += data[:missing]
        got = len(self.payload)
        if got > message[4] and not ends_right(self.payload, message[4]):
            self.fail(replies.UNKNOWN_OPERATION, "Parse Error")
            return b""
        if got < message[4] + 2:
            return b""
        payload = bytes(self.payload)
        self.message = None
        self.payload = bytearray()
        pub.publish(self, message, payload)
        return data[missing:]

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
        self.server.interest.add(subscription)

    def forget(self, subscription: Subscription) -> None:
        """End a subscription."""
        del self.subscriptions[subscription.sid]
        self.sent_msgs += subscription.delivered
        self.sent_bytes += subscription.bytes
        self.server.interest.remove(subscription)

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
        keepalive.end(self)
        for subscription in tuple(self.subscriptions.values()):
            self.forget(subscription)
        self.memo.clear()
        self.rest = b""
        self.message = None
        self.payload = bytearray()
        self.server.log.debug(f"{self} - Client connection closed: {reason}")
        self.server.departed(self, reason)


def settle(connection: Connection, touched: list[Ready]) -> None:
    """Count what was delivered since the last time."""
    for ready in touched:
        ready.settle(connection)
    touched.clear()


def ends_right(payload: bytearray, length: int) -> bool:
    """Whether what has come of the payload's end is what must stand there."""
    return PAYLOAD_END.startswith(bytes(payload[length:]))


def greet(connection: Connection) -> None:
    """The first thing a client reads (INFO-001)."""
    connection.send(info.greeting(connection.server, connection))
