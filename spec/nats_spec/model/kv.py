"""What a bucket is: a dictionary with a history, and a number for every change.

A pure fold: each function takes a bucket and gives the next one. KV-INV-007 .. KV-INV-017,
KV-INV-019, KV-INV-021, KV-INV-022, KV-INV-026. Leaves out time (TTL, markers of servers) and
what is too large.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nats_spec.kv import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one key."""

    revision: int
    kind: Kind = Kind.PUT
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Keys and what is kept of them."""

    #: Entries that a key may have.
    history: int = 1
    #: The last revision that was used.
    last: int = 0
    #: Of each key its entries, oldest first; never none.
    keys: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)


def newest(bucket: Bucket, key: str) -> Entry | None:
    """The newest entry of a key, a marker or not (KV-INV-009)."""
    return bucket.keys[key][-1] if key in bucket.keys else None


def revision(bucket: Bucket, key: str) -> int:
    """The revision that a write of this key has to expect; 0 if there is no entry."""
    entry = newest(bucket, key)
    return entry.revision if entry else 0


def get(bucket: Bucket, key: str) -> bytes | None:
    """The value of a key, if it has one."""
    entry = newest(bucket, key)
    return entry.value if entry and not entry.kind.ends else None


def write(
    bucket: Bucket, key: str, kind: Kind, value: bytes = b"", expected: int | None = None
) -> tuple[Bucket, int]:
    """Put, delete or purge; the revision, 0 if another is `expected` than there is (KV-INV-013)."""
    if expected is not None and expected != revision(bucket, key):
        return bucket, 0
    entry = Entry(bucket.last + 1, kind, value)
    before = () if kind is Kind.PURGE else bucket.keys.get(key, ())
    kept = (*before, entry)[-bucket.history :]
    return replace(bucket, last=entry.revision, keys={**bucket.keys, key: kept}), entry.revision


def clear(bucket: Bucket, key: str, keep: int = 0) -> tuple[Bucket, int]:
    """Purge the stream of a key but for its newest entries; how many went (KV-INV-026)."""
    entries = bucket.keys.get(key, ())
    kept = entries[-keep:] if keep else ()
    others = {name: each for name, each in bucket.keys.items() if name != key}
    keys = others | {key: kept} if kept else others
    return replace(bucket, keys=keys), len(entries) - len(kept)


def entries(bucket: Bucket) -> list[tuple[str, Entry]]:
    """All that is kept, in the order of revisions (KV-INV-022)."""
    found = [(key, entry) for key, each in bucket.keys.items() for entry in each]
    return sorted(found, key=lambda pair: pair[1].revision)


def living(bucket: Bucket) -> list[str]:
    """The keys that have a value, in the order of their revisions (KV-INV-021)."""
    return [
        key
        for key, entry in entries(bucket)
        if entry == newest(bucket, key) and not entry.kind.ends
    ]
