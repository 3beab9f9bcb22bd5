"""Faults of chapter 130: what is kept of a bucket is not what was written.

Each concerns the streams of buckets alone, and breaks just one invariant of what is found in
them afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nats_reference.faults import Patch, fault
from nats_reference.faults.key_value import decided
from nats_reference.faults.publishing import JETSTREAM, PUBLISHING
from nats_reference.faults.tables import wrap
from nats_reference.jetstream import fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.publishing import Round

    Change: TypeAlias = "Callable[[Publication], None]"

BUCKET: Final = "KV_"
KEY: Final = b"$KV."
OPERATION: Final = b"KV-Operation: "


# ---- Its configuration ---------------------------------------------------------------


def configured(patch: Patch, change: Callable[[StreamConfig], StreamConfig]) -> None:
    """Have buckets be configured otherwise than they were asked to be."""
    decided(patch, lambda config: change(config) if config.name.startswith(BUCKET) else config)


@fault("KV-INV-001/subjects", "a bucket has a subject beside that of its keys")
def one_more_subject(patch: Patch) -> None:
    """Of its own name."""
    configured(
        patch, lambda config: replace(config, subjects=(*config.subjects, f"of.{config.name}"))
    )


@fault("KV-INV-002/old", "buckets discard what is old")
def discards_old(patch: Patch) -> None:
    """Instead of refusing what is new."""
    configured(patch, lambda config: replace(config, discard="old"))


@fault("KV-INV-003/endless", "the history of a bucket is endless")
def endless(patch: Patch) -> None:
    """However short it was to be."""
    configured(patch, lambda config: replace(config, max_msgs_per_subject=-1))


# ---- Its messages --------------------------------------------------------------------


def storing(patch: Patch, change: Change) -> None:
    """Change what is stored of a key's messages."""

    def store(original: Any, round_: Round, publication: Publication) -> Any:  # noqa: ANN401 - handed on
        if publication.subject.startswith(KEY):
            change(publication)
        return original(round_, publication)

    wrap(patch, f"{PUBLISHING}:store", store)


def is_end(publication: Publication, operation: bytes) -> bool:
    """Whether its fields say so."""
    return OPERATION + operation in (publication.headers or b"")


def is_put(publication: Publication) -> bool:
    """Whether it is a value, and no creation."""
    return OPERATION not in (publication.headers or b"") and not publication.fields


@fault("KV-INV-001/stray", "beside a value, its key becomes a message of its own")
def stray(patch: Patch) -> None:
    """On a subject of no key."""

    def store(original: Any, round_: Round, publication: Publication) -> Any:  # noqa: ANN401 - handed on
        seq = original(round_, publication)
        if publication.subject.startswith(KEY):
            round_.stream.store.append(b"stray", None, publication.subject, round_.now)
        return seq

    wrap(patch, f"{PUBLISHING}:store", store)


@fault("KV-INV-006/sign", "a key is stored with a percent sign behind it")
def signed(patch: Patch) -> None:
    """That no client lets pass."""

    def change(publication: Publication) -> None:
        publication.subject += b"%"

    storing(patch, change)


@fault("KV-INV-009/operation", "operations are stored in small letters")
def small(patch: Patch) -> None:
    """Which no client understands."""

    def change(publication: Publication) -> None:
        for operation in (b"DEL", b"PURGE"):
            if publication.headers:
                publication.headers = publication.headers.replace(
                    OPERATION + operation, OPERATION + operation.lower()
                )

    storing(patch, change)


@fault("KV-INV-015/value", "a deletion is stored with a value")
def with_value(patch: Patch) -> None:
    """Of a byte."""

    def change(publication: Publication) -> None:
        if is_end(publication, b"DEL"):
            publication.payload = b"-"

    storing(patch, change)


@fault("KV-INV-018/put", "a value is stored with a time to live that nobody gave it")
def with_ttl(patch: Patch) -> None:
    """Of a day."""

    def change(publication: Publication) -> None:
        if is_put(publication):
            publication.headers = fields.OPENING + b"\r\nNats-TTL: 24h" + fields.END * 2

    storing(patch, change)


@fault("KV-INV-025/bare", "markers are stored without their roll-up")
def bare(patch: Patch) -> None:
    """Which is done."""

    def change(publication: Publication) -> None:
        if publication.headers and b"Nats-Marker-Reason" in publication.headers:
            publication.headers = fields.without(publication.headers, b"Nats-Rollup")

    storing(patch, change)


@fault("KV-INV-034/twice", "values are stored twice over")
def twice(patch: Patch) -> None:
    """In one message."""

    def change(publication: Publication) -> None:
        publication.payload += publication.payload

    storing(patch, change)


@fault("JS-DIRECT-006/backwards", "who reads on gets the second message before the first")
def backwards(patch: Patch) -> None:
    """Of each batch."""

    def batch(original: Any, stream: Any, asked: Any, say: Any, max_bytes: int) -> None:  # noqa: ANN401 - handed on
        said: list[tuple[bytes, bytes]] = []
        original(stream, asked, lambda *each: said.append(each), max_bytes)
        *messages, mark = said
        for each in (*messages[1:2], *messages[:1], *messages[2:], mark):
            say(*each)

    wrap(patch, f"{JETSTREAM}.direct:batch", batch)
