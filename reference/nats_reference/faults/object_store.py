"""Faults of chapter 140: what is stored of an object is not what was written.

Each concerns the streams of buckets alone. Most change one thing on its way into the store, so
that what is found there afterwards breaks just one invariant of an object store.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nats_reference.faults import Patch, fault
from nats_reference.faults.publishing import PUBLISHING
from nats_reference.faults.tables import wrap
from nats_reference.jetstream.fields import END

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.publishing import Round

    Store: TypeAlias = "Callable[[Round, Publication], int]"
    Around: TypeAlias = "Callable[[Store, Round, Publication], int]"
    #: What metadata says.
    Said: TypeAlias = "dict[str, Any]"

MINUTE: Final = 60 * 10**9


def kind_of(subject: bytes) -> bytes:
    """`C` for a chunk, `M` for metadata, nothing for others."""
    tokens = subject.split(b".")
    return tokens[2] if len(tokens) == 4 and tokens[0] == b"$O" else b""


def storing(patch: Patch, kind: bytes, around: Around) -> None:
    """Have chunks or metadata stored by `around`."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        if kind_of(publication.subject) == kind:
            return around(original, round_, publication)
        return original(round_, publication)

    wrap(patch, f"{PUBLISHING}:store", store)


def saying(patch: Patch, change: Callable[[Said], Said]) -> None:
    """Have metadata say something else."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        said = json.loads(publication.payload)
        if (changed := change(dict(said))) != said:
            publication.payload = json.dumps(changed).encode()
        return original(round_, publication)

    storing(patch, b"M", store)


def has_content(said: Said) -> bool:
    """Whether it is the metadata of an object that is neither deleted nor a link."""
    return not said.get("deleted") and not (said.get("options") or {}).get("link")


# ---- What metadata says --------------------------------------------------------------


def small_chunks(said: Said) -> Said:
    """Smaller than they are."""
    return said | ({"options": {"max_chunk_size": 1}} if said.get("size", 0) > 1 else {})


def one_more_chunk(said: Said) -> Said:
    """Than there are."""
    return said | ({"chunks": said["chunks"] + 1} if said.get("chunks") else {})


def one_more_byte(said: Said) -> Said:
    """Than there are."""
    return said | ({"size": said["size"] + 1} if said.get("size") else {})


def no_name(said: Said) -> Said:
    """Of an object."""
    return said | ({"name": ""} if has_content(said) else {})


def elsewhere(said: Said) -> Said:
    """In a bucket of another name."""
    return said | ({"bucket": f"{said['bucket']}2"} if has_content(said) else {})


def deleted_size(said: Said) -> Said:
    """As if a byte were left."""
    return said | ({"size": 1} if said.get("deleted") else {})


def link_with_chunk(said: Said) -> Said:
    """As if a chunk were its own."""
    return said if has_content(said) or said.get("deleted") else said | {"chunks": 1}


def link_astray(said: Said) -> Said:
    """To an object that nobody put."""
    link = (said.get("options") or {}).get("link")
    if link and link.get("name"):
        link = {**link, "name": link["name"] + "!"}
        return said | {"options": {**said["options"], "link": link}}
    return said


def never_deleted(said: Said) -> Said:
    """It is not kept that an object is."""
    return {name: value for name, value in said.items() if name != "deleted"}


SAYINGS: Final = (
    ("OBJ-INV-002", "metadata says that no chunk is larger than a byte", small_chunks),
    ("OBJ-INV-004", "the name in metadata is lost", no_name),
    ("OBJ-INV-007", "metadata says that there is one chunk more", one_more_chunk),
    ("OBJ-INV-007/size", "metadata says that there is one byte more", one_more_byte),
    ("OBJ-INV-003/bucket", "metadata names another bucket", elsewhere),
    ("OBJ-INV-011", "a deleted object still has a byte", deleted_size),
    ("OBJ-INV-012", "it is not kept that an object is deleted", never_deleted),
    ("OBJ-INV-017", "a link leads to another name", link_astray),
    ("OBJ-INV-018", "a link has a chunk", link_with_chunk),
)


def _saying(change: Callable[[Said], Said]) -> Callable[[Patch], None]:
    def install(patch: Patch) -> None:
        saying(patch, change)

    return install


for _name, _text, _change in SAYINGS:
    fault(_name, _text)(_saying(_change))


# ---- What becomes of the messages ----------------------------------------------------


@fault("OBJ-INV-005", "the first byte of a chunk is stored as another")
def flipped(patch: Patch) -> None:
    """Its lowest bit."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        payload = publication.payload
        publication.payload = bytes([payload[0] ^ 1]) + payload[1:] if payload else payload
        return original(round_, publication)

    storing(patch, b"C", store)


