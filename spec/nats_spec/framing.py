"""Cuts what a server sends into operations: a control line, then a counted payload.

A payload's length is a number in its control line, which no context-free
grammar can say; this module is that remainder (FRAME-015, FRAME-016). It is
strict: bytes outside server.lark raise `Malformed`.

Leaves out the client's direction, which the reference reads in its own loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_spec.operations import Err, Hmsg, Info, Msg, Ok, Operation, Ping, Pong
from nats_spec.recogniser import recogniser

if TYPE_CHECKING:
    from collections.abc import Callable

_END: Final = b"\r\n"

#: Productions that stand alone, and the operation that each makes of its arguments.
_LINES: Final[dict[str, Callable[..., Operation]]] = {
    "info": Info,
    "ping": Ping,
    "pong": Pong,
    "ok": Ok,
    "err": Err,
}


class Malformed(ValueError):
    """The server sent bytes that its grammar does not hold."""

    def __init__(self, what: str, data: bytes) -> None:
        super().__init__(f"{what}: {data[:80]!r}")
        #: The bytes in question.
        self.data = data


class ServerFrames:
    """Reads a server's bytes, in pieces of any size, as a list of operations."""

    def __init__(self) -> None:
        """Start at the first byte of a connection."""
        self._recogniser = recogniser("server")
        self._buffer = bytearray()

    @property
    def pending(self) -> bytes:
        """Bytes that do not make a whole operation yet."""
        return bytes(self._buffer)

    def feed(self, data: bytes) -> list[Operation]:
        """The operations that `data` completes.

        Raises:
            Malformed: the bytes are not what a server may say.
        """
        self._buffer += data
        found: list[Operation] = []
        while (operation := self._next()) is not None:
            found.append(operation)
        return found

    def _next(self) -> Operation | None:
        buffer = self._buffer
        end = buffer.find(b"\n") + 1
        if not end:
            if not self._recogniser.viable(bytes(buffer[:16])):
                raise Malformed("no operation of a server begins like this", bytes(buffer))
            return None
        line = bytes(buffer[:end])
        match = self._recogniser.match(line)
        if match is None:
            raise Malformed("no control line of a server", line)
        alias, arguments = match
        if (alone := _LINES.get(alias)) is not None:
            del buffer[:end]
            return alone(*arguments)
        digits = arguments[-1]
        close = end + int(digits)
        if len(buffer) < close + len(_END):
            return None
        if buffer[close : close + len(_END)] != _END:
            raise Malformed("no CR LF after the payload of", line)
        body = bytes(buffer[end:close])
        del buffer[: close + len(_END)]
        return _message(alias, arguments, body)


def _message(alias: str, arguments: tuple[bytes, ...], body: bytes) -> Operation:
    subject, sid, *rest = arguments
    reply = rest[0] if alias.endswith("_reply") else b""
    if alias.startswith("msg"):
        return Msg(subject, sid, reply, body, digits=rest[-1])
    size = int(rest[-2])
    if size > len(body):
        raise Malformed("a header block longer than the message", b" ".join(arguments))
    return Hmsg(subject, sid, reply, body[:size], body[size:])
