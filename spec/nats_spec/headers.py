"""The header block of a message: status, description, fields.

Reads what headers.lark holds, line by line, and writes it back. Implements
HDR-008 .. HDR-011 as a client sees them; a server relays any bytes (HDR-006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nats_spec.recogniser import recogniser

_OPENINGS: Final = frozenset({"plain", "status", "described_status"})


class MalformedHeader(ValueError):
    """The block is not one that clients agree on."""


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """A header block, in the order in which it was written."""

    #: The three digits of the status line, or None.
    status: int | None = None
    #: The text after them, empty if there is none.
    description: bytes = b""
    #: Name and value of each field; a name may come again (HDR-011).
    fields: tuple[tuple[bytes, bytes], ...] = ()

    def values(self, name: bytes) -> list[bytes]:
        """The values of the fields named exactly `name` (HDR-011)."""
        return [value for key, value in self.fields if key == name]

    def encode(self) -> bytes:
        """The block's bytes, final blank line included."""
        opening = b"NATS/1.0"
        if self.status is not None:
            opening += b" %03d" % self.status
            opening += b" " + self.description if self.description else b""
        lines = [opening, *(b"%b: %b" % field for field in self.fields), b"", b""]
        return b"\r\n".join(lines)


def parse(block: bytes) -> HeaderBlock:
    """The header block that `block` spells, blanks around values taken off.

    Raises:
        MalformedHeader: it is not in the grammar; says which line.
    """
    known = recogniser("headers")
    status: int | None = None
    description = b""
    fields: list[tuple[bytes, bytes]] = []
    lines = _lines(block)
    for number, line in enumerate(lines, 1):
        alias, arguments = known.match(line) or ("", ())
        opens = alias in _OPENINGS
        last = number == len(lines)
        if not alias or opens != (number == 1) or (alias == "end") != last:
            raise MalformedHeader(f"line {number} of the header block: {line[:80]!r}")
        if alias == "field":
            name, *value = arguments
            fields.append((name, b"".join(value).strip(b" \t")))
        elif arguments:
            status = int(arguments[0])
            description = b"".join(arguments[1:])
    if not lines:
        raise MalformedHeader("the header block is empty")
    return HeaderBlock(status, description, tuple(fields))


def _lines(block: bytes) -> list[bytes]:
    """The lines of `block` with their ends."""
    parts = block.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines
