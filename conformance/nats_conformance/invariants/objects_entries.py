"""What must hold of an object store's metadata, its links, its configuration and its seal.

OBJ-INV-001, OBJ-INV-003, OBJ-INV-004, OBJ-INV-011, OBJ-INV-017 .. OBJ-INV-019.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from nats_spec import objects

from .objects_rules import Breach, proves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_spec.objects import Link, Metadata

    from .objects_log import Bucket, Entry


#: What is the same in all buckets, since otherwise chunks go or puts get no answer.
_SHAPE: Final = {"retention": "limits", "max_msgs_per_subject": -1, "no_ack": False}


def readable(bucket: Bucket) -> Iterator[tuple[Entry, Metadata]]:
    """The metadata that can be read."""
    for entry in bucket.entries.values():
        if entry.meta is not None:
            yield entry, entry.meta


# ---- The bucket ----------------------------------------------------------------------


@proves("OBJ-INV-001")
def stream_is_a_bucket(bucket: Bucket) -> Iterator[Breach]:
    """Its configuration has the shape; a mirror has the messages of another bucket."""
    if mirror := bucket.config.get("mirror"):
        yield Breach(f"it is a mirror of {mirror['name']}, and no bucket")
        return
    wanted = objects.config(bucket.name)
    for member, right in _SHAPE.items():
        if (found := bucket.config.get(member, right)) != right:
            yield Breach(f"{member} is {found}, not {right}")
    # Sealing takes the permission to replace away.
    for member in ("subjects", "discard", "allow_rollup_hdrs")[: 2 if bucket.after.sealed else 3]:
        found = bucket.config.get(member)
        same = set(found or ()) == set(wanted[member]) if member == "subjects" else None
        if found != wanted[member] and not same:
            yield Breach(f"{member} is {found}, not {wanted[member]}")


@proves("OBJ-INV-001")
def messages_are_chunks_or_metadata(bucket: Bucket) -> Iterator[Breach]:
    """There is nothing else in the stream."""
    if bucket.config.get("mirror"):
        return
    for seq, subject in bucket.strays:
        yield Breach(f"{subject} is neither", seq)
    if bucket.more_strays:
        yield Breach(f"{bucket.more_strays} more messages are neither")


@proves("OBJ-INV-019")
def sealed_stays_sealed(bucket: Bucket) -> Iterator[Breach]:
    """Once sealed, nothing comes and nothing goes."""
    before, after = bucket.before, bucket.after
    if not before.sealed:
        return
    if not after.sealed:
        yield Breach("it was sealed, and is no more")
    if (before.messages, before.last_seq) != (after.messages, after.last_seq):
        yield Breach(
            f"it is sealed, yet of {before.messages} messages up to {before.last_seq}"
            f" have become {after.messages} up to {after.last_seq}"
        )


# ---- Metadata ------------------------------------------------------------------------


@proves("OBJ-INV-003")
def metadata_can_be_read(bucket: Bucket) -> Iterator[Breach]:
    """It is a JSON object with the members that it must have."""
    for entry in bucket.entries.values():
        if entry.meta is None:
            name = objects.decoded(entry.token)
            yield Breach(entry.wrong, entry.seq, name or entry.token)


@proves("OBJ-INV-003")
def metadata_is_where_its_name_says(bucket: Bucket) -> Iterator[Breach]:
    """Its subject ends with base64url of the name, padded."""
    for entry, meta in readable(bucket):
        right = objects.encoded(meta.name)
        if entry.token == right or not meta.name:
            continue
        plain = base64.b64encode(meta.name.encode("utf-8", "surrogatepass")).decode()
        why = "is not its name in base64url"
        if entry.token == right.rstrip("="):
            why = "is not padded"
        elif entry.token.rstrip("=") == plain.rstrip("="):
            why = "is base64, not base64url"
        elif entry.token == _latin(meta.name):
            why = "is Latin-1 in base64url, not UTF-8"
        yield Breach(f"the token {entry.token} {why}: {right}", entry.seq, meta.name)


def _latin(name: str) -> str:
    """What clients make of a name that take its characters for bytes."""
    try:
        return base64.urlsafe_b64encode(name.encode("latin-1")).decode()
    except UnicodeEncodeError:
        return ""


@proves("OBJ-INV-004")
def objects_have_names(bucket: Bucket) -> Iterator[Breach]:
    """A name is text, and not empty."""
    for entry, meta in readable(bucket):
        if not meta.name:
            yield Breach("its name is empty", entry.seq, meta.name)
        elif any("\ud800" <= each <= "\udfff" for each in meta.name):
            yield Breach("its name has half a character, which is no text", entry.seq, meta.name)


@proves("OBJ-INV-003")
def metadata_is_of_this_bucket(bucket: Bucket) -> Iterator[Breach]:
    """It names the bucket that it is in; links may name the other one."""
    for entry, meta in readable(bucket):
        if meta.bucket != bucket.name and meta.link is None:
            yield Breach(f"it names the bucket {meta.bucket!r}", entry.seq, meta.name)


@proves("OBJ-INV-003")
def names_have_one_metadata(bucket: Bucket) -> Iterator[Breach]:
    """Metadata that asked to replace what was there is alone."""
    for old in bucket.older:
        newer = bucket.entries[old.token]
        if newer.rolled:
            name = objects.decoded(old.token)
            yield Breach(f"message {newer.seq} has replaced it", old.seq, name)


@proves("OBJ-INV-003")
def metadata_asks_to_replace(bucket: Bucket) -> Iterator[Breach]:
    """It has `Nats-Rollup`: without, what was said before is kept, and does no harm.

    With `all` everything that was in the bucket went for it.
    """
    for entry in bucket.entries.values():
        name = entry.meta.name if entry.meta else objects.decoded(entry.token)
        if entry.rollup == "all":
            yield Breach("with Nats-Rollup: all it replaced the whole bucket", entry.seq, name)
        elif not entry.rolled:
            yield Breach("it does not have Nats-Rollup: sub", entry.seq, name, remark=True)


@proves("OBJ-INV-008")
def metadata_stays(bucket: Bucket) -> Iterator[Breach]:
    """It has no `Nats-TTL`: it would go, and its chunks stay behind."""
    for entry, meta in readable(bucket):
        if entry.ttl and meta.live and meta.chunks:
            text = f"with Nats-TTL: {entry.ttl} it goes, and its chunks stay"
            yield Breach(text, entry.seq, meta.name)


@proves("OBJ-INV-011")
def deleted_is_empty(bucket: Bucket) -> Iterator[Breach]:
    """A deleted object has no size, no chunks and no digest."""
    for entry, meta in readable(bucket):
        if meta.deleted and (meta.size or meta.chunks or meta.digest):
            said = f"size {meta.size}, chunks {meta.chunks}, digest {meta.digest!r}"
            yield Breach(f"it is deleted, with {said}", entry.seq, meta.name)


# ---- Links ---------------------------------------------------------------------------


@proves("OBJ-INV-018")
def links_have_no_content(bucket: Bucket) -> Iterator[Breach]:
    """A link has no bytes of its own."""
    for entry, meta in readable(bucket):
        if meta.link is None:
            continue
        there = bucket.chunks.get(meta.nuid) if not meta.deleted else None
        if meta.size or meta.chunks:
            text = f"it is a link, with size {meta.size}, chunks {meta.chunks}"
            yield Breach(text, entry.seq, meta.name)
        elif there is not None:
            yield Breach(f"it is a link, and has {there.count} chunks", entry.seq, meta.name)


@proves("OBJ-INV-017")
def links_lead_somewhere(bucket: Bucket) -> Iterator[Breach]:
    """What a link leads to is an object that is there, and no link."""
    here = {objects.decoded(entry.token): entry.meta for entry in bucket.entries.values()}
    here |= {objects.decoded(token): meta for token, meta in bucket.renewed.items()}
    for entry, meta in readable(bucket):
        link = meta.link
        found: Metadata | str | None
        if link is None or meta.deleted:
            continue
        if link.bucket == bucket.name:
            if not link.name:
                continue
            found = here.get(link.name)
            if found is None and link.name in here:
                continue  # That it can't be read is said already.
        elif (link.bucket, link.name) in bucket.elsewhere:
            found = bucket.elsewhere[link.bucket, link.name]
        else:
            continue
        if why := _dead_end(found):
            yield Breach(f"it leads to {_shown(link)}, which {why}", entry.seq, meta.name)


def _dead_end(found: Metadata | str | None) -> str:
    if found is None:
        return "is not there"
    if isinstance(found, str):
        return f"has metadata that can't be read: {found}"
    if found.deleted:
        return "is deleted"
    return "is a link" if found.link is not None else ""


def _shown(link: Link) -> str:
    bucket = link.bucket if objects.valid_bucket(link.bucket) else repr(link.bucket)
    return f"{link.name!r} in {bucket}" if link.name else f"the bucket {bucket}"
