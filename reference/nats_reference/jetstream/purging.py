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
    check_delete(stream)
    if not stream.discard(seq):
        raise missing(stream, seq)


def check_delete(stream: Stream) -> None:
    """Refuse to delete from a stream that doesn't let anybody (JS-STREAM-032).

    Raises:
        ApiError: it doesn't.
    """
    if stream.config.sealed:
        raise ApiError(10109)
    if stream.config.deny_delete:
        raise ApiError(10057, err="message delete not permitted")


def missing(stream: Stream, seq: int) -> ApiError:
    """Why a message can't be deleted that isn't there: files know more (JS-STREAM-031)."""
    index = stream.store.index
    if stream.config.storage == "memory" or index.first_seq <= seq <= index.last_seq:
        return ApiError(10043, seq=seq)
    return ApiError(10057, err="stream store EOF" if seq > index.last_seq else "no message found")


def purge(stream: Stream, pattern: bytes | None, seq: int, keep: int) -> int:
    """Remove messages that `pattern` matches: those before `seq`, all but the last `keep`, or all.

    Raises:
        ApiError: it may not be purged.
    """
    if stream.config.sealed:
        raise ApiError(10109)
    if stream.config.deny_purge:
        raise ApiError(10110, err="stream purge not permitted")
    everything = not pattern or pattern == b">"
    if everything and not seq and not keep:
        return clear(stream)
    found = candidates(stream, pattern or b">", seq, keep)
    for each in found:
        stream.discard(each)
    if everything and seq:
        jump(stream, seq)
    return len(found)


def clear(stream: Stream) -> int:
    """Remove everything (JS-STREAM-022)."""
    index = stream.store.index
    count = index.messages
    stream.store.clear()
    return count


def candidates(stream: Stream, pattern: bytes, seq: int, keep: int) -> list[int]:
    """The messages to remove, in order (JS-STREAM-023, JS-STREAM-024, JS-STREAM-026)."""
    index = stream.store.index
    if pattern == b">":
        found = list(index.sequences())
    else:
        found = sorted(each for track in index.matching(pattern) for each in track.sequences())
    if keep:
        return found[:-keep]
    return [each for each in found if each < seq] if seq else found


def jump(stream: Stream, seq: int) -> None:
    """Go on at `seq` if that is beyond the end (JS-STREAM-025)."""
    index = stream.store.index
    if seq > index.last_seq + 1:
        stream.store.skip_to(seq - 1, index.last_time)
