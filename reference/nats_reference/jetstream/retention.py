"""What has to go when there is too much: JS-LIM-008 .. JS-LIM-010."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.jetstream.stream import Stream


def enforce(stream: Stream, subject: bytes) -> None:
    """After a message on `subject`: drop what the limits leave no room for."""
    config, index = stream.config, stream.store.index
    if config.max_msgs_per_subject > 0:
        enforce_subject(stream, subject)
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
    """With new limits: drop what they leave no room for (JS-STREAM-019)."""
    if stream.config.max_msgs_per_subject > 0:
        for subject in tuple(stream.store.index.tracks):
            enforce_subject(stream, subject)
    enforce(stream, b"")
