"""Which messages of a stream say how long they live, and when the next of them is over.

JS-TTL-004, JS-LIM-016. What was removed meanwhile stays here until its time comes or
there is too much of that; whoever asks looks whether a message is still there.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import fields
from nats_reference.jetstream.ttl import FIELD, NEVER, counts, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.store import Store
    from nats_reference.jetstream.store.index import Index

    #: When it is over, in nanoseconds since 1970, and the message.
    Entry = tuple[int, int]

SECOND: Final = 10**9
#: Entries of messages that may be gone: so many are kept without looking.
SPARE: Final = 1000


class Lifetimes:
    """The times to live of one stream's messages."""

    __slots__ = ("_heap", "_never", "_since")

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        #: Messages that outlive max_age (JS-LIM-016).
        self._never: set[int] = set()
        #: All messages before this one never expire.
        self._since = 0

    def __len__(self) -> int:
        return len(self._heap) + len(self._never)

    def add(self, seq: int, ttl: int, time: int) -> None:
        """The message `seq`, stored at `time`, lives so many seconds."""
        if ttl == NEVER:
            self._never.add(seq)
        else:
            heapq.heappush(self._heap, (over_at(time, ttl), seq))

    def due(self) -> int | None:
        """When the first is over, if there is one."""
        return self._heap[0][0] if self._heap else None

    def over(self, now: int) -> list[Entry]:
        """Those that are over, taken out."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            found.append(heapq.heappop(self._heap))
        return found

    def put_back(self, entries: Iterable[Entry]) -> None:
        """They could not be removed."""
        for entry in entries:
            heapq.heappush(self._heap, entry)
        self._since = 0

    def aging(self, index: Index) -> Iterator[int]:
        """The messages that max_age ends, oldest first."""
        for seq in index.sequences(self._since):
            if seq not in self._never:
                yield seq

    def oldest(self, index: Index) -> int:
        """The first of them, or 0."""
        seq = next(self.aging(index), 0)
        self._since = seq
        return seq

    def forget_from(self, seq: int) -> None:
        """The messages from `seq` on were not stored after all."""
        self._keep(lambda each: each < seq)

    def tidy(self, index: Index) -> None:
        """Forget what is gone, if that is much."""
        if len(self) > 2 * index.messages + SPARE:
            self._keep(index.__contains__)

    def _keep(self, wanted: Callable[[int], bool]) -> None:
        self._heap = [entry for entry in self._heap if wanted(entry[1])]
        heapq.heapify(self._heap)
        self._never = {seq for seq in self._never if wanted(seq)}


def over_at(time: int, ttl: int) -> int:
    """When a message of `time` that lives `ttl` seconds is over (JS-TTL-004, JS-TTL-015)."""
    return time + ttl * SECOND


def rebuilt(store: Store, config: StreamConfig) -> Lifetimes:
    """The times to live of what a store holds already."""
    found = Lifetimes()
    copies = config.mirror is not None or bool(config.sources)
    if (config.allow_msg_ttl or copies) and store.index.messages:
        for record in store.with_headers(store.index.first_seq):
            ttl = seconds(fields.parse(record.headers or b"").get(FIELD, b""))
            if ttl is not None and counts(config, ttl):
                found.add(record.seq, ttl, record.time)
    return found
