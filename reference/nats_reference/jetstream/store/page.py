"""What is known of each sequence without reading its message: whose, how big, when.

Sequences are kept in pages of `SIZE`, so that one costs some twenty bytes, and
what has been removed costs nothing once a page is empty.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nats_reference.jetstream.store.track import Track

#: A sequence's page is `seq >> SHIFT`, its place there `seq & MASK`.
SHIFT: Final = 9
SIZE: Final = 1 << SHIFT
MASK: Final = SIZE - 1

_ZEROS: Final = bytes(8 * SIZE)


class Page:
    """`SIZE` sequences in a row."""

    __slots__ = ("live", "owners", "sizes", "times")

    def __init__(self) -> None:
        #: The subject of each sequence; None if nothing is there.
        self.owners: list[Track | None] = [None] * SIZE
        self.sizes = array("I", _ZEROS[: 4 * SIZE])
        self.times = array("q", _ZEROS)
        #: How many are there.
        self.live = 0

    def first_from(self, place: int) -> int:
        """The first place from `place` on where something is, or -1."""
        owners = self.owners
        for at in range(place, SIZE):
            if owners[at] is not None:
                return at
        return -1

    def last_up_to(self, place: int) -> int:
        """The last place up to `place` where something is, or -1."""
        owners = self.owners
        for at in range(place, -1, -1):
            if owners[at] is not None:
                return at
        return -1

    def sequences(self, base: int, place: int = 0) -> list[int]:
        """What is there from `place` on, if the page begins with the sequence `base`."""
        owners = self.owners
        return [base + at for at in range(place, SIZE) if owners[at] is not None]

    def gaps(self, base: int) -> list[int]:
        """What is not there."""
        return [base + at for at, owner in enumerate(self.owners) if owner is None]
