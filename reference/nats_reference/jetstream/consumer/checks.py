"""Which consumer configurations are refused, in the order in which the server looks.

JS-CONS-CFG-001 .. JS-CONS-CFG-044, JS-CONS-CFG-050 .. JS-CONS-CFG-055. Each check is one
row: the error, and when it applies. Leaves out what depends on other consumers of
the stream (consumers.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from nats_reference.jetstream import fields
from nats_reference.jetstream.config import metadata
from nats_reference.jetstream.consumer import acks, starting
from nats_reference.jetstream.consumer.config import (
    FLOW_CONTROL_HEARTBEAT,
    MILLISECOND,
    ConsumerConfig,
    Limits,
)
from nats_reference.jetstream.errors import ApiError
from nats_spec import names, subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.config import StreamConfig

#: Bytes of a description, of metadata, of a name at most.
MAX_DESCRIPTION = 4096
MAX_METADATA = 128 * 1024
MAX_NAME = 255
#: JS-CONS-CFG-028.
SHORTEST_HEARTBEAT = 100 * MILLISECOND

GROUP_NAME = re.compile(r"[a-zA-Z0-9/_=-]{1,16}")
PATH_SEPARATORS = re.compile(r"[\\/]")


class Candidate(NamedTuple):
    """A configuration, and what it has to go together with."""

    config: ConsumerConfig
    stream: StreamConfig
    limits: Limits


#: An error, and what makes it apply: something true, or the values for its text.
Row: TypeAlias = "tuple[int, Callable[[Candidate], Any]]"


def check(config: ConsumerConfig, stream: StreamConfig, limits: Limits) -> None:
    """Refuse what can't be a consumer of this stream.

    Raises:
        ApiError: the first row that applies.
    """
    candidate = Candidate(config, stream, limits)
    for rows in (NAMES, ACKS, PUSH if config.push else PULL, BOUNDS):
        refuse(rows, candidate)
    check_filters(config)
    starting.check_start(config)
    refuse(REST, candidate)
    check_groups(config)


def refuse(rows: tuple[Row, ...], candidate: Candidate) -> None:
    """Raise the error of the first row that applies."""
    for err_code, applies in rows:
        found = applies(candidate)
        if found:
            raise ApiError(err_code, **(found if isinstance(found, dict) else {}))


def bad_name(name: str, kind: str) -> dict[str, str] | None:
    """Why a name can't be one."""
    if not name or names.valid(name):
        return None
    return {"err": f"consumer {kind} can not contain '.', '*', '>', '\\', '/'"}


def fixed_replicas(config: ConsumerConfig, stream: StreamConfig) -> bool:
    """Whether the stream's retention wants as many replicas as it has itself."""
    other = config.num_replicas not in {0, stream.num_replicas}
    return stream.retention != "limits" and other


NAMES: tuple[Row, ...] = (
    (10052, lambda x: bad_name(x.config.name, "name")),
    (10052, lambda x: bad_name(x.config.durable_name, "durable name")),
    (10126, lambda x: 0 < x.config.num_replicas > x.stream.num_replicas),
    (10133, lambda x: x.config.num_replicas < 0),
    (10134, lambda x: fixed_replicas(x.config, x.stream)),
)

ACKS: tuple[Row, ...] = (
    (10184, lambda x: any(wait < 0 for wait in x.config.backoff)),
    (10183, lambda x: x.config.ack_wait < 0),
    (10218, lambda x: by_flow_control(x.config) and not x.config.push),
    (10219, lambda x: by_flow_control(x.config) and not x.config.flow_control),
    (
        10052,
        lambda x: (
            by_flow_control(x.config)
            and x.config.idle_heartbeat != FLOW_CONTROL_HEARTBEAT
            and {"err": "flow control ack policy heartbeat needs to be 1s"}
        ),
    ),
    (10220, lambda x: by_flow_control(x.config) and x.config.max_ack_pending <= 0),
    (
        10221,
        lambda x: by_flow_control(x.config) and (x.config.ack_wait or x.config.backoff) and True,
    ),
    (10222, lambda x: by_flow_control(x.config) and x.config.max_deliver > 0),
    (10116, lambda x: too_many_waits(x.config)),
    (
        10107,
        lambda x: len(x.config.description.encode()) > MAX_DESCRIPTION and {"max": MAX_DESCRIPTION},
    ),
)

PUSH: tuple[Row, ...] = (
    (10079, lambda x: has_wildcard(x.config.deliver_subject)),
    (10112, lambda x: not subjects.valid_subscription(x.config.deliver_subject.encode())),
    (10081, lambda x: forms_cycle(x.config, x.stream)),
    (10080, lambda x: x.config.max_waiting != 0),
    (10082, lambda x: x.config.max_ack_pending > 0 and not x.config.acks),
    (10083, lambda x: 0 < x.config.idle_heartbeat < SHORTEST_HEARTBEAT),
)

PULL: tuple[Row, ...] = (
    (10084, lambda x: not x.config.acks and x.stream.retention == "workqueue"),
    (10086, lambda x: x.config.rate_limit_bps > 0),
    (10088, lambda x: x.config.idle_heartbeat > 0),
    (10089, lambda x: x.config.flow_control),
    (10115, lambda x: x.config.max_expires != 0 and x.config.max_expires < MILLISECOND),
    (
        10125,
        lambda x: (
            0 < x.limits.max_request_batch < x.config.max_batch
            and {"limit": x.limits.max_request_batch}
        ),
    ),
)

