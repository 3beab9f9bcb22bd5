"""What a consumer with `last_per_subject` begins with, and how far it is with it.

JS-DLV-014, JS-DLV-022, JS-RST-007. The list is made once and may be long: it is neither
copied nor written when a message of it is delivered, only the place changes. What comes
back is held beside the list, which stays as it is.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Newest:
    """The newest message of each subject, ascending, those left out that were delivered."""

    __slots__ = ("_again", "_list", "_place", "kept", "left")

    def __init__(self, seqs: tuple[int, ...] = ()) -> None:
        self._list = seqs
        #: How many of the list were taken.
        self._place = 0
        #: What was taken, and is to be delivered after all.
        self._again: list[int] = []
        #: How many are left, with those.
        self.left = len(seqs)
        #: Whether the list is in the store.
        self.kept = False

    # ---- One after another ---------------------------------------------------

    @property
    def first(self) -> int:
        """The next; there must be one."""
        return self._again[0] if self._again else self._list[self._place]

    def take(self) -> int:
        """Take the next; there must be one."""
        self.left -= 1
        if self._again:
            return self._again.pop(0)
        seq = self._list[self._place]
        self._place += 1
        if self._place == len(self._list):
            self._list, self._place = (), 0
        return seq

    def give_back(self, seq: int) -> None:
        """`seq` was taken, and is to be delivered after all."""
        insort(self._again, seq)
        self.left += 1

    # ---- What is left --------------------------------------------------------

    def __len__(self) -> int:
        return self.left

    def __iter__(self) -> Iterator[int]:
        yield from self._again
        for place in range(self._place, len(self._list)):
            yield self._list[place]

    def __contains__(self, seq: object) -> bool:
        if not isinstance(seq, int):
            return False
        place = bisect_left(self._list, seq, self._place)
        return seq in self._again or self._list[place : place + 1] == (seq,)

    # ---- What is kept --------------------------------------------------------

    @property
    def listed(self) -> bool:
        """Whether there is something left of the list itself."""
        return bool(self._list)

    def whole(self) -> bytes:
        """What is left of the list."""
        return b",".join(b"%d" % seq for seq in self._list[self._place :])

    def place(self) -> str:
        """What came back, and where the list goes on."""
        return ",".join(map(str, (*self._again, *self._list[self._place : self._place + 1])))

    @classmethod
    def read(cls, place: str, whole: bytes | None) -> Newest:
        """What was kept as `place` and `whole`; without a list, `place` is all that is left."""
        seqs = numbers(place)
        if whole is None:
            return cls(seqs)
        found = cls(numbers(whole.decode()))
        *found._again, following = seqs
        found._place = bisect_left(found._list, following)
        found.left += len(found._again) - found._place
        found.kept = True
        return found


def numbers(text: str) -> tuple[int, ...]:
    """The numbers of a text that separates them by commas."""
    return tuple(map(int, text.split(","))) if text else ()
