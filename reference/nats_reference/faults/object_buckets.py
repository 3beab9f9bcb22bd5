"""Faults of chapter 140: buckets are purged, sealed, found and read otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.jetstream_api import endpoint
from nats_reference.faults.object_store import kind_of
from nats_reference.faults.preconditions import without_check
from nats_reference.faults.purge_delete import PURGING
from nats_reference.faults.streams import STREAMS
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.state import StreamState
    from nats_reference.jetstream.stream import Stream

JETSTREAM = "nats_reference.jetstream"
NEWEST = b"$O.*.M.*"


def is_bucket(stream: Stream) -> bool:
    """Whether it is one by its name."""
    return stream.config.name.startswith("OBJ_")


def deleted(stream: Stream, nuid: bytes) -> bool:
    """Whether the chunks with this nuid are those of a deleted object."""
    for track in stream.store.index.matching(NEWEST):
        record = stream.store.get(track.last)
        said = json.loads(record.payload) if record is not None else {}
        if said.get("deleted") and said.get("nuid", "").encode() == nuid:
            return True
    return False


def purging(patch: Patch, change: Callable[[Stream, bytes, list[int]], list[int]]) -> None:
    """Have a purge of chunks remove others."""

    def candidates(
        original: Any,  # noqa: ANN401 - handed on
        stream: Stream,
        pattern: bytes,
        seq: int,
        keep: int,
    ) -> list[int]:
        found: list[int] = original(stream, pattern, seq, keep)
        if kind_of(pattern) == b"C":
            return change(stream, pattern, found)
        return found

    wrap(patch, f"{PURGING}:candidates", candidates)


@fault("OBJ-INV-001", "a bucket doesn't say that it takes roll-ups")
def no_rollups(patch: Patch) -> None:
    """It does."""

    def change(_request: Any, answer: Any) -> Any:  # noqa: ANN401 - JSON
        config = answer["config"]
        if config["name"].startswith("OBJ_"):
            config = {**config, "allow_rollup_hdrs": False}
        return {**answer, "config": config}

    endpoint(patch, "stream_info", change)


@fault("OBJ-INV-003", "metadata does not replace what was there")
def kept(patch: Patch) -> None:
    """It is told otherwise."""

    def roll_up(
        original: Any,  # noqa: ANN401 - handed on
        stream: Stream,
        what: bytes,
        subject: bytes,
        seq: int,
    ) -> None:
        if kind_of(subject) != b"M":
            original(stream, what, subject, seq)

    wrap(patch, f"{JETSTREAM}.retention:roll_up", roll_up)


@fault("OBJ-INV-014", "metadata that replaces metadata takes the first message with it")
def takes_more(patch: Patch) -> None:
    """A chunk, mostly."""

    def roll_up(
        original: Any,  # noqa: ANN401 - handed on
        stream: Stream,
        what: bytes,
        subject: bytes,
        seq: int,
    ) -> None:
        before = stream.store.index.messages
        original(stream, what, subject, seq)
        if kind_of(subject) == b"M" and stream.store.index.messages < before:
            stream.discard(stream.store.index.first_seq)

    wrap(patch, f"{JETSTREAM}.retention:roll_up", roll_up)


@fault("OBJ-INV-008", "the chunks of what was replaced stay")
def replaced_stay(patch: Patch) -> None:
    """It is told that there were none."""
    purging(
        patch,
        lambda stream, pattern, found: (
            found if deleted(stream, pattern.rpartition(b".")[2]) else []
        ),
    )


@fault("OBJ-INV-011/chunks", "the chunks of what is deleted stay")
def deleted_stay(patch: Patch) -> None:
    """It is told that there were none."""
    purging(
        patch,
        lambda stream, pattern, found: (
            [] if deleted(stream, pattern.rpartition(b".")[2]) else found
        ),
    )


@fault("OBJ-INV-009", "who purges chunks loses the newest metadata")
def metadata_goes_too(patch: Patch) -> None:
    """Of whatever object."""

    def change(stream: Stream, _pattern: bytes, found: list[int]) -> list[int]:
        tracks = stream.store.index.matching(NEWEST)
        return sorted([*found, *([max(track.last for track in tracks)] if tracks else [])])

    purging(patch, change)


@fault("OBJ-INV-010", "a message of a bucket can't be deleted, and nobody learns it")
def undeletable(patch: Patch) -> None:
    """It stays."""

    def delete(original: Any, stream: Stream, seq: int) -> None:  # noqa: ANN401 - handed on
        if not is_bucket(stream):
            original(stream, seq)

    wrap(patch, f"{PURGING}:delete", delete)


@fault("OBJ-INV-015", "whatever object is asked for, the newest is found")
def newest_of_all(patch: Patch) -> None:
    """By its metadata."""

    def last(original: Any, self: Stream, pattern: bytes, upto: int | None = None) -> Any:  # noqa: ANN401 - handed on
        return original(self, NEWEST if kind_of(pattern) == b"M" else pattern, upto)

    wrap(patch, f"{JETSTREAM}.stream:Stream.last", last)


@fault("OBJ-INV-019", "a sealed stream takes messages")
def unsealed(patch: Patch) -> None:
    """Whoever publishes them."""
    without_check(patch, "sealed")


@fault("OBJ-INV-020", "of the newest metadata the last is left out")
def one_missing(patch: Patch) -> None:
    """When a consumer begins with it."""

    def newest(original: Any, index: Any, patterns: Any, *others: Any) -> list[int]:  # noqa: ANN401 - handed on
        patterns = tuple(patterns)
        found: list[int] = original(index, patterns, *others)
        return found[:-1] if any(each.startswith(b"$O.") for each in patterns) else found

    wrap(patch, f"{JETSTREAM}.selection:newest", newest)


@fault("OBJ-INV-021", "buckets are not found by their subjects")
def hidden(patch: Patch) -> None:
    """Only by their names."""

    def chosen(original: Any, request: Any, kind: str) -> Any:  # noqa: ANN401 - handed on
        names, offset = original(request, kind)
        asked = request.optional(kind).get("subject", "")
        return [name for name in names if not asked or not name.startswith("OBJ_")], offset

    wrap(patch, f"{STREAMS}:chosen", chosen)


@fault("OBJ-INV-022", "a bucket has one byte more than its messages")
def one_more(patch: Patch) -> None:
    """In its state."""

    def state(original: Any, self: Stream, **asked: Any) -> StreamState:  # noqa: ANN401 - handed on
        found: StreamState = original(self, **asked)
        return replace(found, bytes=found.bytes + 1) if is_bucket(self) else found

    wrap(patch, f"{JETSTREAM}.stream:Stream.state", state)
