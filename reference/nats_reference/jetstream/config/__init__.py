"""How a stream is configured: the members of `config` in the API, by their names there.

Durations are nanoseconds, limits -1 for none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SubjectTransform:
    """Subjects that match `src` become what `dest` makes of them."""

    src: str = ""
    dest: str = ""


@dataclass(frozen=True, slots=True)
class Republish:
    """Where stored messages are published again."""

    src: str = ""
    dest: str = ""
    headers_only: bool = False


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """One stream's configuration, normalised: nothing in it is left to a default."""

    name: str
    subjects: tuple[str, ...] = ()
    description: str = ""
    retention: str = "limits"
    max_consumers: int = -1
    max_msgs: int = -1
    max_bytes: int = -1
    max_age: int = 0
    max_msgs_per_subject: int = -1
    max_msg_size: int = -1
    discard: str = "old"
    discard_new_per_subject: bool = False
    storage: str = "file"
    num_replicas: int = 1
    no_ack: bool = False
    duplicate_window: int = 120_000_000_000
    placement: Mapping[str, Any] | None = None
    mirror: Mapping[str, Any] | None = None
    sources: tuple[Mapping[str, Any], ...] = ()
    compression: str = "none"
    first_seq: int = 0
    subject_transform: SubjectTransform | None = None
    republish: Republish | None = None
    sealed: bool = False
    deny_delete: bool = False
    deny_purge: bool = False
    allow_rollup_hdrs: bool = False
    allow_direct: bool = False
    mirror_direct: bool = False
    allow_msg_ttl: bool = False
    subject_delete_marker_ttl: int = 0
    allow_msg_counter: bool = False
    allow_atomic: bool = False
    allow_batched: bool = False
    allow_msg_schedules: bool = False
    persist_mode: str = "default"
    consumer_limits: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
