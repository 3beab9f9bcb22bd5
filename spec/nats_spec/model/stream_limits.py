"""What leaves a stream because it is too much or too old, and what is not let in.

Implements JS-LIM-008 .. JS-LIM-015, JS-STREAM-019. Leaves out consumers, whose
acknowledgements remove messages of work queue and interest streams.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nats_spec.model.stream import Config, Message, Refused, Stream, purge, size, without

if TYPE_CHECKING:
    from collections.abc import Callable

#: With discard new, the stream is full.
FULL: Final = Refused(10077)


def room(
    stream: Stream, message: Message, *, rollup: bool = False, release: tuple[int, ...] = (2, 15)
) -> Refused | None:
    """Whether a stream with discard new takes one more (JS-LIM-011 .. JS-LIM-014).

    A message for a subject at its limit replaces the oldest there, so needs no room of its own.
    Until 2.14 the last byte was out of reach, and a rollup not let through.
    """
    older = release < (2, 14)
    config = stream.config
    if not config.discard_new:
        return None
    same = [s for s in stream.messages.values() if s.message.subject == message.subject]
    replaces = 0 < config.max_msgs_per_subject <= len(same)
    if replaces and config.discard_new_per_subject and (older or not rollup):
        return FULL
    if not replaces and 0 < config.max_msgs <= len(stream.messages):
        return FULL
    needed = size(message, file=config.file)
    limit = config.max_bytes - older
    if config.max_bytes <= 0 or _bytes(stream) + needed <= limit:
        return None
    spare = size(same[0].message, file=config.file) - needed if replaces else -1
    return FULL if spare < (older and config.file) else None


def trim(stream: Stream) -> Stream:
    """After a message is stored: its subject first, then the stream (JS-LIM-008)."""
    return _oldest_out(_per_subject(stream))


def reconfigure(stream: Stream, config: Config) -> Stream:
    """An update and its effects at once (JS-STREAM-019); to seal denies all change."""
    if config.sealed:
        config = replace(
            config,
            deny_delete=True,
            deny_purge=True,
            allow_rollup=False,
            discard_new=True,
            max_age=0,
        )
    return _per_subject(_oldest_out(replace(stream, config=config)))


def expire(stream: Stream, now: int) -> Stream:
    """Without the messages that are older than max_age (JS-LIM-015)."""
    if not stream.config.max_age:
        return stream
    limit = now - stream.config.max_age
    return without(stream, {seq for seq, s in stream.messages.items() if s.time <= limit})


def roll_up(stream: Stream, message: Message, which: bytes) -> Stream:
    """Only the newest is kept: of the subject, or of the stream (JS-PUB-027)."""
    pattern = message.subject if which == b"sub" else b">"
    kept = purge(stream, pattern, keep=1)
    assert not isinstance(kept, Refused)  # noqa: S101 - checked before it was stored
    return kept[0]


def _per_subject(stream: Stream) -> Stream:
    limit = stream.config.max_msgs_per_subject
    if limit <= 0:
        return stream
    left = Counter(stored.message.subject for stored in stream.messages.values())
    gone: set[int] = set()
    for seq, stored in stream.messages.items():
        if left[stored.message.subject] > limit:
            left[stored.message.subject] -= 1
            gone.add(seq)
    return without(stream, gone)


def _oldest_out(stream: Stream) -> Stream:
    """From the front, until number and bytes are within the limits (JS-LIM-009, JS-LIM-010)."""
    if stream.config.discard_new:
        return stream
    limits: tuple[tuple[int, Callable[[Stream], int]], ...] = (
        (stream.config.max_msgs, lambda trimmed: len(trimmed.messages)),
        (stream.config.max_bytes, _bytes),
    )
    for limit, measure in limits:
        while 0 < limit < measure(stream):
            stream = without(stream, {stream.first})
    return stream


def _bytes(stream: Stream) -> int:
    return sum(size(s.message, file=stream.config.file) for s in stream.messages.values())
