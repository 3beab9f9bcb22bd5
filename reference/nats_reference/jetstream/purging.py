"""Removing messages on request: JS-STREAM-022 .. JS-STREAM-032."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.jetstream.stream import Stream


def delete(stream: Stream, seq: int) -> None:
    """Delete one message.

    Raises:
        ApiError: it is not there, or may not be deleted.
    """
    if not stream.discard(seq):
        raise ApiError(10043, seq=seq)


def purge(stream: Stream, pattern: bytes | None, seq: int, keep: int) -> int:
    """Remove the messages that `pattern` matches, those before `seq`, or all but `keep`; how many."""
    index = stream.store.index
    found = sorted(s for track in index.matching(pattern or b">") for s in track.sequences())
    if seq:
        found = [each for each in found if each < seq]
    if keep:
        found = found[:-keep]
    for each in found:
        stream.discard(each)
    return len(found)
