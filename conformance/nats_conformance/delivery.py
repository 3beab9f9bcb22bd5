"""In which pieces the bytes of a case reach the server (FRAME-015).

The same case runs whole (a send is a write), byte by byte, and coalesced (sends
are held back until something must be received). A server whose answer depends
on the segmentation fails one of them.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Of one connection, so many bytes go one at a time; the rest goes whole.
DRIBBLED: Final = 128


class Delivery(Enum):
    """One of the three ways."""

    #: Each send is one write.
    WHOLE = "whole"
    #: Each byte is a write of its own.
    BYTE_BY_BYTE = "byte by byte"
    #: Sends wait for the next receive and go together.
    COALESCED = "coalesced"

    def pieces(self, data: bytes, before: int) -> Iterator[bytes]:
        """`data` in the pieces that are written one at a time, after `before` bytes."""
        room = max(0, DRIBBLED - before) if self is Delivery.BYTE_BY_BYTE else 0
        for at in range(min(len(data), room)):
            yield data[at : at + 1]
        if len(data) > room:
            yield data[room:]

    @property
    def holds(self) -> bool:
        """Whether sends are held back until a receive."""
        return self is Delivery.COALESCED
