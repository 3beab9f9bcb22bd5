"""What a consumer may deliver next, and what a delivery makes of it.

Time is not exact: a caller knows only that something happened between two moments, so
`choices` says what may be delivered and whether something must be. Implements JS-DLV-003,
JS-DLV-008, JS-RDL-001 .. JS-RDL-005, JS-RDL-008 .. JS-RDL-011, JS-RDL-014, JS-INV-004, JS-INV-005, JS-INV-015.

Leaves out who asked for it: pull requests, interest, flow control.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import consumer as model
from .consumer import Ack, Consumer, Outstanding

if TYPE_CHECKING:
    from collections.abc import Collection

    from .stream import Stream


@dataclass(frozen=True, slots=True)
class Token:
    """What the reply subject of a delivery says of it."""

    deliveries: int
    consumer_seq: int
    pending: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be delivered next."""

    #: Stream sequences, one of which it must be if it is something.
    allowed: frozenset[int]
    #: Something must be delivered to whoever asks.
    due: bool


def choices(consumer: Consumer, stream: Stream, since: int, until: int) -> Choices:
    """What may be delivered at a moment between `since` and `until`."""
    again = {seq for seq, each in consumer.outstanding.items() if each.due <= until}
    certain = any(
        each.due <= since or seq in consumer.refused for seq, each in consumer.outstanding.items()
    )
    again |= set(consumer.refused[:1])
    if certain:  # before anything that was never delivered (JS-RDL-004)
        return Choices(frozenset(again), due=True)
    first = [next(model.ahead(consumer, stream), 0)] if room(consumer) else []
    new = {seq for seq in first if seq}
    return Choices(frozenset(again | new), due=bool(new))


def deliver(consumer: Consumer, stream: Stream, seq: int, now: int) -> tuple[Consumer, Token]:
    """The consumer after it has delivered `seq`, and what the reply subject says."""
    count = consumer.delivered[0] + 1
    known = consumer.outstanding.get(seq)
    deliveries = known.deliveries + 1 if known else 1
    outstanding = dict(consumer.outstanding)
    if consumer.config.ack is not Ack.NONE:
        due = now + consumer.config.wait(deliveries)
        outstanding[seq] = Outstanding(known.first if known else count, deliveries, due)
    delivered = (count, max(consumer.delivered[1], seq))
    selected = tuple(each for each in consumer.selected if each > seq)
    first = known is None
    consumer = replace(
        consumer,
        delivered=delivered,
        done=delivered if consumer.config.ack is Ack.NONE else consumer.done,
        outstanding=dict(sorted(outstanding.items())),
        refused=tuple(each for each in consumer.refused if each != seq),
        selected=selected if first and seq < consumer.position else consumer.selected,
        position=max(consumer.position, seq + 1) if first else consumer.position,
    )
    return consumer, Token(deliveries, count, model.pending(consumer, stream))


def exhaust(
    consumer: Consumer, now: int, among: Collection[int] | None = None
) -> tuple[Consumer, tuple[int, ...]]:
    """Without the messages whose last wait is over or that were refused for the last time.

    Returns the consumer and their sequences: of each an advisory tells (JS-RDL-009). `among`:
    only these, if they are given.
    """
    most = consumer.config.max_deliver
    over = tuple(
        seq
        for seq, each in consumer.outstanding.items()
        if 0 < most <= each.deliveries
        and (each.due <= now or seq in consumer.refused)
        and (among is None or seq in among)
    )
    for seq in over:
        count, done = consumer.outstanding[seq].deliveries, consumer.done
        consumer = model.settled(consumer, seq)
        exhausted = {**consumer.exhausted, seq: count}
        consumer = replace(consumer, exhausted=exhausted, done=done, behind=True)
    return consumer, over


def room(consumer: Consumer) -> bool:
    """Whether another message may be outstanding (JS-RDL-014)."""
    most = consumer.config.max_ack_pending
    unlimited = most <= 0 or consumer.config.ack is Ack.NONE
    return unlimited or len(consumer.outstanding) < most
