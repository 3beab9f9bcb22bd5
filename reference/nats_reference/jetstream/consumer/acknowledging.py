"""What an acknowledgement does.

JS-ACK-001 .. JS-ACK-030, JS-RET-003. The answer to one that wants an answer is sent when
what it changed is safe.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.consumer import advisories, lifetime, pulling, redelivering
from nats_reference.jetstream.consumer.outbox import answer
from nats_spec import acks

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.consumer.acks import Token
    from nats_reference.jetstream.consumer.consumer import Consumer

#: Payloads that say that a message is done (JS-ACK-001).
PLAIN: Final = frozenset({b"", b"+ACK"})


def take(consumer: Consumer, token: Token, reply: bytes | None, payload: bytes) -> None:
    """Do what was published to an acknowledgement's subject."""
    lifetime.active(consumer)
    answers = act(consumer, token, payload, reply)
    if answers and reply:
        consumer.group.say(answer(reply))


def arriving(
    consumer: Consumer,
    before: Callable[[], None] | None,
    token: Token,
    reply: bytes | None,
    payload: bytes,
) -> Callable[[], None] | None:
    """What to do about one in the next round; None if `before`, the last there is to do, takes it in."""
    if not plain(consumer, reply, payload):
        return partial(take, consumer, token, reply, payload)
    if isinstance(before, Settling) and before.consumer is consumer:
        before.seqs.append(token.stream_seq)
        return None
    return Settling(consumer, token.stream_seq)


def plain(consumer: Consumer, reply: bytes | None, payload: bytes) -> bool:
    """Whether this says that a message is done, that one alone, and nobody is told."""
    return (
        payload in PLAIN
        and not reply
        and not consumer.sampling
        and consumer.config.ack_policy == "explicit"
    )


class Settling:
    """A run of plain acknowledgements of one consumer's messages: what `take` does one by one."""

    __slots__ = ("consumer", "seqs")

    def __init__(self, consumer: Consumer, seq: int) -> None:
        self.consumer = consumer
        #: By stream sequence, in the order in which they came.
        self.seqs = [seq]

    def __call__(self) -> None:
        """Mark them done."""
        consumer, own = self.consumer, self.consumer.progress
        lifetime.active(consumer)
        if not consumer.config.flow_control:
            self.seqs = [seq for seq in self.seqs if seq < own.next_stream]
        if not self.seqs:
            return
        consumer.last_ack_ns = consumer.now()
        if consumer.stalled:
            consumer.wake()
        for seq in self.seqs:
            own.settle(seq)
        consumer.group.done(consumer, self.seqs)


def act(consumer: Consumer, token: Token, payload: bytes, reply: bytes | None) -> bool:
    """Do it; whether it is answered. Payloads without a meaning are, too (JS-ACK-004)."""
    said = acks.answer(payload)
    if said is None:
        return token.stream_seq > 0
    match said.kind:
        case acks.Kind.ACK:
            return acknowledge(consumer, token)
        case acks.Kind.NEXT:
            acknowledge(consumer, token)
            if reply:
                pulling.request(consumer, reply, said.argument)
            return False
        case acks.Kind.NAK:
            refuse(consumer, token, said.argument)
        case acks.Kind.PROGRESS:
            progress(consumer, token)
        case acks.Kind.TERM:
            return terminate(consumer, token, said.argument)
    return token.stream_seq > 0


def acknowledge(consumer: Consumer, token: Token) -> bool:
    """Take an acknowledgement, and tell how long it took (JS-ADV-008); whether it is answered."""
    entry = consumer.progress.pending.get(token.stream_seq)
    if entry is not None and consumer.sampling and consumer.config.ack_policy == "explicit":
        advisories.sampled(consumer, token, entry.since)
    return done(consumer, token)


def done(consumer: Consumer, token: Token) -> bool:
    """The message is done with; whether such a message was ever delivered (JS-ACK-007)."""
    if undelivered(consumer, token):
        return False
    settle(consumer, token)
    return token.stream_seq > 0 or answered_for_nothing(consumer)


def answered_for_nothing(consumer: Consumer) -> bool:
    """Whether acknowledgements of sequence 0 are answered (JS-ACK-032)."""
    limits = consumer.group.stream.config.retention == "limits"
    return limits and consumer.config.ack_policy == "explicit"


def undelivered(consumer: Consumer, token: Token) -> bool:
    """Whether the sequence lies beyond what was delivered."""
    return token.stream_seq >= consumer.progress.next_stream and not consumer.config.flow_control


def settle(consumer: Consumer, token: Token) -> None:
    """Mark it done, and under policy `all` everything before it (JS-ACK-011, JS-ACK-012)."""
    consumer.last_ack_ns = consumer.now()
    own, seq = consumer.progress, token.stream_seq
    if consumer.stalled:
        consumer.wake()
    if consumer.config.ack_policy == "explicit":
        if own.settle(seq) is not None or seq:
            consumer.group.done(consumer, (seq,))
        return
    if seq <= own.floor_stream:
        return
    # The reply may be that of an earlier delivery (JS-ACK-026).
    done = own.settle_through(max(token.consumer_seq, own.floor), seq)
    consumer.group.done(consumer, done or (seq,))


def refuse(consumer: Consumer, token: Token, argument: bytes) -> None:
    """Deliver it again, now or later (JS-ACK-016 .. JS-ACK-020)."""
    own, seq = consumer.progress, token.stream_seq
    known = own.floor < token.consumer_seq <= own.next_sequence
    entry = own.pending.get(seq)
    if not known or entry is None:
        return
    advisories.refused(consumer, token)
    delay = acks.delay(argument) if argument else None
    if delay is None:
        own.requeue([seq])
        consumer.wake()
        return
    own.queue.pop(seq, None)
    # As if its wait had begun so that it ends when the delay does.
    entry.since = consumer.now() + delay - own.wait_of(seq, consumer.config)
    own.dirty.add(seq)
    redelivering.look_soon(consumer)


def progress(consumer: Consumer, token: Token) -> None:
    """Somebody is at work on it: its wait begins anew (JS-ACK-021)."""
    entry = consumer.progress.pending.get(token.stream_seq)
    if entry is not None:
        entry.since = consumer.now()
        consumer.progress.dirty.add(token.stream_seq)


def terminate(consumer: Consumer, token: Token, reason: bytes) -> bool:
    """It is not to be delivered again, though nobody is done with it (JS-ACK-022, JS-ACK-023)."""
    known = done(consumer, token)
    advisories.terminated(consumer, token, reason.decode(errors="replace"))
    return known
