"""What the server itself writes into metadata (JS-STREAM-010, JS-STREAM-011, JS-CFG-061)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference import info
from nats_reference import options as option_defaults

if TYPE_CHECKING:
    from nats_reference.jetstream.config import StreamConfig

VERSION = "_nats.ver"
LEVEL = "_nats.level"
REQUIRED = "_nats.req.level"
OWN = frozenset({VERSION, LEVEL, REQUIRED})

#: Members that need an API level, and which.
LEVELS: tuple[tuple[str, int], ...] = (
    ("allow_msg_ttl", 1),
    ("subject_delete_marker_ttl", 1),
    ("allow_msg_counter", 2),
    ("allow_atomic", 2),
    ("allow_msg_schedules", 2),
    ("allow_batched", 4),
)


def required_level(config: StreamConfig) -> int:
    """The API level that the configuration needs."""
    levels = [level for name, level in LEVELS if getattr(config, name)]
    return max([*levels, 2 if config.persist_mode == "async" else 0])


def own(level: int) -> dict[str, str]:
    """The server's version and level, and the level that is needed."""
    return {LEVEL: str(info.API_LEVEL), REQUIRED: str(level), VERSION: option_defaults.VERSION}


def stamped(config: StreamConfig) -> StreamConfig:
    """The configuration with what is kept of that: the level that it needs."""
    kept = {key: value for key, value in config.metadata.items() if key not in OWN}
    return replace(config, metadata=kept | {REQUIRED: str(required_level(config))})


def shown(config: StreamConfig) -> dict[str, str]:
    """The metadata of an answer."""
    whole = dict(config.metadata) | own(required_level(config))
    return dict(sorted(whole.items()))
