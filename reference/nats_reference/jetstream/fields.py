"""The header block of a published message: what is kept of it, and the fields in it.

JS-PUB-006, JS-PUB-007, JS-PUB-029. Looser than `nats_spec.headers`: a stream
takes any bytes (HDR-006) and finds its fields by how their lines begin.
"""

from __future__ import annotations

from typing import Final

OPENING: Final = b"NATS/1.0"
END: Final = b"\r\n"
BLANK: Final = OPENING + END + END
#: A field that only servers may set.
REQUEST_INFO: Final = b"Nats-Request-Info"
#: Of a number that fits into 63 bits; of one much longer even reading is refused, by Python.
MOST_DIGITS: Final = 19


def kept(block: bytes) -> bytes | None:
    """The block as it is stored: without status and without what servers add (JS-PUB-029)."""
    stored = block
    if stored.startswith(OPENING + b" "):
        stored = OPENING + stored[stored.find(END) :]
    if REQUEST_INFO in stored:
        stored = without(stored, REQUEST_INFO)
    return None if stored == BLANK != block else stored


def without(block: bytes, name: bytes) -> bytes:
    """The block without the first field `name`."""
    begin = block.find(END + name + b":")
    end = block.find(END, begin + 2)
    return block if begin < 0 or end < 0 else block[:begin] + block[end:]


def parse(block: bytes) -> dict[bytes, bytes]:
    """The fields that streams know: of those with one name the first, blanks before it taken off.

    One without a value is as good as absent (JS-PUB-007).
    """
    found: dict[bytes, bytes] = {}
    # What stands before the first CR LF is the status line, what stands after the last no line.
    for line in block.split(END)[1:-1]:
        if line.startswith(b"Nats-"):
            name, colon, value = line.partition(b":")
            if colon and name not in found:
                found[name] = value.lstrip(b" ")
    return found


def number(value: bytes) -> int | None:
    """A sequence as a field spells it, digits alone; None if it is none (JS-PUB-010)."""
    digits = value.lstrip(b"0")
    if not value.isdigit() or len(digits) > MOST_DIGITS:
        return None
    found = int(digits or b"0")
    return found if found < 1 << 63 else None
