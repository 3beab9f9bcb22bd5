"""Which message is delivered next, and its delivery.

JS-DLV-001 .. JS-DLV-003, JS-DLV-017 .. JS-DLV-022, JS-RDL-003, JS-RDL-004, JS-RDL-014.
Redeliveries come first and pass the limit of what may be unacknowledged; new
messages follow in the order of the stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import (
    acks,
    position,
    pulling,
    pushing,
    redelivering,
    running,
)
from nats_reference.jetstream.consumer.outbox import Outgoing, Run
from nats_reference.jetstream.store import StoreFailure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group
    from nats_reference.jetstream.record import Record

#: JS-DLV-020: shorter gaps are not waited for.
SHORTEST_GAP = 1_000_000

#: The timer of what has to wait for its turn.
HOLD = "hold"

#: A consumer delivers so many messages, or bytes, in one round: others have their turn, and what
#: was said has gone out, before it goes on.
ROUND = 1024
ROUND_BYTES = 256 << 10


def pump(consumer: Consumer) -> None:
    """Deliver what can be delivered now, and see to those who got nothing."""
    stream = consumer.group.stream
    try:
        more = not stream.offline and go_round(consumer)
    except StoreFailure as damage:
        stream.fail(damage)
        more = False
    if more:
        consumer.group.go_on_later(consumer)
    if consumer.replay_until and consumer.progress.next_stream > consumer.replay_until:
        consumer.replay_until = 0
    if not consumer.push:
        paused = more or HOLD in consumer.timers or stream.offline
        waits = paused or (consumer.stalled and consumer.pending_count() > 0)
        pulling.tidy(consumer, drained=not waits)


def go_round(consumer: Consumer) -> bool:
    """Deliver as much as one round takes; whether there may be more."""
    messages, size = ROUND, ROUND_BYTES
    while not consumer.closed and has_taker(consumer) and not held(consumer):
        if messages <= 0 or size <= 0:
            return True
        if running.may_run(consumer):
            given, large, left = running.run(consumer, messages, size)
            messages, size = messages - given, size - large
            if given and left:
                continue
            if given:
                break
        found = next_message(consumer)
        if found is None or not deliver(consumer, *found):
            break
        messages -= 1
        size -= len(found[0].payload)
    return False


def has_taker(consumer: Consumer) -> bool:
    """Whether somebody would take a message."""
    if consumer.push:
        return consumer.active and not (consumer.window and consumer.window.full)
    return bool(consumer.waiting.pulls)


def held(consumer: Consumer) -> bool:
    """Whether the next delivery has to wait: replay, or the rate limit."""
    return consumer.not_before > 0 and consumer.not_before > consumer.now()


def next_message(consumer: Consumer) -> tuple[Record, int] | None:
    """The message to deliver and how often it will have been, or None (JS-RDL-004)."""
    if consumer.progress.queue and (found := again(consumer)):
        return found
    return None if consumer.acks and consumer.stalled else first_time(consumer)


def again(consumer: Consumer) -> tuple[Record, int] | None:
    """The next of those to be redelivered; the used up are left out (JS-RDL-008)."""
    progress = consumer.progress
    while (seq := progress.next_queued()) is not None:
        if redelivering.used_up(consumer, seq):
            continue
        record = consumer.group.stream.store.get(seq)
        if record is None:
            continue
        return record, progress.count_again(seq)
    return None


def first_time(consumer: Consumer) -> tuple[Record, int] | None:
    """The next message that was not delivered yet."""
    progress = consumer.progress
    store = consumer.group.stream.store
    while consumer.pending_count():
        if consumer.newest.left:
            seq = consumer.newest.take()
            progress.next_stream = (seq if consumer.newest.left else consumer.resume) + 1
            progress.changed = True
        else:
            seq = position.next_matching(store.index, consumer.filters, progress.next_stream)
            if not seq:
                break
            progress.next_stream = seq + 1
        record = store.get(seq)
        if record is not None:
            consumer.backlog.delivered()
            return record, 1
    return None


def deliver(consumer: Consumer, record: Record, deliveries: int) -> bool:
    """Give a message to whoever takes it; False if nobody did, and it waits again."""
    progress = consumer.progress
    pending = consumer.pending_count()
    seq, time, subject, headers, payload = record
    if consumer.config.headers_only:
        headers, payload = without_payload(record), b""
    token = acks.Token(deliveries, seq, progress.next_sequence)
    reply = acks.subject(consumer.ack_prefix, token, time, pending)
    size = len(subject) + len(reply) + len(payload)
    if headers:
        size += len(headers)
    pull = None if consumer.push else pulling.taker(consumer, size)
    to = pull.reply if pull else consumer.deliver_to
    if not to or (consumer.paced and wait_for_turn(consumer, record, size)):
        put_back(consumer, record)
        if pull is not None:
            pulling.give_back(consumer, pull, size)
        return False
    now, before = consumer.now(), progress.delivered_stream
    progress.deliver(seq, now, acks=consumer.acks)
    consumer.last_delivery_ns = now
    if consumer.replay_until and deliveries == 1:
        consumer.last_replayed, consumer.replayed_ns = time, now
    group = consumer.group
    group.say(Outgoing(to, subject, reply, headers, payload, consumer, seq, before))
    if consumer.acks:
        group.holders.hold(consumer, (seq,))
        redelivering.watch(consumer, seq)
    if pull is not None:
        pulling.after_delivery(consumer, pull)
    else:
        pushing.after_delivery(consumer, size)
    return True


def put_back(consumer: Consumer, record: Record) -> None:
    """Nobody takes it now: it is the next once more."""
    progress = consumer.progress
    if record.seq in progress.pending:
        progress.uncount(record.seq)
        progress.queue = {record.seq: None, **progress.queue}
        return
    if consumer.resume and record.seq <= consumer.resume:
        consumer.newest.give_back(record.seq)
    progress.next_stream = record.seq
    consumer.backlog.returned()


def wait_for_turn(consumer: Consumer, record: Record, size: int) -> bool:
    """Whether replay or the rate limit hold this message up for now (JS-DLV-020, JS-DLV-021)."""
    now = consumer.now()
    delay = 0
    if consumer.replay_until and consumer.last_replayed:
        gap = record.time - consumer.last_replayed
        due = consumer.replayed_ns + gap
        delay = due - now if gap > SHORTEST_GAP else 0
    if delay <= 0 and consumer.rate is not None:
        delay = consumer.rate.delay(size, now)
    if delay <= 0:
        if consumer.rate is not None:
            consumer.rate.spend(size)
        return False
    consumer.not_before = now + delay
    consumer.set_timer(HOLD, delay, let_go)
    return True


def let_go(consumer: Consumer) -> None:
    """The wait is over, even if the wall clock, which timers don't follow, is a little behind."""
    consumer.not_before = 0
    consumer.wake()


