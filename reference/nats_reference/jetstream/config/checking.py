"""What a stream's configuration becomes, or why it is refused: one step after another.

JS-CFG-001 .. JS-CFG-009, JS-CFG-018, JS-CFG-026 .. JS-CFG-033, JS-STREAM-003, JS-STREAM-008, in the
order in which nats-server looks. Origins (mirror and sources) are origins.py, subjects capturing.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream.config import capturing, origins
from nats_reference.jetstream.errors import ApiError
from nats_spec import names

if TYPE_CHECKING:
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.config.context import Context

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
#: JS-CFG-007, in nanoseconds.
DUPLICATE_WINDOW = 120 * SECOND
SHORTEST = 100 * MILLISECOND
MAX_NAME = 255
MAX_DESCRIPTION = 4096
MAX_METADATA = 128 * 1024
MAX_REPLICAS = 5

#: Members that count, of which 0 and less mean none (JS-CFG-002, JS-CFG-003), in the server's order.
COUNTS = ("max_msgs", "max_msgs_per_subject", "max_bytes", "max_msg_size", "max_consumers")


def check(config: StreamConfig, context: Context) -> StreamConfig:
    """The configuration with everything decided.

    Raises:
        ApiError: it can't be; 10052 where no other number fits.
    """
    for step in STEPS:
        config = step(config, context)
    return config


def invalid(text: str) -> ApiError:
    """The refusal of a configuration, for which the text alone says why."""
    return ApiError(10052, err=text)


def pedantic(context: Context, text: str) -> None:
    """In pedantic mode, refuse to decide for the client."""
    if context.pedantic:
        raise ApiError(10157, err=text)


def name_and_words(config: StreamConfig, _context: Context) -> StreamConfig:
    """Name, description, metadata (JS-STREAM-003, JS-CFG-009)."""
    if not names.valid(config.name):
        raise invalid("stream name is required and can not contain '.', '*', '>', '\\', '/'")
    if len(config.name.encode()) > MAX_NAME:
        raise invalid(f"stream name is too long, maximum allowed is {MAX_NAME}")
    if len(config.description.encode()) > MAX_DESCRIPTION:
        raise invalid(f"stream description is too long, maximum allowed is {MAX_DESCRIPTION}")
    size = sum(len(key.encode()) + len(value.encode()) for key, value in config.metadata.items())
    if size > MAX_METADATA:
        raise invalid(f"stream metadata exceeds maximum size of {MAX_METADATA} bytes")
    return config


def replicas(config: StreamConfig, _context: Context) -> StreamConfig:
    """How often it is kept, and in files if nothing is said (JS-STREAM-008, JS-CFG-001)."""
    if config.num_replicas > MAX_REPLICAS:
        raise invalid(f"maximum replicas is {MAX_REPLICAS}")
    if config.num_replicas < 0:
        raise ApiError(10133)
    return replace(config, num_replicas=config.num_replicas or 1, storage=config.storage or "file")


def counts(config: StreamConfig, context: Context) -> StreamConfig:
    """Limits that are none (JS-CFG-002, JS-CFG-003)."""
    changed: dict[str, Any] = {}
    for name in COUNTS:
        value = getattr(config, name)
        if value < -1:
            pedantic(context, f"{name} must be set to -1")
        changed[name] = value if value > 0 else -1
    return replace(config, **changed)


def ages(config: StreamConfig, context: Context) -> StreamConfig:
    """max_age and the window of duplicates (JS-CFG-005 .. JS-CFG-007)."""
    if config.max_age < 0:
        raise invalid("max age can not be negative")
    if 0 < config.max_age < SHORTEST:
        raise invalid("max age needs to be >= 100ms")
    if not (config.duplicate_window or config.mirror or config.sources):
        config = replace(config, duplicate_window=default_window(config, context))
    window, limit = config.duplicate_window, context.max_duplicate_window
    if window < 0:
        raise invalid("duplicates window can not be negative")
    if 0 < config.max_age < window:
        raise invalid("duplicates window can not be larger then max age")
    if 0 < limit < window:
        raise invalid(
            f"duplicates window can not be larger then server limit of {context.spoken(limit)}"
        )
    if 0 < window < SHORTEST:
        raise invalid("duplicates window needs to be >= 100ms")
    return config


def default_window(config: StreamConfig, context: Context) -> int:
    """The window that nobody asked for (JS-CFG-007)."""
    window = DUPLICATE_WINDOW
    if 0 < context.max_duplicate_window < window:
        pedantic(context, "duplicate window limits are higher than current limits")
        window = context.max_duplicate_window
    if 0 < config.max_age < window:
        pedantic(context, "duplicate window cannot be bigger than max age")
        window = config.max_age
    return window


def permissions(config: StreamConfig, _context: Context) -> StreamConfig:
    """What goes with what: roll-ups, counters, discarding (JS-CFG-018, JS-CFG-026, JS-CFG-030)."""
    if config.deny_purge and config.allow_rollup_hdrs:
        raise invalid("roll-ups require the purge permission")
    if config.allow_msg_counter:
        for applies, text in (
            (config.discard == "new", "cannot use discard new"),
            (config.allow_msg_ttl, "cannot use message TTLs"),
            (config.allow_msg_schedules, "cannot use message schedules"),
            (config.retention != "limits", "can only use limits retention"),
        ):
            if applies:
                raise invalid(f"counter stream {text}")
    discard_per_subject(config)
    return config


def discard_per_subject(config: StreamConfig) -> None:
    """discard_new_per_subject needs both that it speaks of (JS-CFG-026)."""
    if config.discard_new_per_subject:
        if config.discard != "new":
            raise invalid("discard new per subject requires discard new policy to be set")
        if config.max_msgs_per_subject <= 0:
            raise invalid("discard new per subject requires max msgs per subject > 0")


def markers(config: StreamConfig, context: Context) -> StreamConfig:
    """Delete markers and schedules, which need roll-ups (JS-CFG-027 .. JS-CFG-029)."""
    lifetime = config.subject_delete_marker_ttl
    if lifetime < 0:
        raise invalid("subject delete marker TTL must not be negative")
    if lifetime:
        if lifetime < SECOND:
            raise invalid("subject delete marker TTL must be at least 1 second")
        if not config.allow_msg_ttl:
            insist(context, "subject delete marker cannot be set if message TTLs are disabled")
            config = replace(config, allow_msg_ttl=True)
        config = with_rollups(config, context, "subject delete marker")
    if config.allow_msg_schedules:
        if config.discard == "new":
            raise invalid("message scheduling cannot use discard new")
        config = with_rollups(config, context, "message scheduling")
    return config


def insist(context: Context, text: str) -> None:
    """In pedantic mode, refuse to switch on what the client left off."""
    if context.pedantic:
        raise invalid(text)


def with_rollups(config: StreamConfig, context: Context, what: str) -> StreamConfig:
    """Switch roll-ups on, and the ban on purges off."""
    if config.allow_rollup_hdrs:
        return config
    insist(context, f"{what} cannot be set if roll-ups are disabled")
    return replace(config, allow_rollup_hdrs=True, deny_purge=False)


def persistence(config: StreamConfig, _context: Context) -> StreamConfig:
    """persist_mode async (JS-CFG-031)."""
    if config.persist_mode == "async":
        if config.storage != "file":
            raise invalid("async persist mode is only supported on file storage")
        if config.num_replicas > 1:
            raise invalid("async persist mode is not supported on replicated streams")
        if config.allow_atomic:
            raise invalid("async persist mode is not supported with atomic batch publish")
    return config


def placement(config: StreamConfig, _context: Context) -> StreamConfig:
    """Where it should be, which a single server does not mind (JS-CFG-033)."""
    if config.placement and config.placement.get("preferred"):
        raise invalid("preferred server not permitted in placement")
    return config


STEPS = (
    name_and_words,
    replicas,
    counts,
    ages,
    permissions,
    markers,
    persistence,
    origins.check_mirror,
    origins.check_sources,
    origins.check_prefixes,
    origins.check_cycles,
    capturing.check_subjects,
    capturing.check_reservation,
    capturing.check_transform,
    capturing.check_republish,
    placement,
)
