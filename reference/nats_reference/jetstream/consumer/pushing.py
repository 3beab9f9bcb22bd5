"""A push consumer's listeners: whether there are any, heartbeats, flow control.

JS-PUSH-001 .. JS-PUSH-010, JS-PUSH-016, JS-PUSH-017. Interest is looked at when it
changes, and decides whether anything is delivered at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream import fields
from nats_reference.jetstream.consumer import lifetime, pulling, statuses
from nats_reference.jetstream.consumer.outbox import status

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group


def begin(consumer: Consumer) -> None:
    """A push consumer has come to be."""
    if consumer.config.push:
        consumer.group.host.watch(consumer.config.deliver_subject.encode(), consumer, look)
        look(consumer)
        beat_later(consumer)


def end(consumer: Consumer) -> None:
    """It is no more, or listens elsewhere."""
    if consumer.config.push:
        consumer.group.host.unwatch(consumer.config.deliver_subject.encode(), consumer)


def heard(consumer: Consumer) -> bool:
    """Whether somebody listens (JS-PUSH-009, JS-PUSH-010)."""
    config = consumer.config
    to, group = config.deliver_subject.encode(), config.deliver_group.encode()
    return consumer.group.host.listening(to, group)


def look(consumer: Consumer) -> None:
    """See whether somebody listens now (JS-PUSH-001)."""
    active = heard(consumer)
    if active and not consumer.active:
        beat_later(consumer)
        consumer.wake()
    consumer.group.go_on(consumer)
    consumer.active = active
    consumer.group.demand(consumer)
    lifetime.interest(consumer, heard=active)


def after_delivery(consumer: Consumer, size: int) -> None:
    """A message went out."""
    beat_later(consumer)
    if consumer.window is None:
        return
    time_to_ask = consumer.window.sent(size)
    if time_to_ask or (by_flow_control(consumer) and consumer.stalled):
        ask(consumer)


def by_flow_control(consumer: Consumer) -> bool:
    """Whether answers to flow control are acknowledgements (JS-PUSH-016)."""
    return consumer.config.ack_policy == "flow_control"


def ask(consumer: Consumer) -> None:
    """Ask whether what was sent has arrived, unless that is asked already (JS-PUSH-005)."""
    window = consumer.window
    if window is None or window.asked:
        return
    reply = window.ask(consumer.group.host.rng)
    block = statuses.block(statuses.FLOW_CONTROL)
    consumer.group.say(status(consumer.config.deliver_subject.encode(), block, reply))


def beat_later(consumer: Consumer) -> None:
    """Send a heartbeat when it has been quiet for so long."""
    if consumer.push and consumer.config.idle_heartbeat:
        consumer.set_timer("heartbeat", consumer.config.idle_heartbeat, beat)


def beat(consumer: Consumer) -> None:
    """It has been quiet (JS-PUSH-004, JS-PUSH-007)."""
    if consumer.active:
        stalled = consumer.window.asked.decode() if consumer.window else ""
        pulling.say_alive(consumer, consumer.config.deliver_subject.encode(), stalled)
        if by_flow_control(consumer) and consumer.progress.pending:
            ask(consumer)
        consumer.group.schedule()
    beat_later(consumer)


def flow(group: Group, name: str, subject: bytes, headers: bytes | None) -> bool:
    """Something was published to a subject of flow control; whether anybody takes it."""
    consumer = group.by_name.get(name)
    if consumer is None or consumer.window is None:
        return False
    group.arrive(lambda: answered(consumer, subject, headers))
    return True


def answered(consumer: Consumer, subject: bytes, headers: bytes | None) -> None:
    """Somebody says that what was sent has arrived (JS-PUSH-008, JS-PUSH-017)."""
    window = consumer.window
    if window is None or not window.answered(subject):
        return
    if by_flow_control(consumer) and headers:
        stream_seq = number_in(headers, b"Nats-Last-Stream")
        if stream_seq > 0:
            own = consumer.progress
            sequence = max(number_in(headers, b"Nats-Last-Consumer"), 0)
            if sequence > own.floor and stream_seq > own.floor_stream:
                consumer.group.done(consumer, own.settle_through(sequence, stream_seq))
    consumer.wake()


def number_in(headers: bytes, name: bytes) -> int:
    """The number in a header field, or -1."""
    for line in headers.split(b"\r\n"):
        key, colon, value = line.partition(b":")
        if colon and key == name and (found := fields.number(value.strip())) is not None:
            return found
    return -1
