"""When a delivery has waited long enough, and what then.

JS-RDL-001, JS-RDL-002, JS-RDL-005 .. JS-RDL-012, JS-PUSH-013. One timer for a consumer,
set to the earliest end of a wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import advisories

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer

#: Waits that end within so many nanoseconds of each other are looked at together.
SLACK = 1_000_000


def watch(consumer: Consumer, seq: int) -> None:
    """Mind the wait of a delivery that was just made."""
    wait = consumer.progress.wait_of(seq, consumer.config)
    if wait <= 0:
        return
    timer = consumer.timers.get("redelivery")
    ends = consumer.now() + wait + SLACK
    if timer is None or consumer.rings_ns > ends:
        consumer.rings_ns = ends
        consumer.set_timer("redelivery", wait + SLACK, look)


def look(consumer: Consumer) -> None:
    """Queue what has waited long enough; give up what was delivered often enough."""
    progress = consumer.progress
    now = consumer.now()
    due, soonest = progress.overdue(now, consumer.config)
    again = [seq for seq in due if not used_up(consumer, seq)]
    for seq in again:
        progress.pending[seq].since = now
        progress.dirty.add(seq)
    progress.requeue(again)
    if again:
        later = min(progress.wait_of(seq, consumer.config) for seq in again) + now
        soonest = later if soonest is None else min(soonest, later)
    if soonest is not None:
        consumer.rings_ns = soonest + SLACK
        consumer.set_timer("redelivery", soonest - now + SLACK, look)
    if due:
        consumer.wake()


def look_soon(consumer: Consumer) -> None:
    """Waits have become shorter or longer: look at all of them (JS-CONS-UPD-009, JS-ACK-017)."""
    consumer.rings_ns = consumer.now()
    consumer.set_timer("redelivery", SLACK, look)


def expire_all(consumer: Consumer) -> None:
    """Everything pending is to be delivered again, now (JS-RDL-018)."""
    progress = consumer.progress
    progress.queue = dict.fromkeys(
        seq for seq in sorted(progress.pending) if not used_up(consumer, seq)
    )
    consumer.wake()


def used_up(consumer: Consumer, seq: int) -> bool:
    """Whether `seq` was delivered as often as it may be; if so it is pending no longer (JS-RDL-009, JS-RDL-010)."""
    progress = consumer.progress
    limit = consumer.exhausts
    count = progress.count(seq)
    if not limit or count < limit:
        return False
    if seq in progress.pending:
        advisories.exhausted(consumer, seq, count)
    if consumer.stalled:
        consumer.wake()
    progress.redeliveries[seq] = max(progress.redeliveries.get(seq, 0), count)
    progress.exhaust(seq)
    return True
