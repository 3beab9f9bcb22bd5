"""How far a consumer is: delivered, acknowledged, pending, to be redelivered. Pure bookkeeping.

JS-ACK-011 .. JS-ACK-015, JS-ACK-028, JS-RDL-001 .. JS-RDL-012, JS-RET-009 .. JS-RET-013.
Two sequences: the stream's, and the consumer's own, which counts deliveries.
Leaves out which message comes next (position.py) and whom it goes to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from nats_reference.jetstream.consumer.config import ConsumerConfig


@dataclass(slots=True)
class Pending:
    """A delivery that nobody acknowledged yet."""

    #: The consumer sequence of its first delivery.
    sequence: int
    #: When its wait began, in nanoseconds.
    since: int


@dataclass(slots=True)
class Progress:
    """What is remembered of the deliveries of one consumer."""

    #: The next consumer sequence.
    next_sequence: int = 1
    #: The next stream sequence to look at.
    next_stream: int = 1
    #: The last delivery: consumer and stream sequence.
    delivered: int = 0
    delivered_stream: int = 0
    #: Everything up to here is acknowledged.
    floor: int = 0
    floor_stream: int = 0
    #: By stream sequence, in the order of first deliveries.
    pending: dict[int, Pending] = field(default_factory=dict)
    #: How often each message was delivered again, -1 if nobody got it at all (JS-PULL-041); kept
    #: when deliveries are used up.
    redeliveries: dict[int, int] = field(default_factory=dict)
    #: What is to be delivered again, in order.
    queue: dict[int, None] = field(default_factory=dict)
    #: Stream sequences whose entries changed since they were last written.
    dirty: set[int] = field(default_factory=set)
    changed: bool = True

    # ---- The start -----------------------------------------------------------

    def begin(self, stream_sequence: int) -> None:
        """Stand before `stream_sequence`, with nothing delivered (JS-DLV-016)."""
        self.next_stream = stream_sequence
        self.delivered_stream = self.floor_stream = stream_sequence - 1

    # ---- Deliveries ----------------------------------------------------------

    def deliver(self, seq: int, now: int, *, acks: bool) -> int:
        """Note a delivery of `seq`; its consumer sequence (JS-RDL-003)."""
        sequence = self.next_sequence
        self.next_sequence += 1
        self.delivered = sequence
        self.delivered_stream = max(self.delivered_stream, seq)
        self.changed = True
        if not acks:
            self.floor, self.floor_stream = sequence, self.delivered_stream
            return sequence
        entry = self.pending.get(seq)
        if entry is None:
            self.pending[seq] = Pending(sequence, now)
        else:
            entry.since = now
        self.dirty.add(seq)
        return sequence

    def deliver_run(self, seqs: list[int], now: int, *, acks: bool) -> None:
        """Note deliveries of `seqs`, ascending, none of which was delivered before."""
        first, seq = self.next_sequence, seqs[-1]
        self.next_sequence += len(seqs)
        self.next_stream = seq + 1
        self.delivered = self.next_sequence - 1
        self.delivered_stream = max(self.delivered_stream, seq)
        self.changed = True
        if not acks:
            self.floor, self.floor_stream = self.delivered, self.delivered_stream
            return
        self.pending.update(
            (each, Pending(sequence, now)) for sequence, each in enumerate(seqs, first)
        )
        self.dirty.update(seqs)

    def count(self, seq: int) -> int:
        """How often `seq` was delivered."""
        return self.redeliveries.get(seq, 0) + 1

    def count_again(self, seq: int) -> int:
        """Count one more delivery of `seq`; how many that makes."""
        self._count(seq, self.redeliveries.get(seq, 0) + 1)
        return self.count(seq)

    def uncount(self, seq: int) -> None:
        """Take the last delivery of `seq` back: nobody got it."""
        self._count(seq, self.redeliveries.get(seq, 0) - 1)

    def _count(self, seq: int, again: int) -> None:
        if again:
            self.redeliveries[seq] = again
        else:
            self.redeliveries.pop(seq, None)
        self.dirty.add(seq)

    def requeue(self, seqs: Iterable[int]) -> None:
        """Deliver these again, after those that wait already."""
        self.queue.update(dict.fromkeys(seqs))

    def next_queued(self) -> int | None:
        """Take the first of those that are to be delivered again."""
        for seq in self.queue:
            del self.queue[seq]
            return seq
        return None

    def take_back(self, seq: int, before: int) -> None:
        """One delivery less, without acknowledgements: `seq`, which followed `before`, is yet to come."""
        self.next_sequence -= 1
        self.next_stream = min(self.next_stream, seq)
        self.delivered = self.floor = self.next_sequence - 1
        self.delivered_stream = self.floor_stream = min(self.delivered_stream, before)
        self.changed = True

    def kept(self) -> set[int]:
        """The messages of which something is remembered: pending, or used up."""
        return {*self.pending, *self.redeliveries}

    # ---- Acknowledgements ----------------------------------------------------

    def settle(self, seq: int) -> Pending | None:
        """`seq` is done: acknowledged, terminated or gone (JS-ACK-011, JS-ACK-028)."""
        entry = self.pending.pop(seq, None)
        if entry is not None:
            self._raise_floor(entry.sequence, seq)
        if self.redeliveries.pop(seq, None) is not None or entry is not None:
            self.dirty.add(seq)
            self.changed = True
        self.queue.pop(seq, None)
        return entry

    def settle_through(self, sequence: int, seq: int) -> list[int]:
        """Everything up to `seq` is done; what was remembered of it (JS-ACK-012)."""
        done = sorted(each for each in self.kept() if each <= seq)
        self.floor, self.floor_stream = sequence, seq
        for each in done:
            self.pending.pop(each, None)
            self.redeliveries.pop(each, None)
            self.queue.pop(each, None)
        self.dirty.update(done)
        self.changed = True
        if not self.pending:
            self.floor, self.floor_stream = self.delivered, self.delivered_stream
        return done

    def exhaust(self, seq: int) -> None:
        """`seq` was delivered as often as it may be: no longer pending, and remembered."""
        entry = self.pending.pop(seq, None)
        self.queue.pop(seq, None)
        self.dirty.add(seq)
        self.changed = True
        if entry is not None and self.pending:
            self._raise_floor(entry.sequence, seq)

    def _raise_floor(self, sequence: int, seq: int) -> None:
        """Move the floor over what is done without a gap (JS-ACK-014, JS-ACK-015)."""
        if not self.pending:
            self.floor, self.floor_stream = self.delivered, self.delivered_stream
        elif sequence == self.floor + 1:
            first = next(iter(self.pending))
            if first > seq:
                self.floor = self.pending[first].sequence - 1
                self.floor_stream = first - 1
            else:
                self.floor, self.floor_stream = sequence, seq

    # ---- Time ----------------------------------------------------------------

    def wait_of(self, seq: int, config: ConsumerConfig) -> int:
        """How long `seq` may stay unacknowledged, in nanoseconds (JS-RDL-006)."""
        waits = config.backoff
        if not waits:
            return config.ack_wait
        return waits[min(max(self.redeliveries.get(seq, 0), 0), len(waits) - 1)]

    def overdue(self, now: int, config: ConsumerConfig) -> tuple[list[int], int | None]:
        """What waited long enough, ascending, and when the next will have (JS-RDL-005)."""
        due: list[int] = []
        soonest: int | None = None
        for seq, entry in self.pending.items():
            if seq in self.queue:
                continue
            end = entry.since + self.wait_of(seq, config)
            if end <= now:
                due.append(seq)
            elif soonest is None or end < soonest:
                soonest = end
        return sorted(due), soonest

    # ---- Messages that are gone ----------------------------------------------

    def purge(self, first: int, left: Container[int] = ()) -> list[int]:
        """Everything below `first` is gone but what is `left`; what was remembered of it.

        JS-RET-011 .. JS-RET-013. Of other subjects than are wanted now something may be left.
        """
        gone = [seq for seq in self.pending if seq < first and seq not in left]
        for seq in gone:
            entry = self.pending.pop(seq)
            self.floor = max(self.floor, entry.sequence)
            self.queue.pop(seq, None)
        kept = [seq for seq in self.redeliveries if seq < first and seq not in left]
        for seq in kept:
            del self.redeliveries[seq]
            self.queue.pop(seq, None)
        self.dirty.update(gone, kept)
        self.changed = True
        self.next_stream = max(self.next_stream, first)
        self.delivered_stream = max(self.delivered_stream, first - 1)
        lowest = next(iter(self.pending), first)
        self.floor_stream = max(self.floor_stream, min(first, lowest) - 1)
        if not self.pending:
            self.floor, self.floor_stream = self.delivered, self.delivered_stream
        elif gone:
            self.floor = max(self.floor, self.pending[lowest].sequence - 1)
            self.floor_stream = max(self.floor_stream, lowest - 1)
        return [*gone, *kept]
