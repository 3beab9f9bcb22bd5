"""A run of new messages, pushed to listeners who need not answer: what delivering.py does one by one.

JS-DLV-001 .. JS-DLV-003, JS-DLV-008, JS-DLV-018, JS-PUSH-018. It gives what `delivering.deliver`
gives, message for message, where nothing but their order decides: no acknowledgements, no
flow control, no pace. Whole backlogs are read this way.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import acks, position, pushing
from nats_reference.jetstream.consumer.outbox import Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_reference.jetstream.consumer.consumer import Consumer


def may_run(consumer: Consumer) -> bool:
    """Whether nothing but the order decides what is delivered next."""
    return (
        consumer.push
        and not consumer.acks
        and consumer.window is None
        and not consumer.paced
        and not consumer.newest
        and not consumer.config.headers_only
        and consumer.group.stream.config.retention != "interest"
    )


def run(consumer: Consumer, messages: int, size: int) -> bool:
    """Deliver so many messages, or as many as have so many bytes; whether there may be more."""
    group, progress = consumer.group, consumer.progress
    pending = consumer.pending_count()
    prefix, to = consumer.ack_prefix, consumer.deliver_to
    get, say, subject_of = group.stream.store.get, group.say, acks.subject
    seq = time = 0
    sequence = progress.next_sequence
    for seq in islice(ahead(consumer), min(pending, messages)):
        record = get(seq)
        if record is None:
            continue
        pending -= 1
        _, time, subject, headers, payload = record
        reply = subject_of(prefix, acks.Token(1, seq, sequence), time, pending)
        say(Outgoing(to, subject, reply, headers, payload, consumer, seq))
        sequence += 1
        size -= len(payload)
        if size <= 0:
            break
    if sequence != progress.next_sequence:
        consumer.backlog.delivered(sequence - progress.next_sequence)
        progress.deliver_run(sequence, seq)
        consumer.last_delivery_ns = consumer.now()
        consumer.last_replayed = time
        pushing.beat_later(consumer)
    return pending > 0 and seq > 0


def ahead(consumer: Consumer) -> Iterator[int]:
    """The messages that it has yet to deliver, in order."""
    index, filters, seq = consumer.group.stream.store.index, consumer.filters, 0
    following = consumer.progress.next_stream
    if not filters:
        yield from index.sequences(following)
        return
    while seq := position.next_matching(index, filters, following):
        yield seq
        following = seq + 1