BOUNDS: tuple[Row, ...] = (
    (10121, lambda x: over(x.limits.max_ack_pending, x.config.max_ack_pending)),
    (10121, lambda x: over(x.limits.stream_max_ack_pending, x.config.max_ack_pending)),
    (10153, lambda x: too_long(x.limits.stream_inactive_threshold, x.config.inactive_threshold)),
    (10090, lambda x: x.config.direct and not x.config.push),
    (10091, lambda x: x.config.direct and x.config.durable),
)

REST: tuple[Row, ...] = (
    (10095, lambda x: bad_sampling(x.config.sample_freq)),
    (10108, lambda x: x.config.flow_control and not x.config.idle_heartbeat),
    (
        10132,
        lambda x: (
            bool(x.config.durable and x.config.name) and x.config.name != x.config.durable_name
        ),
    ),
    (10135, lambda x: metadata_size(x.config) > MAX_METADATA and {"limit": "128KB"}),
)


def by_flow_control(config: ConsumerConfig) -> bool:
    """Whether answers to flow control are its acknowledgements."""
    return config.ack_policy == "flow_control"


def has_wildcard(subject: str) -> bool:
    """Whether it stands for many subjects."""
    return bool({"*", ">"} & set(subject.split(".")))


def too_many_waits(config: ConsumerConfig) -> bool:
    """Whether there are more waits than deliveries (JS-CONS-CFG-014)."""
    return config.max_deliver != -1 and len(config.backoff) > max(config.max_deliver, 0)


def forms_cycle(config: ConsumerConfig, stream: StreamConfig) -> bool:
    """Whether the stream would store what the consumer delivers (JS-CONS-CFG-026)."""
    wanted = config.deliver_subject.encode()
    return any(subjects.collide(pattern.encode(), wanted) for pattern in stream.subjects)


def over(limit: int, value: int) -> dict[str, int] | None:
    """The limit, if it is broken; no limit at all, -1, is above every limit (JS-CONS-CFG-018)."""
    return {"limit": limit} if limit > 0 and not 0 <= value <= limit else None


def too_long(limit: int, nanoseconds: int) -> dict[str, str] | None:
    """The limit of a duration, if it is broken (JS-CONS-CFG-047)."""
    return {"limit": acks.spoken(limit)} if over(limit, nanoseconds) else None


def metadata_size(config: ConsumerConfig) -> int:
    """Bytes of keys and values, with those of the level, a digit, that the server keeps (JS-CONS-CFG-061)."""
    said = sum(len(key.encode()) + len(value.encode()) for key, value in config.metadata)
    return said + len(metadata.REQUIRED) + 1


def bad_sampling(text: str) -> dict[str, str] | None:
    """Why this is no share of acknowledgements (JS-CONS-CFG-042)."""
    if not text:
        return None
    number = text.removesuffix("%")
    if not re.fullmatch(r"[+-]?\d+", number, re.ASCII):
        return {"err": f'strconv.Atoi: parsing "{number}": invalid syntax'}
    if not fits(number):
        return {"err": f'strconv.Atoi: parsing "{number}": value out of range'}
    return {"err": "<nil>"} if number.startswith("-") and number.strip("-0") else None


def fits(number: str) -> bool:
    """Whether there is room for a number."""
    digits = number.lstrip("+-0")
    return len(digits) <= fields.MOST_DIGITS and int(digits or "0") < 1 << 63


def sampling(text: str) -> int:
    """The share of acknowledgements that are reported, in hundredths."""
    return int(text.removesuffix("%").lstrip("+-0") or "0")


def check_filters(config: ConsumerConfig) -> None:
    """Refuse filters that are wrong, or of which one holds another (JS-CONS-CFG-035 .. JS-CONS-CFG-039)."""
    if config.filter_subject and config.filter_subjects:
        raise ApiError(10136)
    if config.filter_subject and not valid_filter(config.filter_subject):
        raise ApiError(10052, err="invalid subject")
    if "" in config.filter_subjects:
        raise ApiError(10139)
    filters = [each.encode() for each in config.filters]
    for place, one in enumerate(filters):
        if not valid_filter(one.decode()):
            raise ApiError(10052, err="invalid subject")
        for other_place, other in enumerate(filters):
            if place != other_place and subjects.is_subset(one, other):
                raise ApiError(10138)


def valid_filter(subject: str) -> bool:
    """Whether it is a subject, with wildcards or without."""
    return subjects.valid_subscription(subject.encode())


def check_groups(config: ConsumerConfig) -> None:
    """Refuse priority groups that are wrong (JS-CONS-CFG-050 .. JS-CONS-CFG-052)."""
    if not config.priority_policy:
        if config.priority_groups:
            raise ApiError(10196)
        if config.priority_timeout > 0:
            raise ApiError(10197)
        return
    if config.push:
        raise ApiError(10178)
    if not config.priority_groups:
        raise ApiError(10159)
    for group in config.priority_groups:
        if not group:
            raise ApiError(10161)
        if not GROUP_NAME.fullmatch(group):
            raise ApiError(10162)
