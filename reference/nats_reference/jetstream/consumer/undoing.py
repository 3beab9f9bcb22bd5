"""A round that could not be kept: it has not happened, and its requests are not lost with it.

JS-RST-001. Nothing that it delivered or confirmed is sent, and its consumers are where the last
commit left them. A request that was served in it goes on, or is told that it is over; and in a
while everything is tried again.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.consumer import creating, persistence, pulling, redelivering
from nats_reference.jetstream.consumer.outbox import Outgoing, Run
from nats_reference.jetstream.consumer.progress import Progress

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group

#: Seconds until it is tried again.
RETRY: Final = 1.0


def undo(group: Group) -> None:
    """Take back what the round did; what it ended, or was in memory alone, stays so."""
    outbox = group.unsaid()
    lost: Counter[tuple[Consumer, bytes]] = Counter()
    stays: list[Outgoing | Run] = []
    for each in outbox:
        if each.consumer is None:
            stays += [each] * ends(each)
        elif persistence.apart(group, each.consumer):
            stays.append(each)
        else:
            lost[each.consumer, each.to] += sum(1 for _ in each.singly())
    unserved = {to for _, to in lost}
    for consumer in persistence.reload(group):
        consumer.progress = Progress()
        creating.start(group, consumer)
    for each in stays:
        if each.consumer is not None or each.to not in unserved:
            group.say(each)
    for (consumer, to), messages in lost.items():
        if not consumer.push:
            pulling.unserved(consumer, to, messages)
    group.send()
    if not group.retrying:
        group.retrying = True
        group.host.clock.call_later(RETRY, again, group)


def ends(said: Outgoing | Run) -> bool:
    """Whether it is a status: it confirms nothing, and may be the last that a request hears."""
    return isinstance(said, Outgoing) and bool(said.headers) and said.to == said.subject


def again(group: Group) -> None:
    """See what can be delivered now."""
    group.retrying = False
    for consumer in group.by_name.values():
        if consumer.progress.pending:
            redelivering.look_soon(consumer)
        consumer.wake()
