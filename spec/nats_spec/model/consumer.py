"""What a consumer is: its place in a stream, what is outstanding, and what it tells of that.

A consumer is a pure fold over what happens to it and to its stream. This module makes and
changes one and counts; `consumer_delivery` says what may be delivered next and delivers,
`consumer_answers` acknowledges. Implements JS-DLV-009 .. JS-DLV-018, JS-ACK-014, JS-ACK-015,
JS-RDL-006, JS-RDL-007, JS-INV-001, JS-INV-006 .. JS-INV-013, JS-CONS-UPD-010, JS-RET-009 .. JS-RET-014.

Leaves out clocks (the caller tells the time), pull requests, interest, what messages hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from nats_spec.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from .stream import Stream


class Ack(Enum):
    """Which messages must be acknowledged."""

    NONE = "none"  #: none: sent is done
    ALL = "all"  #: each, and an acknowledgement is one for all before
    EXPLICIT = "explicit"  #: each for itself


class Deliver(Enum):
    """Where a consumer starts."""

    ALL = "all"
    LAST = "last"
    NEW = "new"
    BY_SEQUENCE = "by_start_sequence"
    BY_TIME = "by_start_time"
    LAST_PER_SUBJECT = "last_per_subject"


@dataclass(frozen=True, slots=True)
class Config:
    """What of a consumer's configuration decides what it delivers."""

    deliver: Deliver = Deliver.ALL
    ack: Ack = Ack.EXPLICIT
    #: The sequence or time (nanoseconds) to start with.
    start: int = 0
    filters: tuple[bytes, ...] = ()
    #: Nanoseconds.
    ack_wait: int = 30 * 10**9
    backoff: tuple[int, ...] = ()
    #: -1 is no limit, here and below.
    max_deliver: int = -1
    max_ack_pending: int = 1000

    def wants(self, subject: bytes) -> bool:
        """Whether a message on `subject` is one for this consumer."""
        return not self.filters or any(matches(each, subject) for each in self.filters)

    def wait(self, deliveries: int) -> int:
        """How long its acknowledgement is waited for after so many deliveries (JS-RDL-006)."""
        if not self.backoff:
            return self.ack_wait
        return self.backoff[min(deliveries, len(self.backoff)) - 1]


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A message that was delivered and waits for its acknowledgement."""

    #: The consumer sequence of its first delivery.
    first: int
    deliveries: int
    #: When it is ready to be delivered again.
    due: int


@dataclass(frozen=True, slots=True)
class Consumer:
    """A consumer at one moment."""

    config: Config
    #: From this sequence on nothing has been delivered.
    position: int
    #: The last delivery: consumer and stream sequence.
    delivered: tuple[int, int]
    #: Everything up to here is done; the stream sequence may be higher, see `floor`.
    done: tuple[int, int]
    #: By stream sequence, in order.
    outstanding: Mapping[int, Outstanding] = field(default_factory=dict)
    #: Outstanding ones that were refused, in that order: ready at once.
    refused: tuple[int, ...] = ()
    #: Delivered as often as they may be, and how often that was.
    exhausted: Mapping[int, int] = field(default_factory=dict)
    #: What last_per_subject has selected and not delivered yet.
    selected: tuple[int, ...] = ()
    #: How far purges may have moved the stream sequence of delivered.
    purged: int = 0
    #: Something was exhausted since nothing was outstanding (JS-RDL-012).
    behind: bool = False

    @property
    def redelivered(self) -> int:
        """How many messages were delivered more than once and are not done (JS-RDL-007)."""
        if self.config.max_deliver == 1:
            return 0
        often = [each.deliveries for each in self.outstanding.values()]
        return sum(count > 1 for count in [*often, *self.exhausted.values()])

    @property
    def delivered_stream(self) -> range:
        """What INFO may say of the stream sequence of delivered."""
        return range(self.delivered[1], max(self.delivered[1], self.purged) + 1)

    @property
    def floor(self) -> tuple[range, range]:
        """What INFO may say of ack_floor: its consumer and its stream sequence."""
        if not self.outstanding:
            least = self.done if self.behind else self.delivered
            return range(least[0], self.delivered[0] + 1), range(
                least[1], self.delivered_stream[-1] + 1
            )
        lowest = min(self.outstanding)
        count = self.outstanding[lowest].first - 1
        stream = range(min(self.done[1], lowest - 1), lowest)
        return range(self.done[0] if self.behind else count, count + 1), stream


def create(stream: Stream, config: Config) -> Consumer:
    """A new consumer of `stream`, at its start (JS-DLV-009 .. JS-DLV-016)."""
    wanted = [stored for stored in stream.messages.values() if config.wants(stored.message.subject)]
    beginning = stream.first or 1
    selected: tuple[int, ...] = ()
    match config.deliver:
        case Deliver.ALL:
            start = beginning
        case Deliver.LAST:
            start = wanted[-1].seq if wanted else beginning
        case Deliver.NEW:
            start = stream.last + 1
        case Deliver.BY_SEQUENCE:
            start = max(config.start, beginning)
        case Deliver.BY_TIME:
            later = [each.seq for each in stream.messages.values() if each.time >= config.start]
            start = later[0] if later else stream.last + 1
        case Deliver.LAST_PER_SUBJECT:
            newest = {stored.message.subject: stored.seq for stored in wanted}
            selected = tuple(sorted(newest.values()))
            # With nothing selected it starts with the last sequence, which doesn't match.
            start = selected[0] if selected else max(stream.last, 1)
    position = stream.last + 1 if config.deliver is Deliver.LAST_PER_SUBJECT else start
    before = (0, start - 1)
    return Consumer(config, position, before, before, selected=selected)


def update(consumer: Consumer, config: Config, looked: int = 0) -> Consumer:
    """The consumer with another configuration, from where it is (JS-CONS-UPD-010).

    `looked`: up to here it has looked for messages that its old filters want.
    """
    return replace(consumer, config=config, position=max(consumer.position, looked + 1))


def ahead(consumer: Consumer, stream: Stream) -> Iterator[int]:
    """The sequences that are still to be delivered for the first time, in order."""
    yield from (seq for seq in consumer.selected if _wanted(consumer, stream, seq))
    yield from (
        seq
        for seq in stream.messages
        if seq >= consumer.position and _wanted(consumer, stream, seq)
    )


def pending(consumer: Consumer, stream: Stream) -> int:
    """num_pending: how many they are (JS-INV-013)."""
    return sum(1 for _ in ahead(consumer, stream))


def gone(consumer: Consumer, seqs: Collection[int]) -> Consumer:
    """After these messages have left the stream: deleted, or discarded (JS-RET-009, JS-RET-014)."""
    for seq in sorted(seqs):
        consumer = settled(consumer, seq)
    return consumer


def purged(consumer: Consumer, before: Stream, after: Stream, *, whole: bool) -> Consumer:
    """After a purge; `whole`: of every subject (JS-RET-011 .. JS-RET-013)."""
    consumer = gone(consumer, before.messages.keys() - after.messages.keys())
    reach = after.first - 1 if whole and after.messages else after.last
    consumer = replace(consumer, purged=max(consumer.purged, reach))
    if whole:
        reached = max(consumer.delivered[1], reach)
        position = max(consumer.position, after.first)
        consumer = replace(consumer, position=position, delivered=(consumer.delivered[0], reached))
    return consumer


def settled(consumer: Consumer, seq: int) -> Consumer:
    """With one message no longer outstanding nor exhausted; the floor moves (JS-ACK-014)."""
    exhausted = {key: count for key, count in consumer.exhausted.items() if key != seq}
    if seq not in consumer.outstanding:
        return replace(consumer, exhausted=exhausted)
    left = {key: each for key, each in consumer.outstanding.items() if key != seq}
    refused = tuple(key for key in consumer.refused if key != seq)
    done, behind = consumer.done, consumer.behind
    if not left:
        done, behind = consumer.delivered, False
    elif not behind:
        lowest = min(left)
        reached = seq if seq < lowest else done[1]
        done = (left[lowest].first - 1, max(done[1], reached))
    return replace(
        consumer,
        outstanding=left,
        refused=refused,
        exhausted=exhausted,
        done=done,
        behind=behind,
    )


def _wanted(consumer: Consumer, stream: Stream, seq: int) -> bool:
    stored = stream.messages.get(seq)
    return stored is not None and consumer.config.wants(stored.message.subject)
