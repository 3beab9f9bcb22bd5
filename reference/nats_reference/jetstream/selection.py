"""Which message is the next, the last, or the newest of each subject: sequences, unread.

JS-STREAM-034, JS-DIRECT-004, JS-DIRECT-012, JS-DIRECT-013, JS-DIRECT-016.
A wildcard that many subjects match is found by walking, one that few match by
the tree of subjects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.store.index import Index

#: Messages looked at one by one before the tree is asked.
WALK = 64


def literal(pattern: bytes) -> bool:
    """Whether `pattern` has no wildcard."""
    return b"*" not in pattern and b">" not in pattern


def next_of(index: Index, pattern: bytes, seq: int) -> int:
    """The first message from `seq` on that `pattern` matches, or 0."""
    if pattern == subjects.REST:
        return index.at_or_after(seq)
    if literal(pattern):
        track = index.tracks.get(pattern)
        return track.at_or_after(seq) if track else 0
    for _ in range(WALK):
        seq = index.at_or_after(seq)
        subject = index.subject(seq)
        if subject is None:
            return 0
        if subjects.matches(pattern, subject):
            return seq
        seq += 1
    found = (track.at_or_after(seq) for track in index.matching(pattern))
    return min((each for each in found if each), default=0)


def last_of(index: Index, pattern: bytes, upto: int | None = None) -> int:
    """The last message, up to `upto`, that `pattern` matches, or 0."""
    seq = index.last_seq if upto is None else upto
    if pattern == subjects.REST:
        return index.at_or_before(seq)
    if literal(pattern):
        track = index.tracks.get(pattern)
        return track.at_or_before(seq) if track else 0
    for _ in range(WALK):
        seq = index.at_or_before(seq)
        subject = index.subject(seq)
        if subject is None:
            return 0
        if subjects.matches(pattern, subject):
            return seq
        seq -= 1
    return max((track.at_or_before(seq) for track in index.matching(pattern)), default=0)


def newest(
    index: Index, patterns: Iterable[bytes], since: int = 0, upto: int | None = None
) -> list[int]:
    """The last message, up to `upto`, of each subject that some pattern matches, if from `since` on."""
    limit = index.last_seq if upto is None else upto
    tracks = {id(track): track for pattern in patterns for track in index.matching(pattern)}
    found = (track.at_or_before(limit) for track in tracks.values())
    return sorted(seq for seq in found if seq and seq >= since)


def count(index: Index, pattern: bytes, since: int = 0) -> int:
    """How many messages from `since` on `pattern` matches."""
    return sum(track.count_from(since) for track in index.matching(pattern))
