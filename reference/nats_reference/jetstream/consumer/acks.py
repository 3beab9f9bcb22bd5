"""The subject that a delivery asks to be answered on, and the numbers in it.

JS-DLV-003, JS-DLV-004, JS-ACK-006, JS-ACK-008. What may be published there is acks.lark, what that
does is acknowledging.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

NANOSECONDS: Final = {
    "ns": 1,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
}
#: What stands for a token that is no number: nothing has such a sequence (JS-ACK-008).
NO_NUMBER: Final = 2**64 - 1


class Token(NamedTuple):
    """The numbers in an acknowledgement's subject; NO_NUMBER for what is none."""

    deliveries: int
    stream_seq: int
    consumer_seq: int


def subject(prefix: bytes, token: tuple[int, int, int], time: int, pending: int) -> bytes:
    """The reply subject of a delivery with the numbers of a Token; `prefix` ends with a dot."""
    deliveries, stream_seq, consumer_seq = token
    return b"%b%d.%d.%d.%d.%d" % (prefix, deliveries, stream_seq, consumer_seq, time, pending)


def token(numbers: Sequence[bytes]) -> Token:
    """The first three of the numbers behind stream and consumer."""
    return Token(number(numbers[0]), number(numbers[1]), number(numbers[2]))


def number(text: bytes) -> int:
    """A number, or NO_NUMBER."""
    return int(text) if text.isdigit() else NO_NUMBER


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
