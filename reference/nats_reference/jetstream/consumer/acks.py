"""Acknowledgements: the subject that a delivery carries, and what may be published to it.

JS-DLV-003, JS-DLV-004, JS-ACK-001, JS-ACK-004 .. JS-ACK-008, JS-ACK-016 .. JS-ACK-024.
The subject's tokens and the payload's forms are acks.lark. Leaves out what an
acknowledgement does to the consumer (acknowledging.py).
"""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

#: What an acknowledgement's payload says, by how it begins; `+NXT` and `-NAK` may have arguments.
ACK: Final = frozenset({b"", b"+ACK", b"+OK"})
NAK: Final = b"-NAK"
PROGRESS: Final = b"+WPI"
NEXT: Final = b"+NXT"
TERM: Final = b"+TERM"

NUMBER: Final = re.compile(rb"\d{1,19}")
DURATION: Final = re.compile(r"([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+|[+-]?0")
PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
NANOSECONDS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}


class Token(NamedTuple):
    """The numbers in an acknowledgement's subject; 0 for what is no number."""

    deliveries: int
    stream_seq: int
    consumer_seq: int


def subject(prefix: bytes, token: Token, time: int, pending: int) -> bytes:
    """The reply subject of a delivery; `prefix` ends with a dot."""
    deliveries, stream_seq, consumer_seq = token
    return b"%b%d.%d.%d.%d.%d" % (prefix, deliveries, stream_seq, consumer_seq, time, pending)


def token(text: bytes) -> Token:
    """The numbers at the end of an acknowledgement's subject (JS-ACK-006, JS-ACK-008)."""
    deliveries, stream_seq, consumer_seq, *_ = map(number, text.rsplit(b".", 5)[1:])
    return Token(deliveries, stream_seq, consumer_seq)


def number(text: bytes) -> int:
    """A number, or 0 if it is none."""
    return int(text) if NUMBER.fullmatch(text) else 0


def nak_delay(payload: bytes) -> int | None:
    """The nanoseconds that `-NAK` asks for; None for a plain one or a wrong argument (JS-ACK-017, JS-ACK-018)."""
    argument = payload[len(NAK) :].strip()
    if not argument:
        return None
    if not argument.startswith(b"{"):
        return duration(argument.decode(errors="replace"))
    try:
        found = json.loads(argument)
    except ValueError:
        return None
    delay = found.get("delay", 0)
    return delay if type(delay) is int else None


def duration(text: str) -> int | None:
    """Nanoseconds of a duration as Go writes it, or None."""
    found = DURATION.fullmatch(text)
    if found is None:
        return None
    total = sum(float(value) * NANOSECONDS[unit] for value, unit in PART.findall(text))
    return -int(total) if found[1] == "-" else int(total)


def spoken(nanoseconds: int) -> str:
    """A duration as Go writes it, such as `1.5s` or `2m0s`."""
    if nanoseconds < NANOSECONDS["s"]:
        for unit in ("ms", "µs", "ns"):
            if nanoseconds >= NANOSECONDS[unit] or unit == "ns":
                return f"{decimal(nanoseconds / NANOSECONDS[unit])}{unit}" if nanoseconds else "0s"
    minutes, seconds = divmod(nanoseconds, NANOSECONDS["m"])
    hours, minutes = divmod(minutes, 60)
    text = f"{decimal(seconds / NANOSECONDS['s'])}s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text


def decimal(value: float) -> str:
    """A number without needless zeros."""
    return f"{value:.9f}".rstrip("0").rstrip(".")
