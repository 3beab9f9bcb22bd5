"""What the consumer machine keeps out of: mostly what released servers are known to do otherwise.

Each of those has a case of its own, and is in the baseline of nats-server.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_spec.model import consumer as fold
from nats_spec.model.consumer import Ack, Deliver
from nats_spec.model.consumer_delivery import room

if TYPE_CHECKING:
    from collections.abc import Collection

    from nats_conformance.properties.consumer_watch import Watched


def selecting(watched: Watched) -> bool:
    """It is about to deliver what it selected at its start: JS-DLV-014."""
    return bool(watched.model.selected)


def counts_last(watched: Watched) -> bool:
    """Several messages of a subject are ahead of a consumer with last_per_subject.

    How it counts them after a purge or a restart is the matter of JS-INV-013.
    """
    if watched.model.config.deliver is not Deliver.LAST_PER_SUBJECT:
        return False
    ahead = list(fold.ahead(watched.model, watched.held.model))
    return len({watched.held.stored[seq].subject for seq in ahead}) < len(ahead)


def passed(watched: Watched) -> bool:
    """Its old filters have passed over what its new ones want: JS-CONS-UPD-010.

    A restart may forget that.
    """
    one, messages = watched.model, watched.held.model.messages
    return len(watched.filters) > 1 and any(
        one.delivered[1] < seq < one.position and one.config.wants(stored.message.subject)
        for seq, stored in messages.items()
    )


def full(watched: Watched) -> bool:
    """A request waits for room: what makes some is the matter of JS-RDL-015."""
    return bool(watched.open) and not room(watched.model)


def serving(watched: Watched) -> bool:
    """A request that waits may be served at any moment: something is to come, or to be over."""
    return bool(watched.open and watched.soon)


def unlike(watched: Watched, seq: int) -> bool:
    """The deletion of this message does more, or less, than it should: JS-RET-020, JS-RET-009.

    More: under `all` it acknowledges everything below, so that only the lowest outstanding message
    is deleted. What a limit discards would do the same; the machine's streams have no limits.
    """
    outstanding, config = watched.model.outstanding, watched.model.config
    if seq not in outstanding:
        return False
    more = config.ack is Ack.ALL and min(outstanding) < seq
    return more or not config.wants(watched.held.stored[seq].subject)


def fallen(before: fold.Consumer, after: fold.Consumer, seq: int) -> fold.Consumer:
    """A message was deleted: the floor may stay at it, though it could go further: JS-ACK-014."""
    known = before.outstanding.get(seq)
    if known is None or after.floor[0][-1] <= known.first or not after.outstanding:
        return after
    return replace(after, done=before.done, behind=True)


def confused(watched: Watched, left: Collection[int]) -> bool:
    """A purge that leaves these does more than it should.

    It forgets what is just to come again, the matter of JS-RET-012, and what is exhausted,
    that of JS-RDL-013; and once the floor's consumer sequence is uncertain, it takes it back,
    the matter of JS-INV-009.
    """
    model, remaining = watched.model, set(left)
    forgets = watched.held.retention == "interest" and model.exhausted.keys() & remaining
    back = model.behind and model.outstanding.keys() & remaining
    return bool(forgets or back or watched.soon & remaining)


def stays(watched: Watched) -> bool:
    """Messages that it has exhausted stay when it is deleted: JS-RET-007."""
    return watched.held.retention == "interest" and bool(watched.model.exhausted)
