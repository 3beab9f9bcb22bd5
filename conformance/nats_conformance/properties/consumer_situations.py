"""What the consumer machine must come upon, and how often in a hundred examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_spec.acks import Kind
from nats_spec.model.consumer import Ack

if TYPE_CHECKING:
    from nats_conformance.properties.consumer_watch import Watched

FLOORS: Final = {
    "delivered again": 16,
    "delivered after a delay": 2,
    "a request waits": 50,
    "a request that waits is served": 50,
    "two requests wait": 15,
    "too many requests wait": 8,
    "nothing to deliver": 40,
    "the batch is filled": 20,
    "the request is over": 23,
    "a message is too large": 8,
    "bytes are left": 8,
    "the bytes are used up": 1,
    "no room": 43,
    "acknowledged out of order": 13,
    "acknowledged twice": 26,
    "acknowledged by an earlier reply": 3,
    "acknowledged with all before": 4,
    "exhausted": 6,
    "acknowledged when exhausted": 1,
    "deleted while outstanding": 6,
    "deleted before it was delivered": 8,
    "purged while outstanding": 8,
    "other filters": 4,
    "more or less room": 6,
    "made anew": 11,
    "made anew while a request waits": 5,
    "a client left": 8,
    "a client left while its request waits": 4,
    "interest drops": 8,
    "work is done": 8,
    "the last of each subject": 2,
    "without acknowledgements": 20,
}

RESTART_FLOORS: Final = {
    "restarted": 60,
    "restarted while messages are outstanding": 25,
    "restarted while a request waits": 10,
}


def of_answer(watched: Watched, seq: int, kind: Kind, *, old: bool) -> list[str]:
    """What an acknowledgement is an example of."""
    model = watched.model
    if kind not in {Kind.ACK, Kind.NEXT, Kind.TERM}:
        return []
    if seq in model.exhausted:
        return ["acknowledged when exhausted"]
    if seq not in model.outstanding:
        return ["acknowledged twice"]
    below = [each for each in model.outstanding if each < seq]
    met = []
    if below:
        every = model.config.ack is Ack.ALL
        met.append("acknowledged with all before" if every else "acknowledged out of order")
    if old:
        met.append("acknowledged by an earlier reply")
    return met
