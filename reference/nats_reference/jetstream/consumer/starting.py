"""Which start goes with which deliver policy (JS-CONS-CFG-040, JS-CONS-CFG-041)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.config import ConsumerConfig

#: How the texts about start positions name each policy.
SPOKEN = {
    "all": "all",
    "last": "last",
    "new": "new",
    "last_per_subject": "last per subject",
    "by_start_sequence": "by start sequence",
    "by_start_time": "by start time",
}

#: What must stand beside each policy: the members, and their names in texts.
STARTS: dict[str, tuple[bool, bool]] = {
    "all": (False, False),
    "last": (False, False),
    "last_per_subject": (False, False),
    "new": (False, False),
    "by_start_sequence": (True, False),
    "by_start_time": (False, True),
}


def check_start(config: ConsumerConfig) -> None:
    """Refuse a start that doesn't fit the policy (JS-CONS-CFG-040, JS-CONS-CFG-041)."""
    policy = SPOKEN[config.deliver_policy]
    wants_sequence, wants_time = STARTS[config.deliver_policy]
    both = wants_sequence or wants_time
    sequence = "start sequence" if both else "sequence"
    if wants_sequence and not config.opt_start_seq:
        raise ApiError(10094, err=missing(policy, "start sequence"))
    if wants_time and not config.opt_start_time:
        raise ApiError(10094, err=missing(policy, "start time"))
    if config.opt_start_seq and not wants_sequence:
        raise ApiError(10094, err=surplus(policy, sequence))
    if config.opt_start_time and not wants_time:
        raise ApiError(10094, err=surplus(policy, "time"))
    if config.deliver_policy == "last_per_subject" and not config.filters:
        raise ApiError(10094, err=missing(policy, "filter subject"))


def missing(policy: str, what: str) -> str:
    """The text about a start that isn't given."""
    return f"consumer delivery policy is deliver {policy}, but optional {what} is not set"


def surplus(policy: str, what: str) -> str:
    """The text about a start that is given in vain."""
    return f"consumer delivery policy is deliver {policy}, but optional start {what} is also set"
