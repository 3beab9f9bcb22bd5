"""Faults of chapter 112, limits and retention: what goes, and what stays out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_reference.faults.preconditions import PRECONDITIONS
from nats_reference.faults.publishing import JETSTREAM

if TYPE_CHECKING:
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.publishing import Round
    from nats_reference.jetstream.store.index import Index
    from nats_reference.jetstream.stream import Stream

RETENTION = f"{JETSTREAM}.retention"
ENFORCE = f"{RETENTION}:enforce"
FULL = f"{RETENTION}:full"


# ---- Making room --------------------------------------------------------------------


@fault("JS-LIM-008", "the stream's limits are enforced before the subject's")
def stream_first(patch: Patch) -> None:
    """A replacement costs the oldest message as well."""
    enforce = patch.original(ENFORCE)

    def reversed_(stream: Stream, subject: bytes) -> None:
        config = stream.config
        stream.config = replace(config, max_msgs_per_subject=-1)
        enforce(stream, subject)
        stream.config = config
        enforce(stream, subject)

    patch.attribute(ENFORCE, reversed_)


@fault("JS-LIM-009", "one message less than max_msgs is kept")
def one_less(patch: Patch) -> None:
    """It is never reached."""
    enforce = patch.original(ENFORCE)

    def stricter(stream: Stream, subject: bytes) -> None:
        enforce(stream, subject)
        if 0 < stream.config.max_msgs <= stream.store.index.messages:
            stream.discard(stream.store.index.first_seq)

    patch.attribute(ENFORCE, stricter)


@fault("JS-LIM-010", "a message that never fits is refused")
def never_fits(patch: Patch) -> None:
    """Whatever discard says."""
    from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - with JetStream alone

    room = patch.original(f"{PRECONDITIONS}:room")

    def honest(round_: Round, publication: Publication) -> None:
        if 0 < round_.config.max_bytes < round_.size_of(publication):
            raise ApiError(10077, err="maximum bytes exceeded")
        room(round_, publication)

    patch.attribute(f"{PRECONDITIONS}:room", honest)
    patch.attribute(f"{PRECONDITIONS}:ONLY_IF", {})


# ---- Refusing -----------------------------------------------------------------------


def refusing(patch: Patch, *, per_subject: bool | None = None, rollup: bool | None = None) -> None:
    """Decide as if these were so."""
    full = patch.original(FULL)

    def other(
        config: StreamConfig, index: Index, subject: bytes, size: int, **given: bool
    ) -> str | None:
        if per_subject is not None:
            config = replace(config, discard_new_per_subject=per_subject)
        reason: str | None = full(
            config, index, subject, size, rollup=given["rollup"] if rollup is None else rollup
        )
        return reason

    patch.attribute(FULL, other)


@fault("JS-LIM-011", "every full stream says that it has too many messages")
def one_reason(patch: Patch) -> None:
    """Bytes are messages, too."""
    full = patch.original(FULL)

    def same(
        config: StreamConfig, index: Index, subject: bytes, size: int, *, rollup: bool
    ) -> str | None:
        reason = full(config, index, subject, size, rollup=rollup)
        return "maximum messages exceeded" if reason else None

    patch.attribute(FULL, same)


@fault("JS-LIM-036", "the last byte of max_bytes is not to be used")
def last_byte(patch: Patch) -> None:
    """As before 2.14."""
    full = patch.original(FULL)

    def stricter(
        config: StreamConfig, index: Index, subject: bytes, size: int, *, rollup: bool
    ) -> str | None:
        less = max(config.max_bytes - 1, -1)
        reason: str | None = full(
            replace(config, max_bytes=less), index, subject, size, rollup=rollup
        )
        return reason

    patch.attribute(FULL, stricter)


@fault("JS-LIM-012", "discard new is meant for each subject")
def per_subject(patch: Patch) -> None:
    """Nothing is replaced."""
    refusing(patch, per_subject=True)


@fault("JS-LIM-013", "a full stream takes no replacement")
def no_replacement(patch: Patch) -> None:
    """It is full."""
    full = patch.original(FULL)

    def stricter(
        config: StreamConfig, index: Index, subject: bytes, size: int, *, rollup: bool
    ) -> str | None:
        if 0 < config.max_msgs <= index.messages:
            return "maximum messages exceeded"
        reason: str | None = full(config, index, subject, size, rollup=rollup)
        return reason

    patch.attribute(FULL, stricter)


@fault("JS-LIM-031", "a replacement may be of any size")
def larger_replacement(patch: Patch) -> None:
    """And max_bytes be exceeded."""
    full = patch.original(FULL)

    def lax(
        config: StreamConfig, index: Index, subject: bytes, size: int, *, rollup: bool
    ) -> str | None:
        track = index.tracks.get(subject)
        if track is not None and 0 < config.max_msgs_per_subject <= len(track):
            size = 0
        reason: str | None = full(config, index, subject, size, rollup=rollup)
        return reason

    patch.attribute(FULL, lax)


@fault("JS-LIM-014", "a rollup does not get into a full subject")
def no_rollup(patch: Patch) -> None:
    """As before 2.14."""
    refusing(patch, rollup=False)


# ---- Age and interest ---------------------------------------------------------------


@fault("JS-LIM-015", "old messages stay")
def ageless(patch: Patch) -> None:
    """However old they are."""
    patch.attribute(f"{JETSTREAM}.expiry:too_old", lambda _time, _now, _max_age: False)


@fault("JS-LIM-015/early", "messages go at half of their age")
def short_lived(patch: Patch) -> None:
    """Too early for who reads late."""
    path = f"{JETSTREAM}.expiry:too_old"
    patch.attribute(path, lambda time, now, max_age: now >= time + max_age // 2)
    due = patch.original(f"{JETSTREAM}.expiry:due")

    def sooner(stream: Stream) -> int | None:
        when: int | None = due(stream)
        return when and when - stream.config.max_age // 2

    patch.attribute(f"{JETSTREAM}.expiry:due", sooner)


@fault("JS-LIM-018", "what no consumer wants is stored")
def all_wanted(patch: Patch) -> None:
    """If there is a consumer, it wants everything."""
    path = f"{JETSTREAM}.stream:Stream.wanted"
    patch.attribute(path, lambda self, _subject: bool(self.observers))


@fault("JS-LIM-017", "the first consumer that acknowledges a message ends it for all")
def first_acknowledgement(patch: Patch) -> None:
    """Whoever else has interest."""
    path = f"{JETSTREAM}.consumer.group:Group.needed"
    patch.attribute(path, lambda _self, _seq: False)