def without_payload(record: Record) -> bytes:
    """The header block of a message whose payload is left out (JS-DLV-019)."""
    line = b"Nats-Msg-Size: %d\r\n\r\n" % len(record.payload)
    return (record.headers[:-2] if record.headers else b"NATS/1.0\r\n") + line


def send(group: Group, outbox: Iterable[Outgoing | Run]) -> None:
    """Send these, and see to what reaches nobody."""
    for each in outbox:
        if isinstance(each, Run) and group.host.deliver_run(each):
            continue
        for one in each.singly():
            heard, consumer = group.host.deliver(one), one.consumer
            if consumer is None:
                continue
            if not heard:
                group.early.unheard(one)
                undelivered(consumer, one)
            elif not consumer.acks:
                received(group, one.seq)


def received(group: Group, seq: int) -> None:
    """Somebody has a message that nobody will acknowledge (JS-RET-006)."""
    if group.stream.config.retention == "interest" and not group.needed(seq):
        group.unneeded.discard(seq)
        group.schedule()


def undelivered(consumer: Consumer, sent: Outgoing) -> None:
    """A message found no receiver when it was sent: it will be delivered again (JS-PUSH-002, JS-PULL-041)."""
    if not consumer.closed and comes_back(consumer, sent):
        if consumer.push:
            pushing.look(consumer)
        consumer.wake()


def comes_back(consumer: Consumer, sent: Outgoing) -> bool:
    """Note that a message reached nobody; whether it is to be delivered again as soon as may be.

    A listener that may not have it gets it no sooner: that it was sent counts.
    """
    progress, seq = consumer.progress, sent.seq
    waits = consumer.acks and seq in progress.pending
    if waits:
        progress.uncount(seq)
    if pushing.heard(consumer) if consumer.push else consumer.group.host.heard(sent.to):
        return False
    if waits:
        progress.requeue([seq])
    elif not consumer.acks and seq in consumer.group.stream.store.index:
        take_back(consumer, sent)
    return True


def take_back(consumer: Consumer, sent: Outgoing) -> None:
    """Without acknowledgements: it is yet to come.

    Of a push consumer so is all that followed; what followed in a batch others may have.
    """
    if consumer.push:
        consumer.progress.take_back(sent.seq, sent.before)
    elif not consumer.newest.left:
        consumer.resume = consumer.progress.next_stream - 1
    if sent.seq <= consumer.resume:
        consumer.newest.give_back(sent.seq)
    consumer.progress.changed = True
    consumer.backlog.forget()
