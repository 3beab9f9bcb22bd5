"""What must hold of the content of objects: their chunks, and whose they are.

OBJ-INV-002, OBJ-INV-003, OBJ-INV-005 .. OBJ-INV-008, OBJ-INV-011. One thing wrong is told once: of an
object whose chunks are too few nobody says besides that their bytes are too few.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

from nats_spec import objects

from .objects_rules import Breach, proves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_spec.objects import Metadata

    from .objects_log import Bucket, Chunks, Entry

#: Nanoseconds for which chunks may wait for their metadata.
UNDER_WAY: Final = 60 * 10**9
#: Makes base64 base64url.
_ALPHABET: Final = str.maketrans("+/", "-_")


def contents(bucket: Bucket) -> Iterator[tuple[Entry, Metadata, Chunks | None]]:
    """Every object that has content, and its chunks."""
    for entry in bucket.entries.values():
        if entry.meta is not None and entry.meta.live:
            yield entry, entry.meta, bucket.chunks.get(entry.meta.nuid)


# ---- The content of an object ------------------------------------------------------


@proves("OBJ-INV-002")
def chunks_are_small_enough(bucket: Bucket) -> Iterator[Breach]:
    """No chunk is larger than the metadata says, and none is empty."""
    for _, meta, chunks in contents(bucket):
        most = meta.max_chunk_size or objects.CHUNK
        if chunks is not None and chunks.largest > most:
            text = f"a chunk has {chunks.largest} bytes, max_chunk_size is {most}"
            yield Breach(text, chunks.largest_seq, meta.name)
        empty = chunks.empty_seq if chunks is not None and chunks.count == meta.chunks else None
        if empty is not None and meta.size:
            yield Breach("a chunk is empty", empty, meta.name)


@proves("OBJ-INV-007")
def chunks_are_all_there(bucket: Bucket) -> Iterator[Breach]:
    """There are as many chunks as the metadata says."""
    for entry, meta, chunks in contents(bucket):
        count = chunks.count if chunks else 0
        if count != meta.chunks:
            yield Breach(f"{count} chunks are there, {meta.chunks} are said", entry.seq, meta.name)


@proves("OBJ-INV-007")
def chunks_add_up(bucket: Bucket) -> Iterator[Breach]:
    """Their bytes are the size."""
    for entry, meta, chunks in contents(bucket):
        if (chunks.count if chunks else 0) != meta.chunks:
            continue
        size = chunks.size if chunks else 0
        if size != meta.size:
            text = f"its chunks have {size} bytes together, its size is {meta.size}"
            yield Breach(text, entry.seq, meta.name)


@proves("OBJ-INV-005")
def content_has_its_digest(bucket: Bucket) -> Iterator[Breach]:
    """The chunks, in order, hash to the digest."""
    for entry, meta, chunks in contents(bucket):
        if (chunks.count if chunks else 0) != meta.chunks:
            continue
        if (chunks.size if chunks else 0) != meta.size:
            continue
        digest = chunks.settle() if chunks else objects.digest(b"")
        if digest != meta.digest:
            yield Breach(_other_digest(digest, meta.digest), entry.seq, meta.name)


def _other_digest(right: str, said: str) -> str:
    """What is wrong with a digest: the hash, or just how it is written."""
    if not said:
        return f"it says no digest, its content has {right}"
    written = re.sub("^sha-?256=", "", said.strip(), flags=re.IGNORECASE)
    hashed = right.removeprefix(objects.ALGORITHM)
    same = written.translate(_ALPHABET).rstrip("=") == hashed.rstrip("=")
    if same or written.lower() == base64.urlsafe_b64decode(hashed).hex():
        return f"its digest is right, but written {said!r}, not {right}"
    return f"its content has {right}, it says {said!r}"


@proves("OBJ-INV-006")
def nothing_has_no_chunks(bucket: Bucket) -> Iterator[Breach]:
    """An object without bytes is metadata only."""
    for entry, meta, _ in contents(bucket):
        if not meta.size and meta.chunks:
            yield Breach(f"it has no bytes, but {meta.chunks} chunks", entry.seq, meta.name)


@proves("OBJ-INV-003")
def metadata_comes_last(bucket: Bucket) -> Iterator[Breach]:
    """No chunk comes after the metadata that says it is there."""
    for entry, meta, chunks in contents(bucket):
        if chunks is not None and chunks.count == meta.chunks and chunks.last > entry.seq:
            text = f"a chunk comes after the metadata, message {entry.seq}"
            yield Breach(text, chunks.last, meta.name)


# ---- Chunks, and whose they are ----------------------------------------------------


@proves("OBJ-INV-008")
def chunks_have_an_object(bucket: Bucket) -> Iterator[Breach]:
    """Chunks that no metadata names are left over, or about to be named."""
    for nuid, chunks in bucket.orphans():
        fresh = bucket.now - chunks.time < UNDER_WAY
        text = f"{chunks.count} chunks of {chunks.size} bytes belong to no object"
        yield Breach(text, chunks.first, nuid, remark=fresh and not bucket.settled)


@proves("OBJ-INV-008")
def chunks_have_one_object(bucket: Bucket) -> Iterator[Breach]:
    """No two objects have the same chunks."""
    owners: dict[str, Entry] = {}
    for entry, meta, chunks in contents(bucket):
        if chunks is None or entry.token in bucket.renewed:
            continue
        other = owners.setdefault(meta.nuid, entry)
        if other is not entry and other.meta is not None:
            text = f"its chunks are those of {other.meta.name!r} too"
            # The old name of one that is being renamed goes last.
            under_way = bucket.changed and not bucket.settled
            yield Breach(text, entry.seq, meta.name, remark=under_way)


@proves("OBJ-INV-011")
def deleted_chunks_are_gone(bucket: Bucket) -> Iterator[Breach]:
    """Nothing is left of the content of a deleted object."""
    live = {meta.nuid: meta.name for _, meta, _ in contents(bucket)}
    for entry in bucket.entries.values():
        meta = entry.meta
        if meta is None or meta.live:
            continue
        if meta.nuid in live:
            text = f"it is deleted, and its chunks are those of {live[meta.nuid]!r}"
            if meta.deleted and meta.nuid in bucket.chunks:
                yield Breach(text, entry.seq, meta.name, remark=True)
            continue
        if (chunks := bucket.chunks.get(meta.nuid)) is not None and meta.deleted:
            fresh = bucket.now - entry.time < UNDER_WAY
            text = f"{chunks.count} chunks of the deleted object are left"
            yield Breach(text, chunks.first, meta.name, remark=fresh and not bucket.settled)
