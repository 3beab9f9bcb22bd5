"""How long a consumer lives that nobody uses (JS-INACT-001 .. JS-INACT-006, JS-PUSH-014, JS-PUSH-015)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer.config import MILLISECOND

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer

#: The spread of a pull consumer's end, and of an ephemeral's that names no threshold.
SPREAD = (100 * MILLISECOND, 1000 * MILLISECOND)


def begin(consumer: Consumer, *, asked: bool) -> None:
    """Start to mind it.

    Args:
        consumer: the consumer.
        asked: its client named a threshold; otherwise it is the default.
    """
    config = consumer.config
    consumer.lifetime_ns = config.inactive_threshold
    if consumer.lifetime_ns and (not config.push or not asked):
        consumer.lifetime_ns += consumer.group.host.rng.randrange(*SPREAD)
    consumer.stop_timer("lifetime")
    if consumer.lifetime_ns and not (config.push and consumer.active):
        consumer.set_timer("lifetime", consumer.lifetime_ns, look)


def active(consumer: Consumer) -> None:
    """Somebody used it (JS-INACT-002)."""
    consumer.last_active_ns = consumer.now()


def interest(consumer: Consumer, *, heard: bool) -> None:
    """Listeners of a push consumer have come or gone."""
    if heard:
        consumer.stop_timer("lifetime")
    elif consumer.lifetime_ns and "lifetime" not in consumer.timers:
        consumer.set_timer("lifetime", consumer.lifetime_ns, look)


def look(consumer: Consumer) -> None:
    """Delete it if it was idle for so long."""
    if consumer.config.push:
        if not consumer.active:
            consumer.group.delete(consumer)
        return
    left = consumer.last_active_ns + consumer.lifetime_ns - consumer.now()
    if left <= 0 and waited_for(consumer):
        left = consumer.lifetime_ns
    if left <= 0:
        left = at_work(consumer)
    if left > 0:
        consumer.set_timer("lifetime", left, look)
    else:
        consumer.group.delete(consumer)


def waited_for(consumer: Consumer) -> bool:
    """Whether requests wait whose clients are there (JS-INACT-003)."""
    return any(consumer.group.host.heard(pull.reply) for pull in consumer.waiting.pulls)


def at_work(consumer: Consumer) -> int:
    """How long somebody may still be at work on what was delivered, the idle time added."""
    own = consumer.progress
    ends = (entry.since + own.wait_of(seq, consumer.config) for seq, entry in own.pending.items())
    return max(ends, default=0) + consumer.lifetime_ns - consumer.now()
