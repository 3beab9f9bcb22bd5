"""What a key-value bucket is made of: its stream, its subjects, what a message on a key means.

KV-INV-001 .. KV-INV-006, KV-INV-009, KV-INV-025. Names and keys are kv.lark. Leaves out what
may come of all that (`model.kv`) and in which order it is said (chapter 130).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from nats_spec.recogniser import recogniser

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The field that makes a message the end of a key.
OPERATION: Final = "KV-Operation"
#: The field of a server's own marker.
REASON: Final = "Nats-Marker-Reason"
EXPECTED: Final = "Nats-Expected-Last-Subject-Sequence"
TTL: Final = "Nats-TTL"
ROLLUP: Final = "Nats-Rollup"
#: What a purge says besides its operation.
ROLLED: Final[Mapping[str, str]] = {ROLLUP: "sub"}
#: Values of one key that a bucket may keep.
MAX_HISTORY: Final = 64
SECOND: Final = 1_000_000_000
#: A duplicate window is not longer than that, nor than the TTL of its bucket.
MAX_WINDOW: Final = 120 * SECOND

_STREAM: Final = "KV_"


class Kind(Enum):
    """What a message on a key says."""

    PUT = "PUT"  #: this is the value
    DELETE = "DEL"  #: there is none any more; what was before can be seen in the history
    PURGE = "PURGE"  #: there is none any more, and was none

    @property
    def ends(self) -> bool:
        """Whether the key has no value then."""
        return self is not Kind.PUT


#: What the reasons of servers' markers mean.
REASONS: Final[Mapping[str, Kind]] = {
    "MaxAge": Kind.PURGE,
    "Purge": Kind.PURGE,
    "Remove": Kind.DELETE,
}
OPERATIONS: Final[Mapping[str, Kind]] = {"DEL": Kind.DELETE, "PURGE": Kind.PURGE}


def valid_bucket(name: str) -> bool:
    """Whether clients let a bucket have this name (KV-INV-001)."""
    return _is("bucket", name)


def valid_key(key: str) -> bool:
    """Whether clients let a key be this (KV-INV-006)."""
    return _is("key", key)


def valid_filter(text: str) -> bool:
    """Whether clients let this be watched (KV-INV-024)."""
    return _is("filter", text)


def _is(rule: str, text: str) -> bool:
    return recogniser("kv", rule).match(text.encode(errors="replace")) is not None


def stream(bucket: str) -> str:
    """The stream that a bucket is."""
    return _STREAM + bucket


def bucket_of(name: str) -> str | None:
    """The bucket that a stream is by its name, or None."""
    return name.removeprefix(_STREAM) if name.startswith(_STREAM) else None


def subject(bucket: str, key: str) -> str:
    """The subject of a key, or of a filter of keys."""
    return f"$KV.{bucket}.{key}"


def key_of(bucket: str, subject: str) -> str | None:
    """The key that a subject is, or None."""
    prefix = f"$KV.{bucket}."
    return subject.removeprefix(prefix) if subject.startswith(prefix) else None


def config(
    bucket: str,
    *,
    history: int = 1,
    ttl: int = 0,
    markers: int = 0,
    max_bytes: int = -1,
    max_value_size: int = -1,
    **more: Any,  # noqa: ANN401 - JSON
) -> dict[str, Any]:
    """The configuration of a bucket's stream (KV-INV-002 .. KV-INV-005); durations in nanoseconds."""
    made: dict[str, Any] = {
        "name": stream(bucket),
        "subjects": [subject(bucket, ">")],
        "max_msgs_per_subject": history or 1,
        "max_bytes": max_bytes,
        "max_msg_size": max_value_size,
        "max_age": ttl,
        "duplicate_window": min(ttl, MAX_WINDOW) or MAX_WINDOW,
        "discard": "new",
        "allow_rollup_hdrs": True,
        "deny_delete": True,
        "allow_direct": True,
    }
    if markers:
        made |= {"allow_msg_ttl": True, "subject_delete_marker_ttl": markers}
    return made | more


def kind(fields: Mapping[str, str]) -> Kind | None:
    """What a message with these fields says; None if it says what nobody knows.

    A client's operation goes before a server's reason (KV-INV-009, KV-INV-025).
    """
    operation, reason = fields.get(OPERATION), fields.get(REASON)
    if operation:
        return OPERATIONS.get(operation)
    if reason:
        return REASONS.get(reason)
    return Kind.PUT
