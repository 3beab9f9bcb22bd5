"""How the index of a store changes: messages come and go, all or nothing.

JS-LIM-002 .. JS-LIM-006. Both stores keep one in memory and take their decisions
from it (`contents.py`); what `undo` takes back is everything since `settle`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nats_reference.jetstream.store.contents import Contents
from nats_reference.jetstream.store.page import MASK, SHIFT, SIZE, Page
from nats_reference.jetstream.store.track import Track

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.store.tree import Tree


class Mark(NamedTuple):
    """The figures of an index at one moment."""

    first_seq: int = 0
    last_seq: int = 0
    last_time: int = 0
    messages: int = 0
    bytes: int = 0


class Index(Contents):
    """Contents that change."""

    __slots__ = ("_before_clear", "_emptied", "_mark", "_removed", "_tail")

    def __init__(self, first_seq: int = 0) -> None:
        super().__init__(first_seq)
        #: The page that takes the next sequence, if it is in `_pages`.
        self._tail: Page | None = None
        #: What was removed since, in order: sequence, track, size.
        self._removed: list[tuple[int, Track, int]] = []
        #: Pages that may have nothing left in them.
        self._emptied: list[int] = []
        self._begin()

    def _begin(self) -> None:
        self._mark = (self.first_seq, self.last_seq, self.last_time, self.messages, self.bytes)
        if self._removed:
            self._removed = []
        if self._emptied:
            self._emptied = []
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

    def load(self, entries: Iterable[tuple[int, int, bytes, int]]) -> None:
        """Fill an empty index: sequence, time, subject and size of each message, in order."""
        tracks, pages = self.tracks, self._pages
        page: Page | None = None
        begin = end = seq = time = total = 0
        for seq, time, subject, size in entries:
            if seq >= end:
                begin = seq & ~MASK
                end = begin + SIZE
                page = pages[seq >> SHIFT] = Page()
                owners, sizes, times = page.owners, page.sizes, page.times
            track = tracks.get(subject)
            if track is None:
                track = tracks[subject] = Track(subject, seq)
            else:
                track.append(seq)
            place = seq - begin
            owners[place] = track
            sizes[place] = size
            times[place] = time
            total += size
        for each in pages.values():
            each.live = SIZE - each.owners.count(None)
        if page is not None:
            first = min(pages)
            self.first_seq = (first << SHIFT) + pages[first].first_from(0)
            self.last_seq, self.last_time = seq, time
            self.messages = sum(each.live for each in pages.values())
            self.bytes = total
            self._tail = page if (seq + 1) & MASK else None
        self._begin()

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
        mark, removed, last = Mark(*self._mark), self._removed, self.last_seq
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
