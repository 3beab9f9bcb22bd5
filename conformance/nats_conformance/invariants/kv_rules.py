"""What must hold of each message of a bucket: a function a rule, and what it says is wrong.

KV-INV-001, KV-INV-006, KV-INV-009, KV-INV-013, KV-INV-015, KV-INV-016, KV-INV-018,
KV-INV-019, KV-INV-025, KV-INV-034, JS-LIM-015. Each sees an entry, with the one before it of
the same key, and the bucket. Of a stream's own rules (`stream_rules`) none is repeated here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from nats_spec import kv
from nats_spec.kv import Kind

from .kv_log import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kv_log import BucketView, Entry


_OPERATION: Final = kv.OPERATION.lower()


class Rule(NamedTuple):
    """One rule."""

    requirement: str
    #: What is wrong with an entry, or None.
    see: Callable[[Entry, BucketView], str | None]
    #: Whether only clients think so, or the configuration may have been another: a remark.
    remark: bool = False
    #: Whether it has nothing to say of a message without fields.
    of_fields: bool = False


def is_of_the_bucket(entry: Entry, bucket: BucketView) -> str | None:
    """Its subject is a key's."""
    if entry.key is not None:
        return None
    return f"its subject is {entry.subject}, and does not begin with {kv.subject(bucket.name, '')}"


def has_a_key_for_clients(entry: Entry, _bucket: BucketView) -> str | None:
    """Clients in all languages can say its key."""
    if entry.key is None or kv.valid_key(entry.key):
        return None
    return "clients refuse this key"


def has_a_meaning(entry: Entry, _bucket: BucketView) -> str | None:
    """It is a value or an end: its block can be read, its operation is known."""
    if (wrong := entry.fields.get(UNREADABLE)) is not None:
        return f"clients can't read its fields: {wrong}"
    operation = entry.fields.get(kv.OPERATION)
    if operation:
        known = operation in kv.OPERATIONS
        return None if known else f"nobody knows the operation {operation!r}"
    for name in entry.fields:
        if name != kv.OPERATION and name.lower() == _OPERATION:
            return f"nobody knows the field {name}: it is {kv.OPERATION}"
    return None


def is_an_empty_deletion(entry: Entry, _bucket: BucketView) -> str | None:
    """A deletion has no value, and leaves what was before it."""
    if entry.fields.get(kv.OPERATION) != "DEL":
        return None
    if entry.length:
        return f"a deletion of {entry.length} bytes"
    return _rolls("a deletion", entry)


def is_a_whole_purge(entry: Entry, _bucket: BucketView) -> str | None:
    """A purge has no value, rolls its key up, and so is the only message up to there."""
    if entry.fields.get(kv.OPERATION) != "PURGE":
        return None
    return _end("a purge", entry)


def is_a_whole_marker(entry: Entry, _bucket: BucketView) -> str | None:
    """A server's marker is like a purge, for a reason that is known."""
    reason = entry.fields.get(kv.REASON)
    if not reason or entry.fields.get(kv.OPERATION):
        return None
    if reason not in kv.REASONS:
        return f"nobody knows the reason {reason!r}"
    return _end("a marker", entry)


def _end(what: str, entry: Entry) -> str | None:
    if entry.length:
        return f"{what} of {entry.length} bytes"
    rollup = entry.fields.get(kv.ROLLUP)
    if rollup is None or rollup.lower() != "sub":
        return f"{what} with {kv.ROLLUP} {rollup!r}" if rollup else f"{what} without {kv.ROLLUP}"
    if entry.before is not None:
        return f"{what}, and message {entry.before.seq} of the key is still there"
    return None


def _rolls(what: str, entry: Entry) -> str | None:
    """Why more is gone than may be."""
    rollup = entry.fields.get(kv.ROLLUP)
    if not rollup:
        return None
    gone = "all other keys" if rollup.lower() == "all" else "the history of its key"
    return f"{what} with {kv.ROLLUP} {rollup!r}: {gone} went for it"


def follows_what_it_expected(entry: Entry, bucket: BucketView) -> str | None:
    """Who expected a revision replaced it: the accepted revisions are a chain."""
    value = entry.fields.get(kv.EXPECTED)
    elsewhere = kv.EXPECTED + "-Subject" in entry.fields or bucket.copies
    if not value or elsewhere or entry.key is None:
        return None
    if not (value.isascii() and value.isdigit()) or int(value) >= entry.seq:
        return f"it expected revision {value!r}, which was not there yet"
    expected, before = int(value), entry.before
    if before is None or before.seq == expected:
        return None
    if before.seq > expected:
        return f"it expected revision {expected}, and message {before.seq} lies between"
    if bucket.only_oldest_go:
        return f"it expected revision {expected}, which is gone, and {before.seq} before it is not"
    return None


def lives_as_long_as_it_may(entry: Entry, _bucket: BucketView) -> str | None:
    """Only what is created and purged has a time to live."""
    if not entry.fields.get(kv.TTL) or kv.REASON in entry.fields:
        return None
    if entry.kind is Kind.DELETE:
        return f"a deletion with {kv.TTL}"
    if entry.kind is not Kind.PUT:
        return None
    before = entry.before
    replaced = before is not None and not before.ends
    if entry.fields.get(kv.EXPECTED) is None or replaced:
        return f"a put that was no creation with {kv.TTL}"
    return None


def is_within_the_history(entry: Entry, bucket: BucketView) -> str | None:
    """A key has no more messages than the history, and no value takes it away."""
    if entry.fields and entry.kind is Kind.PUT and (text := _rolls("a value", entry)) is not None:
        return text
    count = 1 + (entry.before.number if entry.before else 0)
    if not 0 < bucket.history < count:
        return None
    return f"it is number {count} of its key, the history is {bucket.history}"


def is_small_enough(entry: Entry, bucket: BucketView) -> str | None:
    """A value is no larger than values may be."""
    if not 0 < bucket.largest < entry.size:
        return None
    return f"it has {entry.size} bytes with its fields, {bucket.largest} are allowed"


def is_young_enough(entry: Entry, bucket: BucketView) -> str | None:
    """Nothing is older than the TTL of the bucket, unless it never expires."""
    if entry.time >= bucket.oldest or entry.fields.get(kv.TTL, "").lower() == "never":
        return None
    age, ttl = bucket.stream.now - entry.time, bucket.stream.limit("max_age")
    return f"it is {age / kv.SECOND:.1f} s old, the TTL is {ttl / kv.SECOND:g} s"


RULES: Final = (
    Rule("KV-INV-001", is_of_the_bucket),
    Rule("KV-INV-006", has_a_key_for_clients, remark=True),
    Rule("KV-INV-009", has_a_meaning, of_fields=True),
    Rule("KV-INV-013", follows_what_it_expected, of_fields=True),
    Rule("KV-INV-015", is_an_empty_deletion, of_fields=True),
    Rule("KV-INV-016", is_a_whole_purge, of_fields=True),
    Rule("KV-INV-018", lives_as_long_as_it_may, of_fields=True),
    Rule("KV-INV-019", is_within_the_history),
    Rule("KV-INV-025", is_a_whole_marker, of_fields=True),
    Rule("KV-INV-034", is_small_enough, remark=True),
    Rule("JS-LIM-015", is_young_enough),
)
