"""What becomes of the messages that were published to a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream import retention

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_reference.jetstream.stream import Stream
    from nats_reference.operations.pub import Message


def take(stream: Stream, queue: Sequence[tuple[Message, bytes]]) -> None:
    """Store what has arrived, then acknowledge it."""
    store, host = stream.store, stream.host
    now = max(host.clock.wall(), store.index.last_time)
    answers: list[tuple[bytes, bytes]] = []
    first = store.index.last_seq + 1
    for (subject, reply, header_size, _, _), data in queue:
        size = int(header_size) if header_size else 0
        seq = store.append(subject, data[:size] or None, data[size:-2], now)
        retention.enforce(stream, subject)
        if reply and not stream.config.no_ack:
            answers.append((reply, b"%b%d}" % (stream.ack_opening, seq)))
    last = store.index.last_seq
    for observer in stream.observers:
        observer.storing(first, last)
    stream.commit()
    for reply, answer in answers:
        host.publish(reply, None, None, answer)
    for observer in stream.observers:
        observer.stored(first, last)
