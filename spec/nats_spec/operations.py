"""What a server says, as values: one class for each production of server.lark.

`encode` writes the bytes that framing.py reads back (a property proves it).
Implements FRAME-029 .. FRAME-031, MSG-001, MSG-002.

Leaves out what the client says: the reference acts on the recogniser's
arguments directly, and the runner sends bytes as a case spells them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Info:
    """INFO: what the server is and allows; the first thing it says (INFO-001)."""

    #: The JSON object, as it was sent.
    json: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """The decoded object.

        Raises:
            ValueError: it is not JSON, or no object.
        """
        fields = json.loads(self.json)
        if not isinstance(fields, dict):
            raise ValueError(f"INFO carries {type(fields).__name__}, not an object")
        return fields

    def encode(self) -> bytes:
        """`INFO {...} CR LF`, with its blank before the line end (FRAME-029)."""
        return b"INFO %b \r\n" % self.json


@dataclass(frozen=True, slots=True)
class Ping:
    """PING: are you there?"""

    def encode(self) -> bytes:
        """The control line."""
        return b"PING\r\n"


@dataclass(frozen=True, slots=True)
class Pong:
    """PONG: the answer to PING, and the barrier behind all that came before it."""

    def encode(self) -> bytes:
        """The control line."""
        return b"PONG\r\n"


@dataclass(frozen=True, slots=True)
class Ok:
    """+OK: an operation was accepted, in verbose mode (VERB-001)."""

    def encode(self) -> bytes:
        """The control line."""
        return b"+OK\r\n"


@dataclass(frozen=True, slots=True)
class Err:
    """-ERR: an operation was refused."""

    #: The text between the single quotes.
    text: bytes

    def encode(self) -> bytes:
        """The control line."""
        return b"-ERR '%b'\r\n" % self.text


@dataclass(frozen=True, slots=True)
class Msg:
    """MSG: a message without headers, for one subscription."""

    #: The subject that it was published to.
    subject: bytes
    #: The subscription that it is for.
    sid: bytes
    #: Where to answer; empty if nobody asks.
    reply: bytes
    #: The bytes, of any value.
    payload: bytes
    #: The size as the publisher wrote it (FRAME-020); None: as few digits as it takes.
    digits: bytes | None = field(default=None, compare=False)

    def encode(self) -> bytes:
        """Control line and payload."""
        size = self.digits or b"%d" % len(self.payload)
        reply = self.reply + b" " if self.reply else b""
        return b"MSG %b %b %b%b\r\n%b\r\n" % (self.subject, self.sid, reply, size, self.payload)


@dataclass(frozen=True, slots=True)
class Hmsg:
    """HMSG: a message with a header block, for one subscription."""

    #: The subject that it was published to.
    subject: bytes
    #: The subscription that it is for.
    sid: bytes
    #: Where to answer; empty if nobody asks.
    reply: bytes
    #: The header block as it was sent, its final blank line included (HDR-008).
    header: bytes
    #: The bytes after it.
    payload: bytes

    def encode(self) -> bytes:
        """Control line, header block and payload."""
        reply = self.reply + b" " if self.reply else b""
        total = len(self.header) + len(self.payload)
        line = b"HMSG %b %b %b%d %d" % (self.subject, self.sid, reply, len(self.header), total)
        return b"%b\r\n%b%b\r\n" % (line, self.header, self.payload)


#: Anything that a server may say.
Operation: TypeAlias = Info | Ping | Pong | Ok | Err | Msg | Hmsg
