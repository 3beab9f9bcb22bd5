"""One stored message, and how many bytes it counts for (JS-LIM-005)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Record(NamedTuple):
    """What a stream keeps of one message."""

    seq: int
    #: When it was stored: nanoseconds since 1970, UTC.
    time: int
    subject: bytes
    #: The header block, its final blank line included; None without headers.
    headers: bytes | None
    payload: bytes


#: A record of a sequence of its members, without looking at them.
record_of: Final = partial(tuple.__new__, Record)


def memory_size(subject: bytes, headers: bytes | None, payload: bytes) -> int:
    """Bytes that a message counts for in memory."""
    size = 16 + len(subject) + len(payload)
    return size + len(headers) if headers else size


def file_size(subject: bytes, headers: bytes | None, payload: bytes) -> int:
    """Bytes that a message counts for in a file."""
    size = 30 + len(subject) + len(payload)
    return size + 4 + len(headers) if headers else size


#: The formula of each kind of storage.
SIZES: Final[Mapping[str, Callable[[bytes, bytes | None, bytes], int]]] = {
    "memory": memory_size,
    "file": file_size,
}
