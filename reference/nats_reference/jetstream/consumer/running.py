"""A run of new messages to one receiver: what delivering.py does one by one.

JS-DLV-001 .. JS-DLV-003, JS-DLV-008, JS-DLV-018, JS-RDL-014, JS-PUSH-018. It gives what
`delivering.deliver` gives, message for message, where nothing but their order decides: one
listener or one request, no flow control, no pace, no limit of bytes. Whole backlogs are read
this way, and batches.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.consumer import acks, position, pulling, pushing, redelivering
from nats_reference.jetstream.consumer.outbox import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.store.index import Index


#: Up to so many messages are looked for one by one, and not by the page.
FEW: Final = 32


def may_run(consumer: Consumer) -> bool:
    """Whether nothing but the order decides what is delivered next."""
    return not (
        consumer.progress.queue
        or consumer.paced
        or consumer.newest.left
        or consumer.config.headers_only
        or not (consumer.acks or consumer.group.stream.config.retention != "interest")
    ) and (consumer.window is None if consumer.push else pulling.one_waits(consumer))


def run(consumer: Consumer, messages: int, size: int) -> tuple[int, int, int]:
    """Deliver so many messages at most, or as many as have so many bytes.

    Returns: how many, of how many bytes, and how many are left that it could deliver.
    """
    group, progress = consumer.group, consumer.progress
    pending = consumer.pending_count()
    count = min(pending, messages)
    if consumer.acks or not consumer.push:
        count = room(consumer, count)
    if not count:
        return 0, 0, pending
    prefix, to = consumer.ack_prefix, consumer.deliver_to
    if not consumer.push:
        to = consumer.waiting.pulls[0].reply
    get, subject_of = group.stream.store.get, acks.subject
    sequence, left = progress.next_sequence, size
    seqs, said = [], []
    for seq in islice(ahead(consumer, count), count):
        record = get(seq)
        if record is None:
            continue
        pending -= 1
        _, time, subject, headers, payload = record
        reply = subject_of(prefix, (1, seq, sequence), time, pending)
        said.append((subject, reply, headers, payload, seq))
        seqs.append(seq)
        sequence += 1
        left -= len(payload)
        if left <= 0:
            break
    if seqs:
        group.say(Run(to, consumer, said, progress.delivered_stream))
        delivered(consumer, seqs)
    return len(seqs), size - left, pending


def room(consumer: Consumer, most: int) -> int:
    """How many messages, of `most`, its receiver and its limits let through."""
    limits = [most] if consumer.push else [most, consumer.waiting.pulls[0].batch]
    if consumer.acks and consumer.config.max_ack_pending > 0:
        limits.append(consumer.config.max_ack_pending - len(consumer.progress.pending))
    return max(min(limits), 0)


def delivered(consumer: Consumer, seqs: list[int]) -> None:
    """Note these deliveries."""
    now = consumer.now()
    consumer.backlog.delivered(len(seqs))
    consumer.progress.deliver_run(seqs, now, acks=consumer.acks)
    consumer.last_delivery_ns = now
    if consumer.acks:
        consumer.group.holders.hold(consumer, seqs)
        redelivering.watch(consumer, seqs[-1])
    if consumer.push:
        pushing.beat_later(consumer)
    else:
        pulling.served(consumer, len(seqs))


def ahead(consumer: Consumer, count: int) -> Iterable[int]:
    """The messages that it has yet to deliver, in order; `count` of them will be asked for."""
    index, filters = consumer.group.stream.store.index, consumer.filters
    following = consumer.progress.next_stream
    if not filters and index.gapless:
        return range(max(following, index.first_seq), index.last_seq + 1)
    if not filters and count > FEW:
        return index.sequences(following)
    return one_by_one(index, filters, following)


def one_by_one(index: Index, filters: Sequence[bytes], following: int) -> Iterator[int]:
    """The messages from `following` on that some filter lets in."""
    while seq := position.next_matching(index, filters, following):
        yield seq
        following = seq + 1
