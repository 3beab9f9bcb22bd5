"""Which messages a stream holds: by sequence, by subject, by time, without their content.

JS-LIM-002 .. JS-LIM-006. Both stores keep one in memory and take their
decisions from it; what `undo` takes back is everything since `settle`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nats_reference.jetstream.store.page import MASK, SHIFT, Page
from nats_reference.jetstream.store.track import Track
from nats_reference.jetstream.store.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator


class Mark(NamedTuple):
    """The figures of an index at one moment."""

    first_seq: int = 0
    last_seq: int = 0
    last_time: int = 0
    messages: int = 0
    bytes: int = 0


class Index:
    """Sequences, and the subjects they belong to."""

    __slots__ = (
        "_before_clear",
        "_emptied",
        "_mark",
        "_pages",
        "_removed",
        "_tail",
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
        #: The page that takes the next sequence, if it is in `_pages`.
        self._tail: Page | None = None
        self._tree: Tree | None = None
        self._begin()

    def _begin(self) -> None:
        self._mark = Mark(self.first_seq, self.last_seq, self.last_time, self.messages, self.bytes)
        #: What was removed since, in order: sequence, track, size.
        self._removed: list[tuple[int, Track, int]] = []
        #: Pages that may have nothing left in them.
        self._emptied: list[int] = []
        #: What everything was in before the first `clear` since.
        self._before_clear: (
            tuple[dict[bytes, Track], dict[int, Page], Tree | None, int, int] | None
        ) = None

    # ---- Changes ---------------------------------------------------------------

    def add(self, subject: bytes, size: int, time: int) -> int:
        """Use the next sequence for a message."""
        seq = self.last_seq + 1
        track = self.tracks.get(subject)
        if track is None:
            track = self.tracks[subject] = Track(subject, seq)
            if self._tree is not None:
                self._tree.add(track)
            if not self.messages:
                self.first_seq = seq
        else:
            track.append(seq)
        place = seq & MASK
        page = self._tail
        if page is None:
            page = self._tail = self._pages.setdefault(seq >> SHIFT, Page())
        page.owners[place] = track
        page.sizes[place] = size
        page.times[place] = time
        page.live += 1
        if place == MASK:
            self._tail = None
        self.last_seq = seq
        self.last_time = time
        self.messages += 1
        self.bytes += size
        return seq

    def skip_to(self, seq: int, time: int) -> None:
        """Use up the sequences to `seq` for nothing."""
        if not self.messages:
            self.first_seq = seq + 1
        number = (self.last_seq + 1) >> SHIFT
        if number != (seq + 1) >> SHIFT:
            self._emptied.append(number)
            self._tail = None
        self.last_seq = seq
        self.last_time = time

    def remove(self, seq: int) -> tuple[bytes, int] | None:
        """Take a message out; its subject and size."""
        page = self._pages.get(seq >> SHIFT)
        if page is None:
            return None
        place = seq & MASK
        track = page.owners[place]
        if track is None:
            return None
        size = page.sizes[place]
        page.owners[place] = None
        page.live -= 1
        if not page.live:
            self._emptied.append(seq >> SHIFT)
        self._removed.append((seq, track, size))
        self._take_from(track, seq)
        self.messages -= 1
        self.bytes -= size
        if seq == self.first_seq:
            self.first_seq = self.at_or_after(seq + 1) or self.last_seq + 1
        return track.subject, size

    def _take_from(self, track: Track, seq: int) -> None:
        if len(track) > 1:
            track.remove(seq)
        else:
            del self.tracks[track.subject]
            if self._tree is not None:
                self._tree.remove(track)

    def clear(self) -> None:
        """Take all messages out."""
        if self._before_clear is None:
            self._before_clear = (
                self.tracks,
                self._pages,
                self._tree,
                self.last_seq,
                len(self._removed),
            )
        self.tracks = {}
        self._pages = {}
        self._tail = self._tree = None
        self.messages = self.bytes = 0
        self.first_seq = self.last_seq + 1

    # ---- All or nothing --------------------------------------------------------

    def settle(self) -> None:
        """What was done so far is done for good."""
        for number in self._emptied:
            page = self._pages.get(number)
            if page is not None and not page.live and page is not self._tail:
                del self._pages[number]
        self._begin()

    def undo(self) -> None:
        """Take back everything since the last `settle`."""
        mark, removed, last = self._mark, self._removed, self.last_seq
        if self._before_clear is not None:
            self.tracks, self._pages, self._tree, last, count = self._before_clear
            del removed[count:]
        for seq in range(mark.last_seq + 1, last + 1):
            page = self._pages.get(seq >> SHIFT)
            track = page.owners[seq & MASK] if page else None
            if page and track:
                page.owners[seq & MASK] = None
                page.live -= 1
                self._take_from(track, seq)
        for seq, track, size in reversed(removed):
            if seq <= mark.last_seq:
                self._put_back(seq, track.subject, size)
        self.first_seq, self.last_seq, self.last_time, self.messages, self.bytes = mark
        self._tail = self._pages.get(mark.last_seq >> SHIFT) if (mark.last_seq + 1) & MASK else None
        self._begin()

    def _put_back(self, seq: int, subject: bytes, size: int) -> None:
        track = self.tracks.get(subject)
        if track is None:
            track = self.tracks[subject] = Track(subject, seq)
            if self._tree is not None:
                self._tree.add(track)
        else:
            track.put_back(seq)
        page = self._pages[seq >> SHIFT]
        page.owners[seq & MASK] = track
        page.sizes[seq & MASK] = size
        page.live += 1

    # ---- Questions -------------------------------------------------------------

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
        seq = self.at_or_after(since)
        while seq:
            yield seq
            seq = self.at_or_after(seq + 1)

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