@fault("OBJ-INV-006", "an object without bytes gets an empty chunk")
def empty_chunk(patch: Patch) -> None:
    """And its metadata says so."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        said = json.loads(publication.payload)
        if has_content(said) and said.get("digest") and not said.get("chunks"):
            subject = publication.subject.rpartition(b".M.")[0] + b".C." + said["nuid"].encode()
            round_.stream.store.append(subject, None, b"", round_.now)
            publication.payload = json.dumps(said | {"chunks": 1}).encode()
        return original(round_, publication)

    storing(patch, b"M", store)


@fault("OBJ-INV-003/late", "the last chunk moves behind the metadata")
def late(patch: Patch) -> None:
    """It is stored again, and the first time forgotten."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        seq = original(round_, publication)
        said = json.loads(publication.payload)
        subject = publication.subject.rpartition(b".M.")[0] + b".C." + said["nuid"].encode()
        stream = round_.stream
        if track := stream.store.index.tracks.get(subject):
            record = stream.store.get(track.last)
            stream.discard(track.last)
            if record is not None:
                stream.store.append(subject, None, record.payload, round_.now)
        return seq

    storing(patch, b"M", store)


@fault("OBJ-INV-003/padding", "the padding of a name is lost")
def unpadded(patch: Patch) -> None:
    """On the subject of its metadata."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        publication.subject = publication.subject.rstrip(b"=")
        return original(round_, publication)

    storing(patch, b"M", store)


@fault("OBJ-INV-003/cut", "metadata is stored without its last byte")
def cut(patch: Patch) -> None:
    """So that it is no JSON."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        publication.payload = publication.payload[:-1]
        return original(round_, publication)

    storing(patch, b"M", store)


@fault("OBJ-INV-003/field", "metadata is stored without headers")
def bare(patch: Patch) -> None:
    """What they asked for is done."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        publication.headers = None
        return original(round_, publication)

    storing(patch, b"M", store)


@fault("OBJ-INV-003/custom", "a field of the server's own is stored with metadata")
def custom(patch: Patch) -> None:
    """Behind the others."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        if publication.headers:
            publication.headers = publication.headers.removesuffix(END) + b"X-Kept: yes" + END * 2
        return original(round_, publication)

    storing(patch, b"M", store)


@fault("OBJ-INV-001/stray", "metadata is stored once more, a level deeper")
def stray(patch: Patch) -> None:
    """Under an x."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        seq = original(round_, publication)
        subject = publication.subject + b".x"
        round_.stream.store.append(subject, None, publication.payload, round_.now)
        return seq

    storing(patch, b"M", store)


@fault("OBJ-INV-008/passing", "metadata says that it goes after an hour")
def passing(patch: Patch) -> None:
    """And its chunks do not."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        if has_content(json.loads(publication.payload)) and publication.headers:
            publication.headers = publication.headers[:-2] + b"Nats-TTL: 1h\r\n\r\n"
        return original(round_, publication)

    storing(patch, b"M", store)


@fault("OBJ-INV-008/twice", "an object is there under another name, too")
def twice(patch: Patch) -> None:
    """With the same chunks, as long as it has some."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        seq = original(round_, publication)
        said, stream = json.loads(publication.payload), round_.stream
        other = f"{said['name']}, too"
        head = publication.subject.rpartition(b".")[0]
        subject = head + b"." + base64.urlsafe_b64encode(other.encode())
        if track := stream.store.index.tracks.get(subject):
            stream.discard(track.last)
        if has_content(said) and said.get("chunks"):
            payload = json.dumps(said | {"name": other}).encode()
            stream.store.append(subject, publication.headers, payload, round_.now)
        return seq

    storing(patch, b"M", store)


@fault("OBJ-INV-016", "metadata is a minute older")
def older(patch: Patch) -> None:
    """Than the chunks before it."""

    def store(original: Store, round_: Round, publication: Publication) -> int:
        round_.now -= MINUTE
        seq = original(round_, publication)
        round_.now += MINUTE
        return seq

    storing(patch, b"M", store)
