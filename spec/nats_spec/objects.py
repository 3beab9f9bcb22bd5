"""What an object store is made of: its stream, its subjects, its digests, its metadata.

OBJ-INV-001 .. OBJ-INV-006, OBJ-INV-011, OBJ-INV-017: two kinds of messages in one stream, chunks
and metadata. Leaves out the order in which they are written (chapter 140) and what
may come of that (`model.object_store`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Bytes of a chunk unless the metadata says otherwise.
CHUNK: Final = 128 * 1024
#: How a digest begins: the only algorithm there is.
ALGORITHM: Final = "SHA-256="
#: The field that makes metadata replace what was there before.
ROLLUP: Final[Mapping[str, str]] = {"Nats-Rollup": "sub"}

_BUCKET: Final = re.compile(r"[A-Za-z0-9_-]+")
_STREAM: Final = "OBJ_"


class BadMetadata(ValueError):
    """A message on a metadata subject is no metadata; says why."""


def valid_bucket(name: str) -> bool:
    """Whether a bucket can have this name (OBJ-INV-001)."""
    return _BUCKET.fullmatch(name) is not None


def stream(bucket: str) -> str:
    """The stream that a bucket is."""
    return _STREAM + bucket


def bucket_of(name: str) -> str | None:
    """The bucket that a stream is by its name, or None."""
    return name.removeprefix(_STREAM) if name.startswith(_STREAM) else None


def config(bucket: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The configuration of a bucket's stream (OBJ-INV-001)."""
    return {
        "name": stream(bucket),
        "subjects": [f"$O.{bucket}.C.>", f"$O.{bucket}.M.>"],
        "discard": "new",
        "allow_rollup_hdrs": True,
        "allow_direct": True,
        **more,
    }


def chunk_subject(bucket: str, nuid: str) -> str:
    """Where the chunks of one put go (OBJ-INV-002)."""
    return f"$O.{bucket}.C.{nuid}"


def metadata_subject(bucket: str, name: str) -> str:
    """Where the metadata of the object `name` is (OBJ-INV-003)."""
    return f"$O.{bucket}.M.{encoded(name)}"


def encoded(name: str) -> str:
    """A name as a subject token: base64url of its UTF-8, padded (OBJ-INV-003, OBJ-INV-004)."""
    return base64.urlsafe_b64encode(name.encode("utf-8", "surrogatepass")).decode()


def decoded(token: str) -> str | None:
    """The name that a subject token is, or None if it is none; padding is not asked for."""
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return data.decode("utf-8", "surrogatepass")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def digest(content: bytes) -> str:
    """What metadata says of this content (OBJ-INV-005)."""
    return digest_of(hashlib.sha256(content).digest())


def digest_of(hashed: bytes) -> str:
    """A SHA-256 as metadata has it: base64url, padded."""
    return ALGORITHM + base64.urlsafe_b64encode(hashed).decode()


def chunks(content: bytes, size: int = CHUNK) -> list[bytes]:
    """The chunks of this content (OBJ-INV-002); none of nothing (OBJ-INV-006)."""
    return [content[at : at + size] for at in range(0, len(content), size)]


@dataclass(frozen=True, slots=True)
class Link:
    """What a link leads to: an object, or a whole bucket if it names none."""

    bucket: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is said of one object."""

    name: str
    bucket: str
    nuid: str = ""
    size: int = 0
    chunks: int = 0
    digest: str = ""
    deleted: bool = False
    link: Link | None = None
    #: Bytes of a chunk; None if nothing is said.
    max_chunk_size: int | None = None
    description: str = ""
    headers: Mapping[str, list[str]] | None = None
    metadata: Mapping[str, str] | None = None

    @property
    def live(self) -> bool:
        """Whether it has content: it is neither deleted nor a link."""
        return not self.deleted and self.link is None

    def encode(self) -> bytes:
        """The payload of the message; what says nothing is left out."""
        options: dict[str, Any] = {}
        if self.link is not None:
            options["link"] = {"bucket": self.link.bucket}
            if self.link.name:
                options["link"]["name"] = self.link.name
        if self.max_chunk_size is not None:
            options["max_chunk_size"] = self.max_chunk_size
        written: dict[str, Any] = {
            "name": self.name,
            "description": self.description or None,
            "headers": self.headers,
            "metadata": self.metadata,
            "options": options or None,
            "bucket": self.bucket,
            "nuid": self.nuid,
            "size": self.size,
            "chunks": self.chunks,
            "digest": self.digest or None,
            "deleted": self.deleted or None,
        }
        kept = {name: value for name, value in written.items() if value is not None}
        return json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode()


#: Members of metadata, and what each must be.
_MEMBERS: Final[tuple[tuple[str, type | tuple[type, ...], Any], ...]] = (
    ("name", str, None),
    ("bucket", str, None),
    ("nuid", str, ""),
    ("size", int, 0),
    ("chunks", int, 0),
    ("digest", str, ""),
    ("deleted", bool, False),
    ("description", str, ""),
    ("headers", dict, {}),
    ("metadata", dict, {}),
    ("mtime", str, ""),
)


def parse(payload: bytes) -> Metadata:
    """The metadata that a payload is; members that nobody knows are passed over.

    Raises:
        BadMetadata: it is none.
    """
    if not payload:
        raise BadMetadata("it is empty")
    try:
        said = json.loads(
            payload.decode(), parse_constant=_no_constant, object_pairs_hook=_each_once
        )
    except (ValueError, RecursionError) as error:
        raise BadMetadata(f"it is no JSON: {error}") from error
    if not isinstance(said, dict):
        raise BadMetadata("it is no JSON object")
    found = {name: _member(said, name, kind, default) for name, kind, default in _MEMBERS}
    del found["mtime"]
    found |= {name: found[name] or None for name in ("headers", "metadata")}
    _texts("metadata", list((found["metadata"] or {}).values()))
    for texts in (found["headers"] or {}).values():
        _texts("headers", texts)
    options = _member(said, "options", dict, {})
    link = _member(options, "link", dict, {})
    if options.get("link") is None:
        link = None
    else:
        link = Link(_member(link, "bucket", str, None), _member(link, "name", str, ""))
    return Metadata(
        link=link, max_chunk_size=_member(options, "max_chunk_size", int, 0) or None, **found
    )


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two members of one name, some clients take the last, some the first, and some neither."""
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadMetadata(f"it says {twice!r} twice")
    return found


def _no_constant(name: str) -> None:
    """Python takes NaN and Infinity, nobody else does."""
    raise ValueError(f"{name} is no number")


def _member(said: dict[str, Any], name: str, kind: Any, default: Any) -> Any:  # noqa: ANN401 - JSON
    value = said.get(name)
    if value is None:
        if default is None:
            raise BadMetadata(f"it has no {name}")
        return default
    if not isinstance(value, kind) or (kind is int and (isinstance(value, bool) or value < 0)):
        raise BadMetadata(f"its {name} is {json.dumps(value)[:60]}")
    return value


def _texts(name: str, found: Any) -> None:  # noqa: ANN401 - JSON
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise BadMetadata(f"its {name} are {json.dumps(found)[:60]}")
