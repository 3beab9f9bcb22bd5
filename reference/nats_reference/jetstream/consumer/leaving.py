"""The end of a consumer, and of messages that a consumer was still to do with.

JS-CAPI-025, JS-PULL-031, JS-RET-004, JS-RET-007, JS-RET-009 .. JS-RET-015.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import (
    advisories,
    interest,
    persistence,
    position,
    pulling,
    pushing,
    statuses,
)
from nats_reference.jetstream.consumer.acks import Token
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group


def leave(group: Group, consumer: Consumer, *, alone: bool = True) -> None:
    """Delete it: tell those who wait, drop what only it needed; all goes if it doesn't go alone."""
    pulling.release(consumer, statuses.DELETED)
    stop(consumer)
    group.forget(consumer)
    persistence.forget(group, consumer)
    if alone:
        interest.lost(group)
    if not consumer.config.direct:
        advisories.deleted(consumer)


def close(group: Group, text: str) -> None:
    """The server ends: everybody who waits is told, everything that is kept stays."""
    for consumer in group.by_name.values():
        pulling.release(consumer, text, rest=True)
        stop(consumer)


def stop(consumer: Consumer) -> None:
    """It does nothing any more; what is kept of it stays."""
    consumer.closed = True
    pushing.end(consumer)
    for name in tuple(consumer.timers):
        consumer.stop_timer(name)


def removed(group: Group, messages: Sequence[tuple[int, bytes]], purged: Sequence[bytes]) -> None:
    """These messages are gone; what a whole purge took away is left to `purged`."""
    group.removals.add(messages)
    first = group.stream.store.index.first_seq if b">" in purged else 0
    for seq, subject in messages:
        if seq < first:
            continue
        silent = any(subjects.matches(each, subject) for each in purged)
        for consumer in group.holders.of(seq):
            gone(consumer, seq, silent=silent)
            group.unkept.add(consumer)
            consumer.wake()


def purged(group: Group, first: int, pattern: bytes) -> None:
    """What `pattern` matches is gone, and everything below `first`."""
    for consumer in group.by_name.values():
        begin = beginning(consumer, first, pattern)
        if begin:
            outstanding = len(consumer.progress.pending)
            index = group.stream.store.index
            left = {seq for seq in consumer.progress.kept() if seq in index}
            group.holders.let_go(consumer, consumer.progress.purge(begin, left))
            if len(consumer.progress.pending) < outstanding:
                consumer.last_ack_ns = consumer.now()
            consumer.backlog.forget()
            group.unkept.add(consumer)
            consumer.wake()


def beginning(consumer: Consumer, first: int, pattern: bytes) -> int:
    """Where there may be something for a consumer after a purge; 0 if it is not concerned."""
    filters = consumer.filters or (b">",)
    if all(subjects.is_subset(each, pattern) for each in filters):
        index = consumer.group.stream.store.index
        return max(first, position.next_matching(index, (pattern,), 0) or index.last_seq + 1)
    return first if any(subjects.collide(each, pattern) for each in filters) else 0


def gone(consumer: Consumer, seq: int, *, silent: bool) -> None:
    """A message that was pending is gone (JS-RET-009, JS-RET-013)."""
    progress = consumer.progress
    entry = progress.pending.get(seq)
    deliveries = progress.count(seq)
    progress.settle(seq)
    consumer.last_ack_ns = consumer.now()
    consumer.group.holders.let_go(consumer, (seq,))
    if entry is not None and not silent:
        token = Token(deliveries, seq, entry.sequence)
        advisories.terminated(consumer, token, advisories.DELETED)
