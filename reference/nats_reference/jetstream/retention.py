"""What has to go when there is too much, and what may not come in.

JS-LIM-008 .. JS-LIM-014, JS-PUB-027, JS-STREAM-019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.store.index import Index
    from nats_reference.jetstream.stream import Stream


def full(
    config: StreamConfig, index: Index, subject: bytes, size: int, *, rollup: bool
) -> str | None:
    """Why there is no room for a message of `size`, if new ones are to be discarded."""
    track = index.tracks.get(subject)
    at_limit = track is not None and 0 < config.max_msgs_per_subject <= len(track)
    if at_limit and config.discard_new_per_subject and not rollup:
        return "maximum messages per subject exceeded"
    # It replaces the oldest of its subject, then.
    replaced = index.size(track.first) if at_limit and track else 0
    if 0 < config.max_msgs <= index.messages and not at_limit:
        return "maximum messages exceeded"
    if 0 < config.max_bytes < index.bytes + size and size > replaced:
        return "maximum bytes exceeded"
    return None


def limited(config: StreamConfig) -> bool:
    """Whether a new message may leave no room for others."""
    return max(config.max_msgs, config.max_bytes, config.max_msgs_per_subject) > 0


def enforce(stream: Stream, subject: bytes) -> None:
    """After a message on `subject`: drop what the limits leave no room for, in their order."""
    config, index = stream.config, stream.store.index
    if config.max_msgs_per_subject > 0:
        enforce_subject(stream, subject)
    if config.discard == "old":
        while 0 < config.max_msgs < index.messages:
            stream.discard(index.first_seq)
        while 0 < config.max_bytes < index.bytes:
            stream.discard(index.first_seq)


def enforce_subject(stream: Stream, subject: bytes) -> None:
    """Drop the oldest on `subject` beyond max_msgs_per_subject."""
    track = stream.store.index.tracks.get(subject)
    while track is not None and len(track) > stream.config.max_msgs_per_subject:
        stream.discard(track.first)


def enforce_all(stream: Stream) -> None:
    """With new limits: drop what they leave no room for, those of the stream first (JS-LIM-050)."""
    enforce(stream, b"")
    if stream.config.max_msgs_per_subject > 0:
        for subject in tuple(stream.store.index.tracks):
            enforce_subject(stream, subject)


def change(stream: Stream, before: StreamConfig) -> None:
    """With another retention: consumers drop what they have done with (JS-RET-017 .. JS-RET-019)."""
    if (before.retention, stream.config.retention) == ("limits", "interest"):
        for observer in stream.observers:
            observer.interesting()


def roll_up(stream: Stream, what: bytes, subject: bytes, seq: int) -> None:
    """Drop everything before the message `seq` on its subject, or everything before it."""
    index = stream.store.index
    if what == b"all":
        before = [each for each in index.sequences() if each < seq]
    else:
        track = index.tracks.get(subject)
        before = [each for each in track.sequences() if each < seq] if track else []
    for each in before:
        stream.discard(each)
    stream.gone.patterns.append(b">" if what == b"all" else subject)
