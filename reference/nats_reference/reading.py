"""What a connection does with the bytes that come in: the methods of `Connection` that read.

A control line seen before is not looked at again; any other goes through the
grammar's recogniser to the function that `operations/table.py` names. A
payload's length is a number, so its end is found here and not in the grammar.

FRAME-001 .. FRAME-028, FRAME-032, FRAME-034 .. FRAME-036, CONN-015, CONN-016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference import keepalive, limits, replies
from nats_reference.auth import users
from nats_reference.operations import connect, pub
from nats_reference.routing.ready import MAX_READY, RUN_AFTER, Ready

if TYPE_CHECKING:
    from nats_reference.connection import Connection

#: What stands between a payload and the next control line (FRAME-003).
PAYLOAD_END = b"\r\n"
#: Subjects that hardly come twice.
NAMED_ONCE = (b"$JS.", b"_INBOX.")


def receive(self: Connection, data: bytes) -> None:  # noqa: C901, PLR0912, PLR0915 - the hot loop
    """Do what the client asks for in `data`, which may begin and end anywhere."""
    if self.message is not None:
        data = self._continue_payload(data)
    elif self.halted:
        self.rest += data
        return
    elif self.rest:
        data = self.rest + data
        self.rest = b""
    interest = self.interest
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
        if memo and self.generation != interest.generation:
            memo.clear()
        known = memo.get(line) if memo else None
        if isinstance(known, Ready):
            after = stop + known.step
            payload = data[stop:after]
            if after <= end and payload.endswith(PAYLOAD_END):
                if not known.hits:
                    touched.append(known)
                for append, head in known.deliveries:
                    append(head)
                    append(payload)
                known.hits += 1
                position = after
                if (known.run or known.hits > RUN_AFTER) and data.startswith(line, position):
                    position = known.deliver_run(line, PAYLOAD_END, data, position)
                continue
            known = None
        message = known or self._line(line, touched)
        if message is None:
            position = stop
            if self.halted:
                self.rest = data[position:]
                break
            # CONNECT may have led into another account.
            interest = self.interest
            continue
        after = stop + message[4] + 2
        payload = data[stop:after]
        position = after
        if after > end:
            self.message = message
            self._continue_payload(payload)
        elif payload.endswith(PAYLOAD_END):
            made = pub.publish(self, message, payload)
            if known or len(memo) >= MAX_READY:
                continue
            if made is not None or (message[1] is None and comes_again(self, message)):
                self.generation = interest.generation
                memo[line] = message if made is None else made
        else:
            self.fail(replies.UNKNOWN_OPERATION, "Protocol Violation")
    if touched:
        settle(self, touched)
    if self.in_msgs != before:
        keepalive.heard(self)


def comes_again(self: Connection, message: pub.Message) -> bool:
    """Whether the same control line, without a reply, is likely to come again and means the same.

    Inboxes and acknowledgements are named once. What a publish has changed drops what is
    known, and what CONNECT or a reload change does, too.
    """
    subject, _, header_size, _, _ = message
    return (
        header_size is None
        and not subject.startswith(NAMED_ONCE)
        and not self.options.pedantic
        and not self.server.log.tracing
        and (not self.memo or self.generation == self.interest.generation)
    )


def go_on(self: Connection) -> None:
    """Do what had to wait."""
    self.halted = False
    waiting, self.rest = self.rest, b""
    if waiting and not self.closed:
        self.receive(waiting)


def line(self: Connection, line: bytes, touched: list[Ready]) -> pub.Message | None:
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


def refuse(self: Connection, line: bytes) -> None:
    """End it over a line that is none: silently if its verb is known (FRAME-018)."""
    if self.server.language.refused(line):
        self.close("Protocol Violation")
    else:
        self.fail(replies.UNKNOWN_OPERATION, "Protocol Violation")


def keep(self: Connection, fragment: bytes) -> None:
    """Remember a control line without its end, if it can still become one."""
    if not self.connected and not self._may_begin(fragment):
        return
    language = self.server.language
    if not language.viable(fragment):
        self.fail(replies.UNKNOWN_OPERATION, "Protocol Violation")
    elif len(fragment) > self.server.options.max_control_line:
        if not self._too_long(fragment):
            self.rest = language.without_junk(fragment)
    else:
        self.rest = fragment


def too_long(self: Connection, line: bytes) -> bool:
    """Whether a line breaks the limit; if so that is the end of it (FRAME-023, FRAME-024)."""
    if not limits.control_line_too_long(self, self.server.language.arguments(line)):
        return False
    self.fail(replies.MAX_CONTROL_LINE, "Maximum Control Line Exceeded")
    return True


def may_begin(self: Connection, line: bytes) -> bool:
    """Whether a client that has not said who it is may say this (CONN-015, CONN-016)."""
    if not self.awaiting_auth or self.server.language.may_be_connect(line):
        return True
    stranger = users.authenticate(self.server.options, connect.DEFAULTS)
    if stranger is None:
        self.fail(replies.AUTHORIZATION_VIOLATION, "Authentication Failure")
        return False
    keepalive.connected(self)
    self.connected = True
    return connect.admit(self, stranger)


def continue_payload(self: Connection, data: bytes) -> bytes:
    """Add to an incomplete payload; what follows it, if it is complete now."""
    message = self.message
    if message is None:
        return data
    missing = message[4] + 2 - len(self.payload)
    self.payload += data[:missing]
    got = len(self.payload)
    if got > message[4] and not ends_right(self.payload, message[4]):
        self.fail(replies.UNKNOWN_OPERATION, "Protocol Violation")
        return b""
    if got < message[4] + 2:
        return b""
    payload = bytes(self.payload)
    self.message = None
    self.payload = bytearray()
    pub.publish(self, message, payload)
    return data[missing:]


def settle(connection: Connection, touched: list[Ready]) -> None:
    """Count what was delivered since the last time."""
    for ready in touched:
        ready.settle(connection)
    touched.clear()


def ends_right(payload: bytearray, length: int) -> bool:
    """Whether what has come of the payload's end is what must stand there."""
    return PAYLOAD_END.startswith(bytes(payload[length:]))
