"""How many messages a consumer has yet to deliver, kept up to date on demand.

JS-DLV-008, JS-RET-010, JS-INV-013, JS-INV-014. Counted once, then adjusted by what came
and went since: a publish costs a stream with ten thousand consumers what it costs
one with ten, because nobody counts before somebody asks.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import position
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nats_reference.jetstream.store.index import Index
    from nats_reference.jetstream.stream import Stream

#: New messages looked at one by one; beyond, all is counted anew.
STEPS = 4096
#: Removed messages that are remembered for those who count.
REMEMBERED = 16384


class Removals:
    """What was removed lately, numbered; what the stream has yet to tell of comes last."""

    __slots__ = ("_stream", "entries", "told")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.entries: deque[tuple[int, bytes]] = deque(maxlen=REMEMBERED)
        #: Of how many the stream has told altogether.
        self.told = 0

    @property
    def number(self) -> int:
        """How many there were altogether."""
        return self.told + len(self._stream.gone.messages)

    def add(self, messages: Sequence[tuple[int, bytes]]) -> None:
        """Remember these, of which the stream has told."""
        self.entries.extend(messages)
        self.told += len(messages)

    def since(self, number: int) -> list[tuple[int, bytes]] | None:
        """Those after the first `number`, or None if they are forgotten."""
        missing = self.told - number
        if missing <= 0:
            return self._stream.gone.messages[-missing:]
        if missing > len(self.entries):
            return None
        return [
            self.entries[-place] for place in range(missing, 0, -1)
        ] + self._stream.gone.messages


class Backlog:
    """What one consumer has yet to deliver for the first time."""

    __slots__ = ("_counted", "_filters", "_index", "_known", "_removals", "_seen")

    def __init__(self, index: Index, removals: Removals, filters: tuple[bytes, ...]) -> None:
        self._index = index
        self._removals = removals
        self._filters = filters
        self._counted = 0
        #: Everything up to this sequence is in the count; None if nothing is known.
        self._known: int | None = None
        self._seen = 0

    def forget(self) -> None:
        """Count anew when somebody asks."""
        self._known = None

    def delivered(self, messages: int = 1) -> None:
        """So many of them were delivered."""
        self._counted -= messages

    def returned(self) -> None:
        """One of them could not be delivered after all."""
        self._counted += 1

    def count(self, since: int, listed: Collection[int] = ()) -> int:
        """How many there are from `since` on, and of those in `listed`, which lie below."""
        index = self._index
        last = index.last_seq
        if not (self._filters or listed) and index.gapless:
            self._known = None
            return max(last + 1 - max(since, index.first_seq), 0)
        removed = self._removals.number
        if self._known == last and self._seen == removed:
            return self._counted
        gone: list[tuple[int, bytes]] | None = None
        if self._known is not None:
            gone = [] if self._seen == removed else self._removals.since(self._seen)
        if self._known is None or gone is None or last - self._known > STEPS:
            self._count_all(since, listed)
        else:
            self._adjust(since, listed, gone, last)
        self._known, self._seen = last, removed
        return self._counted

    def _count_all(self, since: int, listed: Collection[int]) -> None:
        present = sum(self._index.subject(seq) is not None for seq in listed)
        self._counted = present + position.count_matching(self._index, self._filters, since)

    def _adjust(
        self, since: int, listed: Collection[int], gone: list[tuple[int, bytes]], last: int
    ) -> None:
        known = self._known or 0
        for seq, subject in gone:
            counted = since <= seq <= known and self.wants(subject)
            if counted or seq in listed:
                self._counted -= 1
        for seq in range(max(known + 1, since), last + 1):
            subject_now = self._index.subject(seq)
            if subject_now is not None and self.wants(subject_now):
                self._counted += 1

    def wants(self, subject: bytes) -> bool:
        """Whether a message on `subject` is for this consumer."""
        filters = self._filters
        return not filters or any(
            each == subject or subjects.matches(each, subject) for each in filters
        )
