"""What a case says about one connection: send this, expect that, nothing, the end.

Every expectation either holds or raises a `Mismatch` with what was expected and
what came. "Nothing" and "stays open" are decided by a PING: the server answers it
after everything it had to say before (FRAME-009). Reading is `wire.py`'s.
"""

from __future__ import annotations

import json
import re
from typing import Any

from nats_spec.operations import Err

from . import barrier, visible
from .expect import Expected, Mismatch, agrees, as_bytes, describe, lines_in, through_line
from .wire import Frame, Wire


class Connection(Wire):
    """A connection on which a case sends and expects."""

    _offset = 0

    def send(self, data: bytes | str) -> None:
        """Send `data` as it is; text is UTF-8."""
        super().send(as_bytes(data))

    def expect(self, expected: Expected) -> bytes | re.Match[bytes]:
        """Take the next bytes, which must be these or match this pattern; return them.

        A pattern that speaks of line ends must match so many whole lines, another
        the beginning of what comes. One that begins with INFO looks at the INFOs
        that were set aside.
        """
        text = expected.pattern if isinstance(expected, re.Pattern) else as_bytes(expected)
        if text.startswith(b"INFO") and self.auto_info:
            return self._match_frame(self._next_info_frame(), expected)
        if isinstance(expected, re.Pattern):
            return self._expect_pattern(expected)
        while True:
            buffer = self._unread()
            verdict = agrees(buffer, text)
            if verdict is False or (verdict is None and self.ended):
                raise self._mismatch("something else came", describe(text))
            if verdict:
                self._consume(len(text))
                return text
            self.pump(text)

    def next(self) -> Any:  # noqa: ANN401
        """The next operation of the server."""
        self._at_operation()
        while not self.frames:
            if self.ended:
                raise self._mismatch("the server ended the connection", "an operation")
            self.pump("an operation")
        return self.frames.popleft().operation

    def take(self, count: int) -> list[Any]:
        """The next `count` operations."""
        return [self.next() for _ in range(count)]

    def barrier(self) -> list[Any]:
        """PING, and the operations that came before its PONG."""
        self._at_operation()
        return [frame.operation for frame in barrier.before_pong(self)]

    def flush(self) -> None:
        """A barrier; what came before it is of no interest."""
        self._offset = 0
        barrier.before_pong(self)

    def expect_nothing(self) -> None:
        """The server sent nothing, and answers a PING."""
        self.expect_open()
        if self.frames or self._offset:
            raise self._mismatch("something came", "nothing")

    def expect_open(self) -> None:
        """The connection is alive; what came before the PONG stays to be read."""
        before = barrier.before_pong(self)
        self.frames.extendleft(reversed(before))

    def expect_error(self, text: str | re.Pattern[str]) -> str:
        """The next operation is -ERR with this text, and the connection stays open."""
        got = self._error(text)
        try:
            self.expect_open()
        except Mismatch as mismatch:
            if not self.ended:
                raise
            raise Mismatch(
                f"the connection ended after -ERR '{got}'", "it stays open", "its end"
            ) from mismatch
        return got

    def expect_closed(self, error: str | re.Pattern[str] | None = None) -> None:
        """The server ends the connection, after exactly this -ERR or without a byte."""
        if error is not None:
            self._error(error)
        while not self.ended and not self.unread():
            self.pump("the end of the connection")
        if self.unread():
            raise self._mismatch("bytes came before the end", "the end of the connection")

    def read_until_closed(self) -> list[Any]:
        """Everything until the server ends the connection, be it amid an operation."""
        self._at_operation()
        operations: list[Any] = []
        while True:
            operations += [frame.operation for frame in self.frames]
            self.frames.clear()
            if self.ended:
                return operations
            self.pump("the end of the connection")

    def expect_info(self) -> dict[str, Any]:
        """The next INFO after the first, which may have come already."""
        frame = self._next_info_frame()
        fields: dict[str, Any] = json.loads(frame.operation.json)
        return fields

    def _next_info_frame(self) -> Frame:
        while not self.info_frames:
            if self.ended:
                raise self._mismatch("the server ended the connection", "INFO {…}␍␊")
            self.pump("another INFO")
        return self.info_frames.popleft()

    def _match_frame(self, frame: Frame, expected: Expected) -> bytes | re.Match[bytes]:
        if isinstance(expected, re.Pattern):
            found = expected.match(frame.raw)
            if found:
                return found
        elif frame.raw.startswith(as_bytes(expected)):
            return as_bytes(expected)
        raise Mismatch("the INFO is another", describe(expected), visible.line(frame.raw))

    def _expect_pattern(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        count = lines_in(pattern)
        while True:
            buffer = self._unread()
            end = through_line(buffer, count)
            if count:
                found = pattern.fullmatch(buffer[:end]) if end > 0 else None
                decided = end > 0
            else:
                found, decided = pattern.match(buffer), bool(buffer)
            if found:
                self._consume(found.end())
                return found
            if decided or self.ended:
                raise self._mismatch("something else came", describe(pattern))
            self.pump(pattern)

    def _error(self, text: str | re.Pattern[str]) -> str:
        operation = self.next()
        got = operation.text.decode(errors="backslashreplace") if isinstance(operation, Err) else ""
        same = text.fullmatch(got) if isinstance(text, re.Pattern) else text == got
        if not isinstance(operation, Err) or not same:
            wanted = text.pattern if isinstance(text, re.Pattern) else text
            raise Mismatch(
                "no such error came", f"-ERR '{wanted}'", visible.line(operation.encode())
            )
        return got

    def _unread(self) -> bytes:
        return b"".join(frame.raw for frame in self.frames)[self._offset :]

    def _consume(self, count: int) -> None:
        self._offset += count
        while self.frames and self._offset >= len(self.frames[0].raw):
            self._offset -= len(self.frames.popleft().raw)

    def _at_operation(self) -> None:
        if self._offset:
            raise self._mismatch("bytes of an operation were left over", "all of it was expected")

    def _mismatch(self, message: str, expected: str) -> Mismatch:
        got = visible.line(self._unread() + self.partial)
        end = "the end of the connection" if self.ended else ""
        shown = " then ".join(filter(None, (got, end))) or "nothing"
        return Mismatch(f"{message} on connection {self.number}", expected, shown)
