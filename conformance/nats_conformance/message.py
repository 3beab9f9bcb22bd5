"""Messages as cases see them: published from text, fields and JSON, and read back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from nats_spec import headers as header_blocks
from nats_spec.operations import Hmsg, Msg

from . import visible
from .expect import Mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A payload: bytes and text as they are, anything else as JSON.
Body: TypeAlias = "Mapping[str, Any] | list[Any] | str | bytes | None"
#: Header fields, in order.
Headers: TypeAlias = "Mapping[str, str] | None"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came."""

    subject: str
    sid: str
    #: Where to answer; empty if nobody asks.
    reply: str
    #: The three digits of a status line, or None.
    status: int | None
    description: str
    #: Name and value of each field, in order.
    fields: tuple[tuple[str, str], ...]
    payload: bytes
    #: The header block as it came; empty if there is none.
    block: bytes

    def header(self, name: str) -> str | None:
        """The value of the first field of this name."""
        return next((value for key, value in self.fields if key == name), None)

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The payload, parsed."""
        try:
            return json.loads(self.payload)
        except ValueError as error:
            raise Mismatch("the payload is no JSON", "JSON", str(self)) from error

    def __str__(self) -> str:
        """What a person reads in a failure."""
        return f"{self.subject}: {visible.line(self.block + self.payload)}"


def encoded(payload: Body) -> bytes:
    """The bytes of a payload: JSON unless it is text or bytes already."""
    if payload is None:
        return b""
    if isinstance(payload, bytes):
        return payload
    if isinstance(payload, str):
        return payload.encode()
    return json.dumps(payload, separators=(",", ":")).encode()


def header_block(headers: Headers) -> bytes:
    """The header block of these fields; empty if there are none."""
    if not headers:
        return b""
    fields = tuple((name.encode(), value.encode()) for name, value in headers.items())
    return header_blocks.HeaderBlock(fields=fields).encode()


def as_message(operation: object) -> Message:
    """A MSG or HMSG as a message; anything else is a mismatch."""
    if not isinstance(operation, Msg | Hmsg):
        raise Mismatch("no message came", "MSG or HMSG", repr(operation))
    block = operation.header if isinstance(operation, Hmsg) else b""
    status, description = None, ""
    fields: tuple[tuple[str, str], ...] = ()
    if block:
        try:
            parsed = header_blocks.parse(block)
        except header_blocks.MalformedHeader as error:
            raise Mismatch("the header block is malformed", "NATS/1.0", str(error)) from error
        status, description = parsed.status, parsed.description.decode(errors="replace")
        fields = tuple((_text(name), _text(value)) for name, value in parsed.fields)
    return Message(
        _text(operation.subject),
        _text(operation.sid),
        _text(operation.reply),
        status,
        description,
        fields,
        operation.payload,
        block,
    )


def _text(data: bytes) -> str:
    return data.decode(errors="surrogateescape")
