"""What is told about a consumer (the answers of CONSUMER.CREATE, INFO and LIST)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.jetstream import times
from nats_reference.jetstream.consumer import pulling

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer

#: Members that need a server of API level 1, and of level 4 (JS-CONS-CFG-033).
LEVEL_1 = ("pause_until", "priority_groups", "priority_policy", "priority_timeout")
#: What lists leave out of the metadata (JS-CAPI-041).
DYNAMIC = ("_nats.ver", "_nats.level")


def listed(consumer: Consumer) -> dict[str, Any]:
    """The consumer as lists show it: without what the server writes into metadata as it answers."""
    found = info(consumer)
    for key in DYNAMIC:
        del found["config"]["metadata"][key]
    return found


def info(consumer: Consumer) -> dict[str, Any]:
    """The consumer as answers show it, in their order."""
    own, config = consumer.progress, consumer.config
    if not config.push:
        pulling.drop_dead(consumer)
    found: dict[str, Any] = {
        "stream_name": consumer.group.stream.config.name,
        "name": consumer.name,
        "created": times.rfc3339(consumer.created_ns),
        "config": config_with_metadata(consumer),
        "delivered": sequences(own.delivered, own.delivered_stream, consumer.last_delivery_ns),
        "ack_floor": sequences(own.floor, own.floor_stream, consumer.last_ack_ns),
        "num_ack_pending": len(own.pending),
        "num_redelivered": redelivered(consumer),
        "num_waiting": len(consumer.waiting.pulls),
        "num_pending": consumer.pending_count(),
    }
    if config.push and consumer.active:
        found["push_bound"] = True
    found["ts"] = times.rfc3339(consumer.now())
    return found


def sequences(consumer_seq: int, stream_seq: int, last_ns: int) -> dict[str, Any]:
    """A pair of sequences, and when it was reached last."""
    pair: dict[str, Any] = {"consumer_seq": consumer_seq, "stream_seq": stream_seq}
    return pair | ({"last_active": times.rfc3339(last_ns)} if last_ns else {})


def redelivered(consumer: Consumer) -> int:
    """How many messages were delivered more than once and are not done with (JS-RDL-007)."""
    if consumer.config.max_deliver == 1:
        return 0
    return sum(again > 0 for again in consumer.progress.redeliveries.values())


def config_with_metadata(consumer: Consumer) -> dict[str, Any]:
    """The configuration with the server's own metadata (JS-CONS-CFG-032, JS-CONS-CFG-033)."""
    shown = consumer.config.as_json()
    mine = {key: value for key, value in shown.get("metadata", {}).items() if not own_key(key)}
    mine |= consumer.group.host.metadata(required_level(consumer))
    shown["metadata"] = dict(sorted(mine.items()))
    return {name: shown[name] for name in (*before_metadata(shown), *after_metadata(shown))}


def before_metadata(shown: dict[str, Any]) -> list[str]:
    """Members that stand before the metadata."""
    return [name for name in shown if name not in LEVEL_1 and name != "metadata"]


def after_metadata(shown: dict[str, Any]) -> list[str]:
    """The metadata and what follows it."""
    return ["metadata", *(name for name in shown if name in LEVEL_1)]


def own_key(key: str) -> bool:
    """Whether only servers write this key."""
    return key in {"_nats.ver", "_nats.level", "_nats.req.level"}


def required_level(consumer: Consumer) -> int:
    """The API level that its configuration needs."""
    if consumer.config.ack_policy == "flow_control":
        return 4
    said = (getattr(consumer.config, name) for name in LEVEL_1)
    return int(any(each not in {"", 0, (), times.ZERO} for each in said))
