"""A round that could not be kept: it has not happened, and its requests are not lost with it.

JS-RST-001. Nothing that it delivered or confirmed is sent, and its consumers are where the last
commit, and what was sent since (`early.py`), left them. A request that was served in it goes on, or is told that it is over; and in a
while everything is tried again.
"""

from __future__ import annotations

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
    stays, lost = parted(group, outbox)
    unserved = {to for _, to in lost}
    rest(group)
    for consumer in persistence.reload(group):
        consumer.progress = Progress()
        creating.start(group, consumer)
    group.early.repeat()
    group.unneeded.undone()
    for each in stays:
        if each.consumer is not None or each.to not in unserved:
            group.say(each)
    dropped = {each.reply for each in outbox if isinstance(each, Outgoing) and each.to in unserved}
    for (consumer, to), messages in lost.items():
        if not consumer.push:
            pulling.unserved(consumer, to, len(messages))
        elif consumer.window is not None:
            consumer.window.unsent(sum(map(size, messages)), dropped)
    group.send()
    retry(group)


def mend(group: Group) -> None:
    """What was decided is to be kept all the same; nobody was delivered to."""
    persistence.mend(group)
    group.unneeded.undone()
    retry(group)


def retry(group: Group) -> None:
    """Have everything tried again."""
    if not group.retrying:
        group.retrying = True
        group.host.clock.call_later(RETRY, again, group)


def parted(
    group: Group, outbox: list[Outgoing | Run]
) -> tuple[list[Outgoing | Run], dict[tuple[Consumer, bytes], list[Outgoing]]]:
    """What is true all the same, and the deliveries that are not, by consumer and receiver."""
    stays: list[Outgoing | Run] = []
    lost: dict[tuple[Consumer, bytes], list[Outgoing]] = {}
    for each in outbox:
        if each.consumer is None:
            stays += [each] * ends(each)
        elif persistence.apart(group, each.consumer):
            stays.append(each)
        else:
            lost.setdefault((each.consumer, each.to), []).extend(each.singly())
    return stays, lost


def rest(group: Group) -> None:
    """Those who had more to deliver wait, too."""
    for consumer in tuple(group.unfinished):
        if not persistence.apart(group, consumer):
            del group.unfinished[consumer]


def size(said: Outgoing) -> int:
    """The bytes of a delivery, as flow control counts them."""
    parts = said.subject, said.reply, said.headers, said.payload
    return sum(len(part) for part in parts if part)


def ends(said: Outgoing | Run) -> bool:
    """Whether it is a status: it confirms nothing, and may be the last that a request hears."""
    return isinstance(said, Outgoing) and bool(said.headers) and said.to == said.subject


def again(group: Group) -> None:
    """See what can be delivered now."""
    group.retrying = False
    if group.stream.destroyed:
        return
    group.unneeded.again()
    group.schedule()
    for consumer in group.by_name.values():
        if consumer.progress.pending:
            redelivering.look_soon(consumer)
        consumer.wake()
