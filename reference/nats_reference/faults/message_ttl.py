"""Faults of chapter 116, message TTL and delete markers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.preconditions import without_check
from nats_reference.faults.publishing import JETSTREAM
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nats_reference.jetstream.lifetimes import Lifetimes
    from nats_reference.jetstream.publishing import Round
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.store.index import Index
    from nats_reference.jetstream.stream import Stream

TTL, MARKERS = f"{JETSTREAM}.ttl", f"{JETSTREAM}.markers"
LIFETIMES, EXPIRY = f"{JETSTREAM}.lifetimes", f"{JETSTREAM}.expiry"
SECOND = 10**9


# ---- How long -------------------------------------------------------------------------


def understood(patch: Patch, change: Callable[[bytes, int | None], int | None]) -> None:
    """Let `change(value, seconds)` decide what a TTL means."""

    def seconds(original: Any, value: bytes) -> int | None:  # noqa: ANN401 - a function
        return change(value, original(value))

    wrap(patch, f"{TTL}:seconds", seconds)


@fault("JS-TTL-001", "only digits are a time to live")
def digits_alone(patch: Patch) -> None:
    """No durations, and `never` is none."""
    understood(patch, lambda value, seconds: seconds if value.isdigit() else None)


@fault("JS-TTL-001/whole", "parts of a second are rounded up")
def rounded_up(patch: Patch) -> None:
    """A message lives longer by up to a second."""
    understood(patch, lambda value, seconds: seconds and seconds + (b"." in value))


@fault("JS-TTL-002", "a time below a second is a second")
def a_second_at_least(patch: Patch) -> None:
    """Zero, too."""
    understood(patch, lambda value, seconds: 1 if value.startswith(b"0") else seconds)


@fault("JS-TTL-003", "a stream need not allow a time to live")
def always_allowed(patch: Patch) -> None:
    """It is taken for what it is."""
    without_check(patch, "ttl_allowed")


@fault("JS-TTL-004", "messages stay when their time is over")
def immortal(patch: Patch) -> None:
    """For ever."""
    patch.attribute(f"{LIFETIMES}:over_at", lambda time, _ttl: time + (1 << 64))


@fault("JS-TTL-004/early", "messages go after half of their time")
def half_time(patch: Patch) -> None:
    """Too early."""
    patch.attribute(f"{LIFETIMES}:over_at", lambda time, ttl: time + ttl * SECOND // 2)


@fault("JS-TTL-004/restart", "after a restart no message has a time to live")
def forgotten(patch: Patch) -> None:
    """It stays."""

    def empty(original: Any, store: Any, config: Any) -> Lifetimes:  # noqa: ANN401 - unused
        found: Lifetimes = type(original(store, config))()
        return found

    wrap(patch, f"{LIFETIMES}:rebuilt", empty)


@fault("JS-TTL-015", "an end beyond 63 bits of nanoseconds is now")
def overflow(patch: Patch) -> None:
    """As in nats-server."""

    def over_at(original: Any, time: int, ttl: int) -> int:  # noqa: ANN401 - a function
        end: int = original(time, ttl)
        return end if end < 1 << 63 else 0

    wrap(patch, f"{LIFETIMES}:over_at", over_at)


@fault("JS-TTL-005", "a time shorter than a marker's stays")
def no_floor(patch: Patch) -> None:
    """What was older may come to light."""
    patch.attribute(f"{TTL}:floor", lambda _config: 0)


@fault("JS-TTL-005/single", "times are raised with one message a subject, too")
def always_raised(patch: Patch) -> None:
    """Where nothing can come to light."""
    path = f"{TTL}:floor"
    patch.attribute(path, lambda config: config.subject_delete_marker_ttl // SECOND)


@fault("JS-LIM-016", "max_age ends what says `never`")
def no_exception(patch: Patch) -> None:
    """All messages alike."""

    def aging(_self: Lifetimes, index: Index) -> Iterator[int]:
        return index.sequences()

    patch.attribute(f"{LIFETIMES}:Lifetimes.aging", aging)


# ---- Markers --------------------------------------------------------------------------


@fault("JS-TTL-006", "the end of a subject leaves nothing")
def no_markers(patch: Patch) -> None:
    """Readers don't hear of it."""
    patch.attribute(f"{MARKERS}:wanted", lambda _stream, _seq: False)


@fault("JS-TTL-006/duration", "a marker spells its time in seconds")
def plain_seconds(patch: Patch) -> None:
    """`3723s` for `1h2m3s`."""
    patch.attribute(f"{MARKERS}:duration", lambda seconds: f"{seconds}s")


@fault("JS-TTL-007", "a marker leaves what it stands for where it is")
def beside(patch: Patch) -> None:
    """The end of the subject comes, and the subject stays."""

    def roll_up(original: Any, stream: Stream, what: bytes, subject: bytes, seq: int) -> None:  # noqa: ANN401
        record = stream.store.get(seq)
        if record is None or b"Nats-Marker-Reason" not in (record.headers or b""):
            original(stream, what, subject, seq)

    def replaced(original: Any, round_: Round, seq: int) -> bool:  # noqa: ANN401 - a function
        before = round_.index.last_seq
        original(round_, seq)
        if round_.index.last_seq == before:
            return False
        round_.stream.lifetimes._never.add(seq)  # noqa: SLF001
        return True

    wrap(patch, f"{JETSTREAM}.retention:roll_up", roll_up)
    wrap(patch, f"{EXPIRY}:replaced", replaced)


