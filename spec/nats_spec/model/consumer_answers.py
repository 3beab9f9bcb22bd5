"""What acknowledgements make of a consumer.

Implements JS-ACK-001 .. JS-ACK-003, JS-ACK-007, JS-ACK-011 .. JS-ACK-019, JS-ACK-021,
JS-ACK-022, JS-ACK-026, JS-ACK-028, JS-ACK-030.

Leaves out how they are spelled (`nats_spec.acks`), and the pull request behind a +NXT.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_spec.acks import Kind

from .consumer import Ack, Consumer, settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .consumer import Outstanding


def answer(consumer: Consumer, seq: int, kind: Kind, now: int, delay: int = 0) -> Consumer:
    """After this was said of the message `seq`; `delay`: of a -NAK, in nanoseconds."""
    match kind:
        case Kind.ACK | Kind.NEXT | Kind.TERM:
            return _done(consumer, seq)
        case Kind.PROGRESS:
            return _waits(consumer, seq, now)
        case Kind.NAK:
            return _refused(consumer, seq, now, delay)


def answered(consumer: Consumer, seq: int) -> bool:
    """Whether an acknowledgement of `seq` with a reply subject is answered (JS-ACK-007)."""
    return seq <= consumer.delivered[1]


def _done(consumer: Consumer, seq: int) -> Consumer:
    if consumer.config.ack is Ack.EXPLICIT:
        return settled(consumer, seq)
    if consumer.config.ack is Ack.ALL and seq <= consumer.delivered[1]:
        for each in [key for key in consumer.outstanding if key <= seq]:
            consumer = settled(consumer, each)
        left = {key: count for key, count in consumer.exhausted.items() if key > seq}
        return replace(consumer, exhausted=left)
    return consumer


def _waits(consumer: Consumer, seq: int, now: int) -> Consumer:
    known = consumer.outstanding.get(seq)
    if known is None:
        return consumer
    due = now + consumer.config.wait(known.deliveries)
    return replace(consumer, outstanding=_with(consumer, seq, replace(known, due=due)))


def _refused(consumer: Consumer, seq: int, now: int, delay: int) -> Consumer:
    known = consumer.outstanding.get(seq)
    if known is None:
        return consumer
    if delay <= 0:
        already = seq in consumer.refused
        return replace(consumer, refused=consumer.refused + (() if already else (seq,)))
    return replace(
        consumer,
        outstanding=_with(consumer, seq, replace(known, due=now + delay)),
        refused=tuple(each for each in consumer.refused if each != seq),
    )


def _with(consumer: Consumer, seq: int, changed: Outstanding) -> Mapping[int, Outstanding]:
    return {**consumer.outstanding, seq: changed}
