"""How a consumer comes to be, changes, and comes back after a restart.

JS-CAPI-017 .. JS-CAPI-020, JS-CONS-CFG-049, JS-CONS-CFG-060, JS-CONS-UPD-001 .. JS-CONS-UPD-013, JS-RET-001, JS-RET-002,
JS-RET-008. What a request may ask for is checks.py and updates.py.
"""

from __future__ import annotations

import string
from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import (
    advisories,
    checks,
    interest,
    lifetime,
    persistence,
    position,
    pushing,
    redelivering,
    updates,
)
from nats_reference.jetstream.consumer import config as configs
from nats_reference.jetstream.consumer.consumer import Consumer
from nats_reference.jetstream.consumer.newest import Newest
from nats_reference.jetstream.errors import ApiError
from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.config import ConsumerConfig, Limits
    from nats_reference.jetstream.consumer.group import Group

#: Names that a server makes.
LETTERS = string.ascii_letters + string.digits
LENGTH = 8
#: What a stream may have that doesn't say how many (JS-CONS-CFG-060).
MAX_CONSUMERS = 1000


def create(
    group: Group,
    config: ConsumerConfig,
    limits: Limits,
    *,
    action: str = "",
    pedantic: bool = False,
) -> Consumer:
    """Create a consumer, or update the one of that name; `action` may forbid either.

    Raises:
        ApiError: it can't be.
    """
    stream = group.stream.config
    config = configs.with_defaults(config, limits, pedantic=pedantic)
    checks.check(config, stream, limits)
    name = config.durable_name or config.name
    existing = group.by_name.get(name) if name else None
    if existing is not None:
        return change(group, existing, config, action=action)
    if action == "update":
        raise ApiError(10149)
    check_room(group)
    check_partition(group, config, name)
    if len(config.durable_name.encode()) > checks.MAX_NAME:
        raise ApiError(10102, max=checks.MAX_NAME)
    name = name or made_up(group)
    asked = config.inactive_threshold > 0
    config = configs.with_threshold(replace(config, name=name))
    consumer = Consumer(group, name, config, group.host.clock.wall())
    start(group, consumer)
    persistence.write_config(group, consumer)
    begin(group, consumer, asked=asked)
    if not config.direct:
        advisories.made(consumer)
    return consumer


def begin(group: Group, consumer: Consumer, *, asked: bool) -> None:
    """Let it live."""
    group.add(consumer)
    pushing.begin(consumer)
    lifetime.begin(consumer, asked=asked)
    if consumer.progress.pending:
        redelivering.look_soon(consumer)
    consumer.wake()


def made_up(group: Group) -> str:
    """A name that no consumer of the stream has (JS-CAPI-003)."""
    while True:
        name = "".join(group.host.rng.choices(LETTERS, k=LENGTH))
        if name not in group.by_name:
            return name


def start(group: Group, consumer: Consumer) -> None:
    """Put it where its configuration says."""
    config, store = consumer.config, group.stream.store
    per_subject = group.stream.config.max_msgs_per_subject
    asked = position.Asked(config, store.index, start_time(config), per_subject)
    found = position.start(asked)
    consumer.progress.begin(found.sequence)
    consumer.newest, consumer.resume = Newest(found.newest), found.resume
    if config.replay_policy == "original":
        consumer.replay_until = store.index.last_seq


def start_time(config: ConsumerConfig) -> int:
    """opt_start_time in nanoseconds, 0 if it isn't given."""
    from nats_reference.jetstream import times  # noqa: PLC0415 - only few need it

    return times.nanoseconds(config.opt_start_time) if config.opt_start_time else 0


def check_room(group: Group) -> None:
    """Refuse one consumer too many (JS-CONS-CFG-049, JS-CONS-CFG-060)."""
    most = group.stream.config.max_consumers
    if most <= 0:
        most = MAX_CONSUMERS
    if most <= group.visible:
        raise ApiError(10026)


def check_partition(group: Group, config: ConsumerConfig, name: str) -> None:
    """On a work queue, refuse what another consumer would compete with (JS-RET-001, JS-RET-002)."""
    if group.stream.config.retention != "workqueue" or config.direct or config.sourcing:
        return
    if config.ack_policy not in {"explicit", "flow_control"}:
        raise ApiError(10098)
    if config.deliver_policy != "all":
        raise ApiError(10101)
    others = [each for each in group.by_name.values() if not each.config.direct]
    if not others:
        return
    if not config.filters:
        raise ApiError(10099)
    if not alone(group, config, name):
        raise ApiError(10100)


def alone(group: Group, config: ConsumerConfig, name: str) -> bool:
    """Whether no other consumer wants what this one wants."""
    mine = [each.encode() for each in config.filters] or [b">"]
    return not any(
        subjects.collide(one, other)
        for each in group.by_name.values()
        if each.name != name and not each.config.direct
        for other in each.filters or (b">",)
        for one in mine
    )


def change(group: Group, consumer: Consumer, config: ConsumerConfig, *, action: str) -> Consumer:
    """Update a consumer, all or nothing."""
    before = consumer.config
    asked = config.inactive_threshold > 0
    config = replace(config, name=consumer.name, pause_until=before.pause_until)
    config = configs.with_threshold(config)
    if action == "create" and config != before:
        raise ApiError(10148)
    if group.stream.config.retention == "workqueue" and not alone(group, config, consumer.name):
        raise ApiError(10100)
    if config == before:
        return consumer
    updates.check_update(before, config, lambda to: group.host.heard(to.encode()))
    if config.deliver_subject != before.deliver_subject:
        pushing.end(consumer)
    filters = consumer.filters
    consumer.configure(config)
    if consumer.filters != filters:
        group.refilter(consumer, filters)
    take_effect(consumer, before, asked=asked)
    persistence.write_config(group, consumer)
    group.unkept.add(consumer)
    consumer.wake()
    return consumer


def take_effect(consumer: Consumer, before: ConsumerConfig, *, asked: bool) -> None:
    """Let what has changed be felt at once (JS-CONS-UPD-006 .. JS-CONS-UPD-010)."""
    config = consumer.config
    if config.deliver_subject != before.deliver_subject:
        pushing.begin(consumer)
        redelivering.expire_all(consumer)
    elif config.deliver_group != before.deliver_group:
        pushing.look(consumer)
    if (config.ack_wait, config.backoff) != (before.ack_wait, before.backoff):
        redelivering.look_soon(consumer)
    if config.inactive_threshold != before.inactive_threshold:
        lifetime.begin(consumer, asked=asked)


def restore(group: Group) -> None:
    """Bring back the consumers that are kept (JS-RST-001)."""
    for name, created_ns, config in persistence.configurations(group):
        consumer = Consumer(group, name, config, created_ns)
        start(group, consumer)
        persistence.read(group, consumer)
        consumer.last_active_ns = group.host.clock.wall()
        begin(group, consumer, asked=config.inactive_threshold > 0)
    interest.settled(group)
