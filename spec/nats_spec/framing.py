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
    from collections.abc import Callable, Iterator

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
        #: How long the buffer has to be before it is worth another look.
        self._wanted = 0

    @property
    def pending(self) -> bytes:
        """Bytes that do not make a whole operation yet."""
        return bytes(self._buffer)

    def feed(self, data: bytes) -> list[Operation]:
        """The operations that `data` completes.

        Raises:
            Malformed: the bytes are not what a server may say.
        """
        return [operation for _, operation in self.frames(data)]

    def frames(self, data: bytes) -> Iterator[tuple[bytes, Operation]]:
        """The same, one by one, each with the bytes that it came as.

        Raises:
            Malformed: the bytes are not what a server may say.
        """
        buffer, match = self._buffer, self._recogniser.match
        if buffer:
            buffer += data
            if len(buffer) < self._wanted:
                return
            data = bytes(buffer)
            buffer.clear()
        self._wanted = at = 0
        try:
            while end := data.find(b"\n", at) + 1:
                line = data[at:end]
                found = match(line)
                if found is None:
                    raise Malformed("no control line of a server", line)
                alias, arguments = found
                if (alone := _LINES.get(alias)) is not None:
                    at = end
                    yield line, alone(*arguments)
                    continue
                close = end + int(arguments[-1])
                after = close + len(_END)
                if len(data) < after:
                    self._wanted = after - at
                    return
                if data[close:after] != _END:
                    raise Malformed("no CR LF after the payload of", line)
                operation = _message(alias, arguments, data[end:close])
                raw, at = data[at:after], after
                yield raw, operation
            if at < len(data) and not self._recogniser.viable(data[at : at + 16]):
                raise Malformed("no operation of a server begins like this", data[at:])
        finally:
            buffer += data[at:]


def _message(alias: str, arguments: tuple[bytes, ...], body: bytes) -> Operation:
    subject, sid, *rest = arguments
    reply = rest[0] if alias.endswith("_reply") else b""
    if alias.startswith("msg"):
        return Msg(subject, sid, reply, body, digits=rest[-1])
    size = int(rest[-2])
    if size > len(body):
        raise Malformed("a header block longer than the message", b" ".join(arguments))
    return Hmsg(subject, sid, reply, body[:size], body[size:])
