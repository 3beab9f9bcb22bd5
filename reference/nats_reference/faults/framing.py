"""Faults of chapter 10, framing: names, blanks, line ends, payloads, sizes, segmentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nats_reference import replies
from nats_reference.faults import Patch, fault
from nats_reference.operations import pub

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.transport.tcp import TcpLink

LINE = "nats_reference.connection:Connection._line"
KEEP = "nats_reference.connection:Connection._keep"
ARGUMENTS = "nats_reference.language:Language.arguments"
PUBLISH = "nats_reference.operations.pub:publish"
ANNOUNCE = "nats_reference.operations.pub:announce"


def rewrite_fragments(patch: Patch, old: bytes, new: bytes) -> None:
    """Change what is remembered of a control line whose end has not come."""
    original = patch.original(KEEP)
    recognise = re.compile(old)
    patch.attribute(KEEP, lambda self, data: original(self, recognise.sub(new, data)))


@fault("FRAME-001", "PING is known in upper case only")
def upper_case_only(patch: Patch) -> None:
    """Verbs must be matched letter by letter, whatever the case."""
    patch.grammar("client", '"PING"i', '"PING"')


@fault("FRAME-002", "PUB and HPUB end in CR LF only")
def no_bare_lf(patch: Patch) -> None:
    """A bare LF makes it a control line with wrong arguments."""
    patch.grammar("client", r"_EOL.2: /[ \t]*\r?\n/", r"_EOL.2: /[ \t]*\r\n/")


@fault("FRAME-003", "any byte and an LF end a payload")
def sloppy_payload_end(patch: Patch) -> None:
    """The byte before the LF is not looked at."""
    patch.attribute("nats_reference.reading:PAYLOAD_END", b"\n")


@fault("FRAME-005", "tabs do not separate the arguments of PUB and HPUB")
def tabs_are_bytes(patch: Patch) -> None:
    """Only the space is a blank."""
    patch.grammar("client", r"_BLANK: /[ \t]+/", "_BLANK: /[ ]+/")


@fault("FRAME-007", "CONNECT wants a blank before its JSON")
def connect_wants_a_blank(patch: Patch) -> None:
    """Without one it is no operation."""
    patch.grammar("client", '"CONNECT"i _BLANK?', '"CONNECT"i _BLANK')


@fault("FRAME-008", "PING takes nothing after its name")
def ping_takes_nothing(patch: Patch) -> None:
    """Junk makes it unknown."""
    patch.grammar("client", '"PING"i _JUNK', '"PING"i _CRLF')


@fault("FRAME-008/length", "max_control_line counts what PING ignores")
def junk_counts(patch: Patch) -> None:
    """A long line of junk is too long."""
    original = patch.original(ARGUMENTS)
    patch.attribute(
        ARGUMENTS, lambda self, line: line if line[:1] in b"Pp" else original(self, line)
    )


@fault("FRAME-009", "PONG overtakes what the connection is still to be sent")
def pong_first(patch: Patch) -> None:
    """It goes to the head of the queue."""

    def ping(connection: Connection) -> None:
        connection.send(b"")
        connection.out.insert(0, replies.PONG)

    patch.attribute("nats_reference.operations.ping:ping", ping)


@fault("FRAME-010", "+OK ends the connection")
def ok_refused(patch: Patch) -> None:
    """A client may not say so."""
    patch.attribute("nats_reference.operations.ping:ok", lambda c: c.close("Protocol Violation"))


@fault("FRAME-015", "blanks at the end of a piece of a line are lost")
def pieces_are_trimmed(patch: Patch) -> None:
    """Where TCP cuts a line, its arguments grow together."""
    rewrite_fragments(patch, rb"[ \t]+\Z", b"")


@fault("FRAME-016", "NUL ends a payload")
def nul_ends_payload(patch: Patch) -> None:
    """What stands behind it is blanked."""
    original = patch.original(PUBLISH)

    def publish(connection: Connection, message: pub.Message, payload: bytes) -> Any:  # noqa: ANN401
        text, found, rest = payload.partition(b"\0")
        blanked = text + b" " * (len(found + rest) - 2) + b"\r\n" if found else payload
        return original(connection, message, blanked)

    patch.attribute(PUBLISH, publish)


@fault("FRAME-017", "what stands after a payload is not looked at")
def payload_end_skipped(patch: Patch) -> None:
    """Two bytes are skipped, whatever they are."""
    patch.attribute("nats_reference.reading:PAYLOAD_END", b"")
    patch.attribute("nats_reference.reading:ends_right", lambda *_: True)


@fault("FRAME-019", "a size may have ten digits")
def ten_digits(patch: Patch) -> None:
    """One more than there may be."""
    patch.grammar("client", "SIZE.2: /[0-9]{1,9}", "SIZE.2: /[0-9]{1,10}")


@fault("FRAME-020", "sizes are relayed without leading zeros")
def sizes_normalised(patch: Patch) -> None:
    """The number is right, the digits are not."""
    original = patch.original(ANNOUNCE)

    def announce(*arguments: Any) -> Any:  # noqa: ANN401 - as the original
        message = original(*arguments)
        return message and (*message[:3], b"%d" % message[4], message[4])

    patch.attribute(ANNOUNCE, announce)


@fault("FRAME-021", "every CR of a control line is dropped")
def cr_dropped(patch: Patch) -> None:
    r"""`fo\ro` is published to as `foo`."""
    original = patch.original(LINE)
    patch.attribute(LINE, lambda self, line, t: original(self, line.replace(b"\r", b""), t))


@fault("FRAME-022", "subjects are ASCII")
def subjects_are_ascii(patch: Patch) -> None:
    """A byte of 128 or more ends the connection."""
    original = patch.original(ANNOUNCE)

    def announce(connection: Connection, subject: bytes, *more: Any) -> Any:  # noqa: ANN401
        if subject.isascii():
            return original(connection, subject, *more)
        return connection.close("Protocol Violation")

    patch.attribute(ANNOUNCE, announce)


@fault("FRAME-026", "what came just before a half-close is not processed")
def half_close_is_the_end(patch: Patch) -> None:
    """Bytes wait a moment, and the end does not."""
    path = "nats_reference.transport.tcp:TcpLink.data_received"
    original = patch.original(path)

    def data_received(self: TcpLink, data: bytes) -> None:
        self._server.clock.call_later(0.01, original, self, data)

    patch.attribute(path, data_received)


@fault("FRAME-027", "a message that is cut off is delivered, padded")
def partial_message_delivered(patch: Patch) -> None:
    """What is missing is made up at the end of the connection."""
    path = "nats_reference.transport.tcp:TcpLink.eof_received"
    original = patch.original(path)

    def eof_received(self: TcpLink) -> Any:  # noqa: ANN401 - as the original
        connection = self.connection
        if connection.message is not None:
            size = connection.message[4]
            padded = bytes(connection.payload[:size]).ljust(size) + b"\r\n"
            pub.publish(connection, connection.message, padded)
        return original(self)

    patch.attribute(path, eof_received)


@fault("FRAME-029", "INFO has no blank before its line end")
def no_blank_after_info(patch: Patch) -> None:
    """As one would expect it."""
    original = patch.original("nats_reference.info:line")
    patch.attribute("nats_reference.info:line", lambda x: original(x).replace(b"} \r", b"}\r"))


@fault("FRAME-031", "what cannot be printed stands in errors as it came")
def nothing_escaped(patch: Patch) -> None:
    """Quotes are not escaped either."""
    patch.attribute(
        "nats_reference.replies:_escaped",
        lambda c: c.encode("utf-8", "surrogateescape").decode("latin-1"),
    )


@fault("FRAME-032", "a line that comes in pieces loses its CRs")
def pieces_lose_cr(patch: Patch) -> None:
    """nats-server does so, and worse."""
    rewrite_fragments(patch, rb"\r", b"")
