"""What consumers make known: advisories and the metric of acknowledgements.

JS-RDL-009, JS-ACK-022, JS-ACK-023 and the consumer rows of the advisories. Nothing is
made unless somebody listens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.jetstream.addressing import octets
from nats_reference.jetstream.consumer.outbox import Outgoing

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.acks import Token
    from nats_reference.jetstream.consumer.consumer import Consumer

ADVISORY = "io.nats.jetstream.advisory.v1."
METRIC = "io.nats.jetstream.metric.v1."
#: Why a message that went away was terminated (JS-RET-009).
DELETED = "Unacknowledged message was deleted"


def made(consumer: Consumer) -> None:
    """A consumer was created."""
    say(consumer, "ADVISORY.CONSUMER.CREATED", f"{ADVISORY}consumer_action", action="create")


def deleted(consumer: Consumer) -> None:
    """A consumer was deleted, or its time was up."""
    say(consumer, "ADVISORY.CONSUMER.DELETED", f"{ADVISORY}consumer_action", action="delete")


def exhausted(consumer: Consumer, seq: int, deliveries: int) -> None:
    """A message was delivered as often as it may be."""
    kind = "ADVISORY.CONSUMER.MAX_DELIVERIES"
    say(consumer, kind, f"{ADVISORY}max_deliver", stream_seq=seq, deliveries=deliveries)


def refused(consumer: Consumer, token: Token) -> None:
    """A message was sent back."""
    say(consumer, "ADVISORY.CONSUMER.MSG_NAKED", f"{ADVISORY}nak", **numbers(token))


def terminated(consumer: Consumer, token: Token, reason: str) -> None:
    """A message was given up."""
    more = {"reason": reason} if reason else {}
    kind = "ADVISORY.CONSUMER.MSG_TERMINATED"
    say(consumer, kind, f"{ADVISORY}terminated", **numbers(token), **more)


def sampled(consumer: Consumer, token: Token, since: int) -> None:
    """A message was acknowledged, and this is one of those to be told of."""
    share = consumer.sampling
    if share <= 0 or (share < 100 and consumer.group.host.rng.randrange(100) > share):
        return
    say(
        consumer,
        "METRIC.CONSUMER.ACK",
        f"{METRIC}consumer_ack",
        consumer_seq=token.consumer_seq,
        stream_seq=token.stream_seq,
        ack_time=consumer.now() - since,
        deliveries=token.deliveries,
    )


def numbers(token: Token) -> dict[str, int]:
    """The numbers of an acknowledgement."""
    return {
        "consumer_seq": token.consumer_seq,
        "stream_seq": token.stream_seq,
        "deliveries": token.deliveries,
    }


def say(consumer: Consumer, kind: str, type_: str, **members: Any) -> None:  # noqa: ANN401 - JSON
    """Publish it under the consumer's name."""
    group, stream = consumer.group, consumer.group.stream.config.name
    to = octets(f"$JS.EVENT.{kind}.{stream}.{consumer.name}")
    if group.host.heard(to):
        whole = {"stream": stream, "consumer": consumer.name, **members}
        group.say(Outgoing(to, to, None, None, group.host.advisory(type_, whole)))
        group.schedule()
