"""What of a stream may change while it lives (JS-CFG-010 .. JS-CFG-025, JS-CFG-059, JS-STREAM-021)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.jetstream.config.checking import discard_per_subject, invalid
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.config import StreamConfig

#: A change that is refused, and in which words; in the server's order.
REFUSED: tuple[tuple[Callable[[StreamConfig, StreamConfig], bool], str], ...] = (
    (
        lambda old, new: new.storage != old.storage,
        "stream configuration update can not change storage type",
    ),
    (
        lambda old, new: (
            new.retention != old.retention and "workqueue" in {old.retention, new.retention}
        ),
        "stream configuration update can not change retention policy to/from workqueue",
    ),
    (
        lambda old, new: old.sealed and not new.sealed,
        "stream configuration update can not unseal a sealed stream",
    ),
    (
        lambda old, new: old.deny_delete and not new.deny_delete,
        "stream configuration update can not cancel deny message deletes",
    ),
    (
        lambda old, new: old.deny_purge and not new.deny_purge,
        "stream configuration update can not cancel deny purge",
    ),
)

LATER: tuple[tuple[Callable[[StreamConfig, StreamConfig], bool], str], ...] = (
    (
        lambda old, new: old.allow_msg_ttl and not new.allow_msg_ttl,
        "message TTL status can not be disabled",
    ),
    (
        lambda old, new: old.allow_msg_counter != new.allow_msg_counter,
        "stream configuration update can not change message counter setting",
    ),
    (
        lambda old, new: old.allow_msg_schedules and not new.allow_msg_schedules,
        "message schedules can not be disabled",
    ),
    (
        lambda old, new: old.persist_mode != new.persist_mode,
        "stream configuration update can not change persist mode",
    ),
)


def check(old: StreamConfig, new: StreamConfig) -> StreamConfig:
    """The configuration after an update to `new`, which is valid by itself.

    Raises:
        ApiError: a living stream can't become that.
    """
    if new.num_replicas > 1:
        raise ApiError(10074)
    refuse(REFUSED, old, new)
    if new.mirror is not None and new.mirror != old.mirror:
        raise ApiError(10055)
    discard_per_subject(new)
    refuse(LATER, old, new)
    return sealed(new) if new.sealed else new


def refuse(
    rows: tuple[tuple[Callable[[StreamConfig, StreamConfig], bool], str], ...],
    old: StreamConfig,
    new: StreamConfig,
) -> None:
    """Raise for the first row that applies."""
    for applies, text in rows:
        if applies(old, new):
            raise invalid(text)


def sealed(config: StreamConfig) -> StreamConfig:
    """What being sealed brings with it (JS-CFG-016)."""
    return replace(
        config,
        max_age=0,
        discard="new",
        deny_delete=True,
        deny_purge=True,
        allow_rollup_hdrs=False,
    )
