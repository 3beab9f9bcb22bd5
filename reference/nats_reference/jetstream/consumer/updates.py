"""What of a consumer may change while it lives (JS-CONS-UPD-001 .. JS-CONS-UPD-006, JS-CONS-UPD-018)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream import times
from nats_reference.jetstream.consumer.checks import too_many_waits
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.consumer.config import ConsumerConfig

#: Members that stay as they were made, and what is said of each, in the server's order.
FIXED: tuple[tuple[str, str], ...] = (
    ("deliver_policy", "deliver policy can not be updated"),
    ("mem_storage", "storage type can not be updated"),
    ("direct", "direct can not be updated"),
    ("sourcing", "sourcing can not be updated"),
    ("opt_start_seq", "start sequence can not be updated"),
    ("opt_start_time", "start time can not be updated"),
    ("ack_policy", "ack policy can not be updated"),
    ("replay_policy", "replay policy can not be updated"),
    ("idle_heartbeat", "heart beats can not be updated"),
    ("flow_control", "flow control can not be updated"),
)


def same(before: object, after: object) -> bool:
    """Whether two members say the same; a moment may be written in several ways."""
    if before == after:
        return True
    moments = isinstance(before, str) and isinstance(after, str) and "T" in before and "T" in after
    return moments and times.nanoseconds(str(before)) == times.nanoseconds(str(after))


def check_update(
    old: ConsumerConfig, new: ConsumerConfig, has_interest: Callable[[str], bool]
) -> None:
    """Refuse a change that a living consumer can't make.

    Raises:
        ApiError: 10012 for what is fixed, 10013 while somebody listens, 10116.
    """
    for name, complaint in FIXED:
        if same(getattr(old, name), getattr(new, name)):
            continue
        raise ApiError(10012, err=complaint)
    if old.deliver_subject != new.deliver_subject:
        if not old.push:
            raise ApiError(10012, err="can not update pull consumer to push based")
        if not new.push:
            raise ApiError(10012, err="can not update push consumer to pull based")
        if has_interest(old.deliver_subject):
            raise ApiError(10013)
    if old.max_waiting != new.max_waiting:
        raise ApiError(10012, err="max waiting can not be updated")
    if too_many_waits(new):
        raise ApiError(10116)
