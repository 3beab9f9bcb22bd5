"""The sequences of one subject, in order.

Taken from the front, as limits do, none has to move.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

#: So many sequences that are gone are left standing at the front.
SLACK = 64


class Track:
    """Where the messages of one subject are."""

    __slots__ = ("_seqs", "_start", "subject")

    def __init__(self, subject: bytes, first: int) -> None:
        self.subject = subject
        self._seqs = array("Q", (first,))
        #: What stands before it in `_seqs` is gone.
        self._start = 0

    def __len__(self) -> int:
        return len(self._seqs) - self._start

    @property
    def first(self) -> int:
        """The oldest."""
        return self._seqs[self._start]

    @property
    def last(self) -> int:
        """The newest."""
        return self._seqs[-1]

    def append(self, seq: int) -> None:
        """Add one that is newer than all."""
        self._seqs.append(seq)

    def remove(self, seq: int) -> None:
        """Take one out."""
        seqs = self._seqs
        if seqs[self._start] == seq:
            self._start += 1
            if self._start > SLACK and 2 * self._start > len(seqs):
                del seqs[: self._start]
                self._start = 0
        elif seqs[-1] == seq:
            seqs.pop()
        else:
            del seqs[bisect_left(seqs, seq, self._start)]

    def put_back(self, seq: int) -> None:
        """Add one that was taken out."""
        self._seqs.insert(bisect_left(self._seqs, seq, self._start), seq)

    def at_or_after(self, seq: int) -> int:
        """The first that is not before `seq`, or 0."""
        place = bisect_left(self._seqs, seq, self._start)
        return self._seqs[place] if place < len(self._seqs) else 0

    def at_or_before(self, seq: int) -> int:
        """The last that is not after `seq`, or 0."""
        place = bisect_right(self._seqs, seq, self._start)
        return self._seqs[place - 1] if place > self._start else 0

    def count_from(self, seq: int) -> int:
        """How many are not before `seq`."""
        return len(self._seqs) - bisect_left(self._seqs, seq, self._start)

    def sequences(self) -> list[int]:
        """All of them."""
        return list(self._seqs[self._start :])
