"""What a stream holds, in figures (JS-LIM-002 .. JS-LIM-007)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.jetstream.store.index import Index


#: Subjects, and how many messages each has.
SubjectCounts = tuple[tuple[bytes, int], ...]


@dataclass(frozen=True, slots=True)
class StreamState:
    """The figures at one moment; times are nanoseconds since 1970, 0 for none."""

    messages: int
    bytes: int
    first_seq: int
    first_time: int
    last_seq: int
    last_time: int
    num_subjects: int
    num_deleted: int
    #: Sequences that are gone, if they were asked for.
    deleted: tuple[int, ...] | None = None
    #: Given if they were asked for.
    subjects: SubjectCounts | None = None


def state_of(index: Index, *, deleted: bool = False, subjects: bytes | None = None) -> StreamState:
    """The figures of what is in `index`."""
    span = index.last_seq - index.first_seq + 1 if index.messages else 0
    return StreamState(
        messages=index.messages,
        bytes=index.bytes,
        first_seq=index.first_seq,
        first_time=index.time(index.first_seq) if index.messages else 0,
        last_seq=index.last_seq,
        last_time=index.last_time,
        num_subjects=len(index.tracks),
        num_deleted=span - index.messages,
        deleted=tuple(index.gaps()) if deleted else None,
        subjects=None if subjects is None else tuple(counts(index, subjects)),
    )


def counts(index: Index, pattern: bytes) -> list[tuple[bytes, int]]:
    """The subjects that `pattern` matches and their messages, by name (JS-STREAM-012)."""
    return sorted((track.subject, len(track)) for track in index.matching(pattern))
