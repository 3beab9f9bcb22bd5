"""What a consumer is asked to be: the members of its configuration, and what stands in for omitted ones.

JS-CONS-CFG-007 .. JS-CONS-CFG-017, JS-CONS-CFG-020, JS-CONS-CFG-021, JS-CONS-CFG-047,
JS-CONS-CFG-048. Names are those of the JSON; times and durations are nanoseconds.
Leaves out what is refused (checks.py) and what may change later (updates.py).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

SECOND = 1_000_000_000
MILLISECOND = 1_000_000
#: JS-CONS-CFG-010.
ACK_WAIT = 30 * SECOND
#: JS-CONS-CFG-016.
MAX_ACK_PENDING = 1000
#: JS-CONS-CFG-020.
MAX_WAITING = 512
#: JS-CONS-CFG-047.
INACTIVE_THRESHOLD = 5 * SECOND
#: The heartbeat of consumers that are acknowledged by flow control (JS-CONS-CFG-055).
FLOW_CONTROL_HEARTBEAT = SECOND
#: The default of a pin's lifetime (JS-CONS-CFG-054).
PRIORITY_TIMEOUT = 120 * SECOND

#: Words of the metadata that only servers write (JS-CONS-CFG-032).
OWN_KEYS = frozenset({"_nats.ver", "_nats.level", "_nats.req.level"})
#: Members that are shown although they are empty.
ALWAYS = frozenset({"deliver_policy", "ack_policy", "replay_policy", "num_replicas"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What server, account and stream allow a consumer; 0 is no limit."""

    max_ack_pending: int = 0
    max_request_batch: int = 0
    #: The stream's own.
    stream_max_ack_pending: int = 0
    stream_inactive_threshold: int = 0


@dataclass(frozen=True, slots=True)
class ConsumerConfig:
    """One consumer's configuration, in the order in which it is shown."""

    durable_name: str = ""
    name: str = ""
    description: str = ""
    deliver_policy: str = "all"
    opt_start_seq: int = 0
    #: RFC 3339 text as it was given, or empty.
    opt_start_time: str = ""
    ack_policy: str = "none"
    ack_wait: int = 0
    max_deliver: int = 0
    backoff: tuple[int, ...] = ()
    filter_subject: str = ""
    filter_subjects: tuple[str, ...] = ()
    replay_policy: str = "instant"
    rate_limit_bps: int = 0
    sample_freq: str = ""
    max_waiting: int = 0
    max_ack_pending: int = 0
    flow_control: bool = False
    headers_only: bool = False
    max_batch: int = 0
    max_expires: int = 0
    max_bytes: int = 0
    deliver_subject: str = ""
    deliver_group: str = ""
    idle_heartbeat: int = 0
    inactive_threshold: int = 0
    num_replicas: int = 0
    mem_storage: bool = False
    direct: bool = False
    sourcing: bool = False
    metadata: tuple[tuple[str, str], ...] = ()
    pause_until: str = ""
    priority_groups: tuple[str, ...] = ()
    priority_policy: str = ""
    priority_timeout: int = 0

    @property
    def durable(self) -> bool:
        """Whether it stays until somebody deletes it."""
        return bool(self.durable_name)

    @property
    def push(self) -> bool:
        """Whether messages come without being asked for."""
        return bool(self.deliver_subject)

    @property
    def filters(self) -> tuple[str, ...]:
        """The subjects that it wants; none for all."""
        return (self.filter_subject,) if self.filter_subject else self.filter_subjects

    @property
    def acks(self) -> bool:
        """Whether deliveries wait for acknowledgement."""
        return self.ack_policy != "none"

    def as_json(self) -> dict[str, Any]:
        """What answers show: empty members are left out, but for a few."""
        found: dict[str, Any] = {}
        for name in NAMES:
            value = getattr(self, name)
            if isinstance(value, tuple):
                value = dict(value) if name == "metadata" else list(value)
            if value or name in ALWAYS:
                found[name] = value
        return found


NAMES = tuple(field.name for field in fields(ConsumerConfig))


def from_json(members: Mapping[str, Any]) -> ConsumerConfig:
    """The configuration that a request spells; members are decoded and of the right types."""
    found: dict[str, Any] = {}
    for name in NAMES:
        value = members.get(name)
        if value is None:
            continue
        if name == "metadata":
            value = tuple(sorted((k, v) for k, v in value.items() if k not in OWN_KEYS))
        elif isinstance(value, list):
            value = tuple(value)
        found[name] = value
    if found.get("deliver_policy") == "undefined":
        found["deliver_policy"] = "all"
    if found.get("priority_policy") == "none":
        found["priority_policy"] = ""
    return ConsumerConfig(**found)


