"""Faults of chapter 120: what of a consumer may change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import renumber, wrap

CONSUMER = "nats_reference.jetstream.consumer"
API = "nats_reference.jetstream.api"
CONFIG, CREATING = f"{CONSUMER}.config", f"{CONSUMER}.creating"
ENDPOINTS, UPDATES = f"{API}.consumers", f"{CONSUMER}.updates"

#: Requirements that a refusal with the wrong number breaks.
REFUSALS: tuple[tuple[str, int], ...] = (
    ("JS-CONS-UPD-002", 10012),
    ("JS-CONS-UPD-003", 10012),
    ("JS-CONS-UPD-005", 10012),
    ("JS-CONS-UPD-017", 10100),
    ("JS-CONS-UPD-018", 10116),
    ("JS-CONS-UPD-019", 10012),
)

renumber(REFUSALS)


@fault("JS-CONS-UPD-001", "what may change is changed before the rest is refused")
def half_done(patch: Patch) -> None:
    """The description, for one."""

    def change(original: Any, group: Any, consumer: Any, config: Any, *, action: str) -> Any:  # noqa: ANN401 - handed on
        consumer.config = replace(consumer.config, description=config.description)
        return original(group, consumer, config, action=action)

    wrap(patch, f"{CREATING}:change", change)


@fault("JS-CONS-UPD-004", "a description can't be changed")
def fixed_description(patch: Patch) -> None:
    """It stays as it was."""
    fixed = patch.original(f"{UPDATES}:FIXED")
    patch.attribute(f"{UPDATES}:FIXED", (*fixed, ("description", "description can not be updated")))


@fault("JS-CONS-UPD-004/group", "after an update of the group the old one is heard")
def old_group(patch: Patch) -> None:
    """For as long as the server runs."""
    groups: dict[Any, str] = {}

    def change(original: Any, group: Any, consumer: Any, config: Any, *, action: str) -> Any:  # noqa: ANN401 - handed on
        groups.setdefault(consumer, consumer.config.deliver_group)
        return original(group, consumer, config, action=action)

    def heard(_original: Any, consumer: Any) -> bool:  # noqa: ANN401 - handed on
        config = consumer.config
        member_of = groups.get(consumer, config.deliver_group)
        to = config.deliver_subject.encode()
        return bool(consumer.group.host.listening(to, member_of.encode()))

    wrap(patch, f"{CREATING}:change", change)
    wrap(patch, f"{CONSUMER}.pushing:heard", heard)


@fault("JS-CONS-UPD-006", "the deliver subject can be changed while it is heard")
def rude(patch: Patch) -> None:
    """Whoever listens gets nothing more."""
    wrap(
        patch,
        f"{UPDATES}:check_update",
        lambda check, old, new, _heard: check(old, new, lambda _subject: False),
    )


@fault("JS-CONS-UPD-007", "the same configuration is refused while it is heard")
def no_repeat(patch: Patch) -> None:
    """As if it were another."""

    def change(original: Any, group: Any, consumer: Any, config: Any, *, action: str) -> Any:  # noqa: ANN401 - handed on
        from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - a fault is seldom installed

        if consumer.active:
            raise ApiError(10013)
        return original(group, consumer, config, action=action)

    wrap(patch, f"{CREATING}:change", change)


@fault("JS-CONS-UPD-008", "room for more is not used before somebody asks")
def unused(patch: Patch) -> None:
    """After an update."""

    def change(original: Any, group: Any, consumer: Any, config: Any, *, action: str) -> Any:  # noqa: ANN401 - handed on
        found = original(group, consumer, config, action=action)
        group._ready.pop(consumer, None)  # noqa: SLF001 - a fault goes anywhere
        return found

    wrap(patch, f"{CREATING}:change", change)


@fault("JS-CONS-UPD-009", "a shorter wait holds for what is to come")
def later_only(patch: Patch) -> None:
    """Not for what is outstanding."""

    def take_effect(original: Any, consumer: Any, before: Any, *, asked: bool) -> None:  # noqa: ANN401 - handed on
        now = consumer.now()
        for entry in consumer.progress.pending.values():
            entry.since = now + before.ack_wait
        original(consumer, before, asked=asked)

    wrap(patch, f"{CREATING}:take_effect", take_effect)


@fault("JS-CONS-UPD-010", "with other filters a consumer begins again")
def rewinds(patch: Patch) -> None:
    """With the first message."""

    def refilter(original: Any, self: Any, consumer: Any, before: Any) -> None:  # noqa: ANN401 - handed on
        consumer.progress.next_stream = 1
        original(self, consumer, before)

    wrap(patch, f"{CONSUMER}.group:Group.refilter", refilter)


@fault("JS-CONS-UPD-011", "a filter can't be removed")
def keeps_filter(patch: Patch) -> None:
    """It stays in force."""

    def change(original: Any, group: Any, consumer: Any, config: Any, *, action: str) -> Any:  # noqa: ANN401 - handed on
        if not config.filters:
            config = replace(
                config,
                filter_subject=consumer.config.filter_subject,
                filter_subjects=consumer.config.filter_subjects,
            )
        return original(group, consumer, config, action=action)

    wrap(patch, f"{CREATING}:change", change)


@fault("JS-CONS-UPD-013", "with more deliveries exhausted messages come again")
def revives(patch: Patch) -> None:
    """As many times as are new."""

    def take_effect(original: Any, consumer: Any, before: Any, *, asked: bool) -> None:  # noqa: ANN401 - handed on
        original(consumer, before, asked=asked)
        own = consumer.progress
        if consumer.config.max_deliver > before.max_deliver:
            own.requeue(seq for seq in own.redeliveries if seq not in own.pending)

    wrap(patch, f"{CREATING}:take_effect", take_effect)