def recognised(patch: Patch, decide: Callable[[bytes], bool]) -> None:
    """Let `decide(header block)` say what needs no marker."""

    def is_marker(record: Record) -> bool:
        return decide(record.headers or b"")

    patch.attribute(f"{MARKERS}:is_marker", is_marker)


@fault("JS-TTL-008", "a marker that is over leaves a marker")
def marker_of_marker(patch: Patch) -> None:
    """Again and again."""
    recognised(patch, lambda block: b"KV-Operation: PURGE" in block)


@fault("JS-TTL-009", "max_age does not end markers")
def ageless_markers(patch: Patch) -> None:
    """They have a time of their own."""

    def replaced(original: Any, round_: Round, seq: int) -> bool:  # noqa: ANN401 - a function
        marked = bool(original(round_, seq))
        if marked:
            round_.stream.lifetimes._never.add(round_.index.last_seq)  # noqa: SLF001
        return marked

    wrap(patch, f"{EXPIRY}:replaced", replaced)


@fault("JS-TTL-010", "a purge that is over leaves a marker")
def purges_too(patch: Patch) -> None:
    """Two ends of one subject."""
    recognised(patch, lambda block: b"Nats-Marker-Reason: " in block)


@fault("JS-TTL-010/del", "a deletion that is over leaves no marker")
def deletions_too(patch: Patch) -> None:
    """It is an end as well."""
    recognised(patch, lambda block: b"Marker-Reason: " in block or b"KV-Operation: " in block)


@fault("JS-TTL-011", "a message that is over leaves a marker though its subject goes on")
def not_the_last(patch: Patch) -> None:
    """The older ones go with it."""

    def wanted(stream: Stream, seq: int) -> bool:
        from nats_reference.jetstream import markers  # noqa: PLC0415 - with JetStream alone

        record = stream.store.get(seq) if stream.config.subject_delete_marker_ttl else None
        return record is not None and not markers.is_marker(record)

    patch.attribute(f"{MARKERS}:wanted", wanted)


@fault("JS-TTL-011/delete", "a deleted message leaves a marker")
def deleted_too(patch: Patch) -> None:
    """Whoever deleted it knows."""

    def delete(original: Any, stream: Stream, seq: int) -> None:  # noqa: ANN401 - a function
        from nats_reference.jetstream import markers  # noqa: PLC0415 - with JetStream alone

        subject = stream.store.index.subject(seq)
        original(stream, seq)
        if subject and stream.config.subject_delete_marker_ttl:
            block = markers.headers(1)
            stream.store.append(subject, block, b"", stream.host.clock.wall())

    wrap(patch, f"{JETSTREAM}.purging:delete", delete)


@fault("JS-TTL-013", "markers say Remove")
def another_reason(patch: Patch) -> None:
    """As ADR-43 has it for deletions."""

    def headers(original: Any, seconds: int) -> bytes:  # noqa: ANN401 - a function
        block: bytes = original(seconds)
        return block.replace(b"MaxAge", b"Remove")

    wrap(patch, f"{MARKERS}:headers", headers)


@fault("JS-TTL-017", "a marker's subject is transformed")
def transformed(patch: Patch) -> None:
    """As in nats-server."""

    def replaced(original: Any, round_: Round, seq: int) -> bool:  # noqa: ANN401 - a function
        from nats_reference.jetstream import markers  # noqa: PLC0415 - with JetStream alone

        transform, marker = round_.stream.transform, markers.marker
        if transform is None:
            return bool(original(round_, seq))

        def elsewhere(config: Any, subject: bytes) -> Any:  # noqa: ANN401 - handed on
            return marker(config, transform(subject) or subject)

        markers.marker = elsewhere
        done = bool(original(round_, seq))
        markers.marker = marker
        return done

    wrap(patch, f"{EXPIRY}:replaced", replaced)


@fault("JS-TTL-014", "a message stays for whose marker there is no room")
def no_room(patch: Patch) -> None:
    """As in nats-server."""

    def replaced(original: Any, round_: Round, seq: int) -> bool:  # noqa: ANN401 - a function
        from nats_reference.jetstream import markers  # noqa: PLC0415 - with JetStream alone

        return bool(original(round_, seq)) or markers.wanted(round_.stream, seq)

    wrap(patch, f"{EXPIRY}:replaced", replaced)


# ---- Copies ---------------------------------------------------------------------------


@fault("JS-TTL-012", "copies expire though their stream doesn't allow it")
def expiring_copies(patch: Patch) -> None:
    """What the message says, it says."""
    patch.attribute(f"{TTL}:counts", lambda _config, _lifetime: True)


@fault("JS-TTL-012/never", "a copy that never expires is as any other")
def ageing_copies(patch: Patch) -> None:
    """Where that isn't allowed."""
    patch.attribute(f"{TTL}:counts", lambda config, _lifetime: config.allow_msg_ttl)
