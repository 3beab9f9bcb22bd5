"""What was sent before it was kept, so that a commit that fails doesn't forget it.

JS-RST-001. Where deliveries follow the commit of their messages they are kept a little later
(`unkept.py`). If that fails, consumers are what was kept last, and what they sent since is done
to them once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from nats_reference.jetstream.consumer import acks, delivering, persistence, redelivering
from nats_reference.jetstream.consumer.outbox import Outgoing, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group

Said = Outgoing | Run


class Early:
    """That of one stream."""

    __slots__ = ("_group", "_sent")

    def __init__(self, group: Group) -> None:
        self._group = group
        #: What went out together, and between that what of it reached nobody.
        self._sent: list[Sequence[Said] | Outgoing] = []

    def sent(self, said: Sequence[Said]) -> None:
        """This goes out now."""
        self._sent.append(said)

    def unheard(self, one: Outgoing) -> None:
        """This of it reached nobody."""
        if self._sent:
            self._sent.append(one)

    def kept(self) -> None:
        """All of it is kept."""
        self._sent = []

    def repeat(self) -> None:
        """Its consumers are as if nothing had been sent: it was."""
        for each in tuple(self._sent):
            if isinstance(each, Outgoing):
                if self._is_undone(each.consumer):
                    delivering.comes_back(each.consumer, each)
                continue
            for said in each:
                if self._is_undone(said.consumer):
                    for one in said.singly():
                        note(said.consumer, one)

    def _is_undone(self, consumer: Consumer | None) -> TypeGuard[Consumer]:
        return (
            consumer is not None
            and not consumer.closed
            and not persistence.apart(self._group, consumer)
        )


def note(consumer: Consumer, one: Outgoing) -> None:
    """Note a delivery that was made: the next that this consumer had to make."""
    if one.reply is None:
        return
    progress, newest, seq = consumer.progress, consumer.newest, one.seq
    token = acks.token(one.reply.split(b".")[-5:])
    if token.deliveries > 1 or seq in progress.pending:
        progress.count_again(seq)
        progress.queue.pop(seq, None)
    elif newest.left and seq <= consumer.resume:
        while newest.take() < seq:
            pass
        progress.next_stream = (seq if newest.left else consumer.resume) + 1
    else:
        progress.next_stream = seq + 1
    progress.next_sequence = token.consumer_seq
    progress.deliver(seq, consumer.now(), acks=consumer.acks)
    if consumer.acks:
        consumer.group.holders.hold(consumer, (seq,))
        redelivering.watch(consumer, seq)
    consumer.backlog.forget()
    consumer.group.unkept.add(consumer)
