"""Where a consumer starts, and which message it looks at next.

JS-DLV-009 .. JS-DLV-018. `last_per_subject` begins with a list of sequences,
each the newest of its subject; after it, everything newer than the stream was then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nats_reference.jetstream import selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_reference.jetstream.consumer.config import ConsumerConfig
    from nats_reference.jetstream.store.index import Index


@dataclass(frozen=True, slots=True)
class Start:
    """A first sequence, and for `last_per_subject` the list to begin with."""

    sequence: int
    #: The newest message of each subject, ascending.
    newest: tuple[int, ...] = ()
    #: The last sequence of the stream at that time.
    resume: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What decides on a start."""

    config: ConsumerConfig
    index: Index
    #: opt_start_time in nanoseconds, 0 if it isn't given.
    time: int
    #: The stream's max_msgs_per_subject.
    per_subject: int


def start(asked: Asked) -> Start:
    """Where a new consumer begins, within what the stream holds (JS-DLV-012)."""
    first, last = max(asked.index.first_seq, 1), asked.index.last_seq
    if asked.config.opt_start_seq:
        return Start(max(asked.config.opt_start_seq, first))
    found = POLICIES[asked.config.deliver_policy](asked)
    return Start(max(min(found.sequence, last + 1), first), found.newest, found.resume)


def from_the_first(asked: Asked) -> Start:
    """JS-DLV-009."""
    return Start(asked.index.first_seq)


def from_the_last(asked: Asked) -> Start:
    """The newest that matches; the first sequence if none does (JS-DLV-010)."""
    filters = asked.config.filters or (">",)
    found = (selection.last_of(asked.index, each.encode()) for each in filters)
    return Start(max(found))


def from_the_newest_of_each(asked: Asked) -> Start:
    """The newest of each subject, then what is newer than all (JS-DLV-014)."""
    if asked.per_subject == 1:
        return Start(asked.index.first_seq)
    filters = [each.encode() for each in asked.config.filters]
    newest = tuple(selection.newest(asked.index, filters))
    last = asked.index.last_seq
    return Start(newest[0] if newest else last, newest, last)


def from_a_time(asked: Asked) -> Start:
    """JS-DLV-013."""
    return Start(asked.index.at_time(asked.time) or asked.index.last_seq + 1)


def from_now_on(asked: Asked) -> Start:
    """JS-DLV-011."""
    return Start(asked.index.last_seq + 1)


Policy: TypeAlias = Callable[[Asked], Start]

POLICIES: dict[str, Policy] = {
    "all": from_the_first,
    "last": from_the_last,
    "last_per_subject": from_the_newest_of_each,
    "new": from_now_on,
    "by_start_sequence": from_the_first,
    "by_start_time": from_a_time,
}


def next_matching(index: Index, filters: Sequence[bytes], seq: int) -> int:
    """The first sequence from `seq` on that some filter lets in, or 0 (JS-DLV-017)."""
    if not filters:
        return index.at_or_after(seq)
    if len(filters) == 1:
        return selection.next_of(index, filters[0], seq)
    found = (selection.next_of(index, each, seq) for each in filters)
    return min((each for each in found if each), default=0)


def count_matching(index: Index, filters: Sequence[bytes], seq: int) -> int:
    """How many messages from `seq` on some filter lets in."""
    if not filters:
        return selection.count(index, b">", seq)
    tracks = {id(track): track for each in filters for track in index.matching(each)}
    return sum(track.count_from(seq) for track in tracks.values())
