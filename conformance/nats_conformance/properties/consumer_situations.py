"""What the consumer machine must come upon, and how often in a hundred examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_spec.acks import Kind
from nats_spec.model.consumer import Ack

if TYPE_CHECKING:
    from nats_conformance.properties.consumer_watch import Watched

FLOORS: Final = {
    "delivered again": 50,
    "delivered after a delay": 8,
    "a request waits": 150,
    "a request that waits is served": 150,
    "two requests wait": 45,
    "too many requests wait": 25,
    "nothing to deliver": 120,
    "the batch is filled": 60,
    "the request is over": 70,
    "a message is too large": 25,
    "bytes are left": 25,
    "no room": 130,
    "acknowledged out of order": 40,
    "acknowledged twice": 80,
    "acknowledged by an earlier reply": 10,
    "acknowledged with all before": 12,
    "exhausted": 20,
    "acknowledged when exhausted": 3,
    "deleted while outstanding": 20,
    "deleted before it was delivered": 25,
    "purged while outstanding": 25,
    "other filters": 12,
    "more or less room": 20,
    "made anew": 35,
    "made anew while a request waits": 15,
    "a client left": 25,
    "a client left while its request waits": 12,
    "interest drops": 25,
    "work is done": 25,
    "the last of each subject": 8,
    "without acknowledgements": 60,
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
