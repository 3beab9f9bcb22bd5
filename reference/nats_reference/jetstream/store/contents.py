"""What an index says of the messages a stream holds: by sequence, by subject, by time.

JS-LIM-002 .. JS-LIM-006. `index.py` has what changes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.store.page import MASK, SHIFT, Page
from nats_reference.jetstream.store.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_reference.jetstream.store.track import Track


class Contents:
    """Sequences, and the subjects they belong to, without their content."""

    __slots__ = (
        "_pages",
        "_tree",
        "bytes",
        "first_seq",
        "last_seq",
        "last_time",
        "messages",
        "tracks",
    )

    def __init__(self, first_seq: int = 0) -> None:
        #: The oldest message, or where the next will be; 0 as long as nobody cares (JS-CFG-014).
        self.first_seq = first_seq
        self.last_seq = max(first_seq - 1, 0)
        #: When the last sequence was used.
        self.last_time = 0
        self.messages = 0
        self.bytes = 0
        self.tracks: dict[bytes, Track] = {}
        self._pages: dict[int, Page] = {}
        self._tree: Tree | None = None

    @property
    def gapless(self) -> bool:
        """Whether nothing is gone between the first message and the last."""
        return self.messages == self.last_seq - self.first_seq + 1

    def __contains__(self, seq: int) -> bool:
        page = self._pages.get(seq >> SHIFT)
        return page is not None and page.owners[seq & MASK] is not None

    def subject(self, seq: int) -> bytes | None:
        """Whose message `seq` is."""
        page = self._pages.get(seq >> SHIFT)
        track = page.owners[seq & MASK] if page else None
        return track.subject if track else None

    def time(self, seq: int) -> int:
        """When the message `seq`, which is there, was stored."""
        return self._pages[seq >> SHIFT].times[seq & MASK]

    def size(self, seq: int) -> int:
        """How many bytes the message `seq`, which is there, counts for."""
        return self._pages[seq >> SHIFT].sizes[seq & MASK]

    def at_or_after(self, seq: int) -> int:
        """The first message that is not before `seq`, or 0."""
        if seq > self.last_seq:
            return 0
        if seq in self:
            return seq
        seq = max(seq, self.first_seq)
        place = seq & MASK
        for number in range(seq >> SHIFT, (self.last_seq >> SHIFT) + 1):
            page = self._pages.get(number)
            if page is not None and page.live:
                found = page.first_from(place)
                if found >= 0:
                    return (number << SHIFT) + found
            place = 0
        return 0

    def at_or_before(self, seq: int) -> int:
        """The last message that is not after `seq`, or 0."""
        seq = min(seq, self.last_seq)
        place = seq & MASK
        for number in range(seq >> SHIFT, (self.first_seq >> SHIFT) - 1, -1):
            page = self._pages.get(number)
            if page is not None and page.live:
                found = page.last_up_to(place)
                if found >= 0:
                    return (number << SHIFT) + found
            place = MASK
        return 0

    def at_time(self, time: int) -> int:
        """The first message that was not stored before `time`, or 0."""
        low, high = self.first_seq, self.last_seq + 1
        while low < high:
            middle = (low + high) // 2
            seq = self.at_or_after(middle)
            if seq and seq < high and self.time(seq) < time:
                low = seq + 1
            else:
                high = middle
        return self.at_or_after(low)

    def sequences(self, since: int = 0) -> Iterator[int]:
        """The messages from `since` on, in order."""
        since = max(since, self.first_seq)
        place = since & MASK
        for number in range(since >> SHIFT, (self.last_seq >> SHIFT) + 1):
            page = self._pages.get(number)
            if page is not None:
                yield from page.sequences(number << SHIFT, place)
            place = 0

    def gaps(self) -> Iterator[int]:
        """The sequences between first and last that are gone, in order (JS-STREAM-014)."""
        first, last = self.first_seq, self.last_seq
        for number in range(first >> SHIFT, (last >> SHIFT) + 1 if self.messages else 0):
            base = number << SHIFT
            page = self._pages.get(number)
            if page is None:
                yield from range(max(base, first), min(base + MASK, last) + 1)
            elif page.live <= MASK:
                yield from (seq for seq in page.gaps(base) if first <= seq <= last)

    def matching(self, pattern: bytes) -> list[Track]:
        """The tracks of the subjects that `pattern` matches."""
        if b"*" not in pattern and b">" not in pattern:
            track = self.tracks.get(pattern)
            return [track] if track is not None else []
        if pattern == b">":
            return list(self.tracks.values())
        if self._tree is None:
            self._tree = Tree(self.tracks.values())
        return self._tree.match(pattern)