#: Members that are no number below zero: what they become, and what pedantic mode says.
NEGATIVES: tuple[tuple[str, int, int, str], ...] = (
    ("max_deliver", -1, -1, "max_deliver must be set to -1"),
    ("max_waiting", 0, 0, "max_waiting must not be negative"),
    ("max_ack_pending", -1, -1, "max_ack_pending must be set to -1"),
    ("max_batch", 0, 0, "max_batch must not be negative"),
    ("max_expires", 0, 0, "max_expires must not be negative"),
    ("max_bytes", 0, 0, "max_bytes must not be negative"),
    ("idle_heartbeat", 0, 0, "idle_heartbeat must not be negative"),
    ("inactive_threshold", 0, 0, "inactive_threshold must not be negative"),
    ("priority_timeout", 0, 0, "priority_timeout must not be negative"),
)


def with_defaults(config: ConsumerConfig, limits: Limits, *, pedantic: bool) -> ConsumerConfig:
    """The configuration with everything that was left open decided.

    Raises:
        ApiError: 10157, where pedantic mode wants the client to decide.
    """
    for name, least, value, complaint in NEGATIVES:
        if getattr(config, name) < least:
            insist(complaint, pedantic=pedantic)
            changed: dict[str, Any] = {name: value}
            config = replace(config, **changed)
    config = replace(config, max_deliver=config.max_deliver or -1)
    config = waiting_defaults(config, limits, pedantic=pedantic)
    config = pending_defaults(config, limits, pedantic=pedantic)
    if config.ack_policy == "flow_control" and not pedantic:
        config = replace(config, flow_control=True, idle_heartbeat=FLOW_CONTROL_HEARTBEAT)
    return config


def waiting_defaults(config: ConsumerConfig, limits: Limits, *, pedantic: bool) -> ConsumerConfig:
    """How many pulls wait, how long an acknowledgement may take."""
    if not config.push and not config.max_waiting:
        config = replace(config, max_waiting=MAX_WAITING)
    if not config.ack_wait and config.ack_policy in {"explicit", "all"}:
        config = replace(config, ack_wait=ACK_WAIT)
    if config.backoff:
        if config.ack_wait != config.backoff[0]:
            insist("first backoff value has to equal batch AckWait", pedantic=pedantic)
        config = replace(config, ack_wait=config.backoff[0])
    if not config.push and not config.max_batch and limits.max_request_batch > 0:
        insist("max_request_batch must be set if it's JetStream limits are set", pedantic=pedantic)
        config = replace(config, max_batch=limits.max_request_batch)
    if config.priority_policy == "pinned_client" and not config.priority_timeout:
        config = replace(config, priority_timeout=PRIORITY_TIMEOUT)
    return config


def pending_defaults(config: ConsumerConfig, limits: Limits, *, pedantic: bool) -> ConsumerConfig:
    """What the stream's limits fill in, and how much may be unacknowledged."""
    if not config.max_ack_pending:
        if limits.stream_max_ack_pending > 0:
            insist(
                "max_ack_pending must be set if it's configured in stream limits",
                pedantic=pedantic,
            )
        config = replace(config, max_ack_pending=limits.stream_max_ack_pending)
    if not config.inactive_threshold:
        if limits.stream_inactive_threshold > 0:
            insist(
                "inactive_threshold must be set if it's configured in stream limits",
                pedantic=pedantic,
            )
        config = replace(config, inactive_threshold=limits.stream_inactive_threshold)
    if not config.max_ack_pending and config.acks:
        allowed = [n for n in (MAX_ACK_PENDING, limits.max_ack_pending) if n > 0]
        config = replace(config, max_ack_pending=min(allowed))
    return config


def with_threshold(config: ConsumerConfig) -> ConsumerConfig:
    """The configuration with an ephemeral's default lifetime written in (JS-CONS-CFG-047)."""
    if config.durable or config.inactive_threshold > 0:
        return config
    return replace(config, inactive_threshold=INACTIVE_THRESHOLD)


def insist(complaint: str, *, pedantic: bool) -> None:
    """In pedantic mode, refuse to decide for the client (10157)."""
    if pedantic:
        raise ApiError(10157, err=complaint)
