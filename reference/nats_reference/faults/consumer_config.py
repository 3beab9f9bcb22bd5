"""Faults of chapter 120: how a consumer may be configured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.configured import configured, refused_if
from nats_reference.faults.tables import Change, register, renumber, wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.config import ConsumerConfig

CONSUMER = "nats_reference.jetstream.consumer"
API = "nats_reference.jetstream.api"
CONFIG, CREATING = f"{CONSUMER}.config", f"{CONSUMER}.creating"
ENDPOINTS, UPDATES = f"{API}.consumers", f"{CONSUMER}.updates"

#: Requirements that a refusal with the wrong number breaks.
REFUSALS: tuple[tuple[str, int], ...] = (
    ("JS-CONS-CFG-002", 10127),
    ("JS-CONS-CFG-003", 10102),
    ("JS-CONS-CFG-014", 10116),
    ("JS-CONS-CFG-015", 10184),
    ("JS-CONS-CFG-017", 10157),
    ("JS-CONS-CFG-018", 10121),
    ("JS-CONS-CFG-019", 10082),
    ("JS-CONS-CFG-021", 10157),
    ("JS-CONS-CFG-022", 10115),
    ("JS-CONS-CFG-023", 10125),
    ("JS-CONS-CFG-024", 10086),
    ("JS-CONS-CFG-026", 10079),
    ("JS-CONS-CFG-028", 10083),
    ("JS-CONS-CFG-029", 10108),
    ("JS-CONS-CFG-030", 10107),
    ("JS-CONS-CFG-031", 10135),
    ("JS-CONS-CFG-035", 10136),
    ("JS-CONS-CFG-037", 10138),
    ("JS-CONS-CFG-039", 10052),
    ("JS-CONS-CFG-040", 10094),
    ("JS-CONS-CFG-041", 10094),
    ("JS-CONS-CFG-042", 10095),
    ("JS-CONS-CFG-043", 10133),
    ("JS-CONS-CFG-048", 10157),
    ("JS-CONS-CFG-049", 10026),
    ("JS-CONS-CFG-050", 10159),
    ("JS-CONS-CFG-051", 10162),
    ("JS-CONS-CFG-052", 10178),
    ("JS-CONS-CFG-055", 10218),
)

renumber(REFUSALS)

CHANGES: tuple[Change, ...] = (
    ("JS-CONS-CFG-010", "an acknowledgement may take a minute", f"{CONFIG}:ACK_WAIT", 60_000_000_000),
    ("JS-CONS-CFG-016", "500 messages may be outstanding", f"{CONFIG}:MAX_ACK_PENDING", 500),
    ("JS-CONS-CFG-020", "256 requests may wait", f"{CONFIG}:MAX_WAITING", 256),
    ("JS-CONS-CFG-047", "an unused consumer lives for six seconds", f"{CONFIG}:INACTIVE_THRESHOLD", 6_000_000_000),
    ("JS-CONS-CFG-060", "a stream takes a thousand and one consumers", f"{CREATING}:MAX_CONSUMERS", 1001),
    ("JS-CONS-CFG-054", "a pin lasts for a minute", f"{CONFIG}:PRIORITY_TIMEOUT", 60_000_000_000),
    ("JS-CONS-CFG-001", "any character is good in a name", f"{CONSUMER}.checks:bad_name", lambda _name, _kind: None),
    ("JS-CONS-CFG-033", "no consumer needs a level", f"{CONSUMER}.information:required_level", lambda _consumer: 0),
    ("JS-CONS-CFG-034", "the server's metadata makes a difference", f"{CONFIG}:OWN_KEYS", frozenset()),
)  # fmt: skip

register(CHANGES)


@fault("JS-CONS-CFG-004", "a dollar sign is refused")
def no_dollar(patch: Patch) -> None:
    """And so is what is no ASCII."""
    refused_if(patch, lambda config: "$" in config.name or not config.name.isascii())


@fault("JS-CONS-CFG-062", "bytes that are no text are all alike")
def alike(patch: Patch) -> None:
    """In a name."""
    patch.attribute(
        "nats_reference.jetstream.api.dispatch:text", lambda name: name.decode(errors="replace")
    )


@fault("JS-CONS-CFG-061", "what the server says doesn't count")
def free_level(patch: Patch) -> None:
    """Only what the request says."""
    wrap(patch, f"{CONSUMER}.checks:metadata_size", lambda size, config: size(config) - 16)


@fault("JS-CONS-CFG-058", "a percent sign is refused")
def no_percent(patch: Patch) -> None:
    """In a name."""
    refused_if(patch, lambda config: "%" in config.name)


@fault("JS-CONS-CFG-059", "two names are refused")
def one_name(patch: Patch) -> None:
    """Even if the subject says which."""

    def read(original: Any, request: Any) -> Any:  # noqa: ANN401 - handed on
        from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - a fault is seldom installed

        found = original(request)
        names = {found["config"].get("name"), found["config"].get("durable_name")} - {None, ""}
        if len(names) > 1:
            raise ApiError(10132)
        return found

    wrap(patch, f"{ENDPOINTS}:read", read)


@fault("JS-CONS-CFG-007", "undefined is no policy")
def undefined(patch: Patch) -> None:
    """It is kept as it is said."""

    def read(original: Any, members: Any) -> Any:  # noqa: ANN401 - handed on
        found = original(members)
        if members.get("deliver_policy") == "undefined":
            return replace(found, deliver_policy="last")
        return found

    wrap(patch, f"{CONFIG}:from_json", read)


def policy(name: str, usual: str, other: str) -> Any:  # noqa: ANN401 - what a fault installs
    """A fault: what is not said means something else."""

    def install(patch: Patch) -> None:
        wrap(
            patch,
            f"{CONFIG}:from_json",
            lambda read, members: (
                read(members) if name in members else replace(read(members), **{name: other})
            ),
        )

    install.__doc__ = f"{other} instead of {usual}."
    return install


fault("JS-CONS-CFG-008", "by default everything is acknowledged")(
    policy("ack_policy", "none", "explicit")
)
fault("JS-CONS-CFG-009", "by default gaps are kept")(policy("replay_policy", "instant", "original"))


@fault("JS-CONS-CFG-011", "a wait has a millisecond at least")
def a_millisecond(patch: Patch) -> None:
    """Shorter ones become that."""
    configured(
        patch,
        lambda config: (
            replace(config, ack_wait=1_000_000) if 0 < config.ack_wait < 1_000_000 else config
        ),
    )


@fault("JS-CONS-CFG-012", "deliveries without a limit are 0")
def zero(patch: Patch) -> None:
    """As they were asked for."""
    configured(patch, lambda config: replace(config, max_deliver=max(config.max_deliver, 0)))


@fault("JS-CONS-CFG-013", "the wait stays as it was said")
def own_wait(patch: Patch) -> None:
    """Whatever the backoff begins with."""
    wrap(
        patch,
        f"{CONFIG}:waiting_defaults",
        lambda decide, config, *arguments, **named: replace(
            decide(config, *arguments, **named), ack_wait=config.ack_wait or 30_000_000_000
        ),
    )


@fault("JS-CONS-CFG-027", "a deliver subject may be no stream's")
def any_streams(patch: Patch) -> None:
    """Not only its own."""

    def create(original: Any, group: Any, config: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - a fault is seldom installed

        route = group.host.server.interest.route(config.deliver_subject.encode())
        if config.deliver_subject and route.sinks:
            raise ApiError(10081)
        return original(group, config, *arguments, **named)

    wrap(patch, f"{CREATING}:create", create)


@fault("JS-CONS-CFG-036", "a list of one filter becomes a filter")
def folded(patch: Patch) -> None:
    """No list."""

    def fold(config: ConsumerConfig) -> ConsumerConfig:
        if len(config.filter_subjects) == 1:
            return replace(config, filter_subject=config.filter_subjects[0], filter_subjects=())
        return config

    configured(patch, fold)


@fault("JS-CONS-CFG-038", "filters that cross are refused")
def no_crossing(patch: Patch) -> None:
    """As if one held the other."""
    from nats_spec import subjects  # noqa: PLC0415 - a fault is seldom installed

    def cross(config: ConsumerConfig) -> bool:
        filters = [each.encode() for each in config.filters]
        return any(
            subjects.collide(one, other) and not subjects.is_subset(one, other)
            for place, one in enumerate(filters)
            for other in filters[place + 1 :]
        )

    refused_if(patch, cross)


@fault("JS-CONS-CFG-046", "the state of every consumer is kept in files")
def always_kept(patch: Patch) -> None:
    """Where its stream is."""
    patch.attribute(
        f"{CONSUMER}.persistence:kept",
        lambda group, _consumer: group.stream.store.kind == "file",
    )


@fault("JS-CONS-CFG-056", "acknowledgement by flow control wants everything said")
def says_nothing(patch: Patch) -> None:
    """Nothing is taken as said."""

    def decide(original: Any, config: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        found = original(config, *arguments, **named)
        return replace(
            found, flow_control=config.flow_control, idle_heartbeat=max(config.idle_heartbeat, 0)
        )

    wrap(patch, f"{CONFIG}:with_defaults", decide)


@fault("JS-CONS-CFG-032", "a client may write the server's metadata")
def foreign_metadata(patch: Patch) -> None:
    """The server adds nothing of its own."""
    patch.attribute(f"{CONFIG}:OWN_KEYS", frozenset())
    patch.attribute(f"{CONSUMER}.information:own_key", lambda _key: False)
    patch.attribute("nats_reference.jetstream.outlet:Outlet.metadata", lambda _self, _level: {})
