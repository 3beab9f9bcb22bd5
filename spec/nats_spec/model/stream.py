"""What a stream is: its messages, its state, and how messages leave it.

A stream is a pure fold over operations: each function takes a stream and gives the next
one. `stream_publish` adds publishing, `stream_limits` what is removed because it is too
much, `stream_account` several streams beside each other. Implements JS-LIM-001 .. JS-LIM-006,
JS-LIM-020, JS-LIM-021, JS-PUB-020, JS-PUB-021, JS-PUB-023, JS-STREAM-022 .. JS-STREAM-032.

Leaves out clocks (the caller tells the time), consumers, counters, TTL, batches, schedules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from nats_spec import headers
from nats_spec.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MSG_ID: Final = b"Nats-Msg-Id"


@dataclass(frozen=True, slots=True)
class Config:
    """What of a stream's configuration decides what becomes of a message; -1 is no limit."""

    name: str
    subjects: tuple[bytes, ...]
    #: On disk; otherwise in memory (JS-LIM-020).
    file: bool = False
    max_msgs: int = -1
    max_bytes: int = -1
    max_msgs_per_subject: int = -1
    max_msg_size: int = -1
    #: Nanoseconds; 0 is for ever.
    max_age: int = 0
    #: Nanoseconds that a message id is remembered.
    duplicate_window: int = 120 * 10**9
    #: When it is full, refuse the new message instead of removing the oldest.
    discard_new: bool = False
    discard_new_per_subject: bool = False
    allow_rollup: bool = False
    deny_delete: bool = False
    deny_purge: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What is published."""

    subject: bytes
    payload: bytes = b""
    #: The header block, empty if there is none.
    block: bytes = b""

    def header(self, name: bytes) -> bytes:
        """The first value under exactly this name; absent is empty (JS-PUB-006, JS-PUB-007)."""
        if not self.block:
            return b""
        return next(iter(headers.parse(self.block).values(name)), b"")


@dataclass(frozen=True, slots=True)
class Stored:
    """A message in its place."""

    seq: int
    #: Nanoseconds.
    time: int
    message: Message


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream at one moment."""

    config: Config
    #: What it holds, by sequence, in order.
    messages: Mapping[int, Stored] = field(default_factory=dict)
    #: 0 until anything happened to it; then its oldest message, or the next to come (JS-LIM-003).
    first: int = 0
    #: The last sequence ever given (JS-LIM-001).
    last: int = 0
    #: Message ids, where each was stored, and when.
    ids: Mapping[bytes, tuple[int, int]] = field(default_factory=dict)
    #: The id of the message that was stored last, empty if it had none.
    last_id: bytes = b""


@dataclass(frozen=True, slots=True)
class State:
    """What STREAM.INFO tells of a stream."""

    messages: int
    num_bytes: int
    first_seq: int
    last_seq: int
    deleted: tuple[int, ...]
    subjects: Mapping[bytes, int]


@dataclass(frozen=True, slots=True)
class Refused:
    """An operation that did nothing, and why."""

    err_code: int
    #: The sequence that a 10071 names.
    actual: int | None = None


SEALED: Final = Refused(10109)


def state(stream: Stream) -> State:
    """Counts and sums over what it holds (JS-LIM-002 .. JS-LIM-006)."""
    kept = stream.messages
    held = range(stream.first or 1, stream.last + 1)
    return State(
        len(kept),
        sum(size(stored.message, file=stream.config.file) for stored in kept.values()),
        stream.first,
        stream.last,
        tuple(seq for seq in held if seq not in kept),
        Counter(stored.message.subject for stored in kept.values()),
    )


def size(message: Message, *, file: bool) -> int:
    """What a message counts for in bytes (JS-LIM-005)."""
    length = len(message.subject) + len(message.block) + len(message.payload)
    if not file:
        return 16 + length
    return 30 + length + (4 if message.block else 0)


def without(stream: Stream, gone: Collection[int]) -> Stream:
    """The stream without these sequences; it begins with the oldest left (JS-LIM-004)."""
    if not gone:
        return stream
    kept = {seq: stored for seq, stored in stream.messages.items() if seq not in gone}
    return replace(stream, messages=kept, first=min(kept, default=stream.last + 1))


def delete(stream: Stream, seq: int) -> Stream | Refused:
    """MSG.DELETE; outside its range a file stream says 10057 instead (JS-STREAM-029 .. 032)."""
    if stream.config.sealed:
        return SEALED
    if stream.config.deny_delete:
        return Refused(10057)
    if seq not in stream.messages:
        return Refused(10043)
    return without(stream, {seq})


def purge(
    stream: Stream, pattern: bytes = b">", below: int = 0, keep: int = 0
) -> tuple[Stream, int] | Refused:
    """PURGE and how many it removed; `below` is the request's `seq` (JS-STREAM-022 .. 028)."""
    if below and keep:
        return Refused(10003)
    if stream.config.sealed:
        return SEALED
    if stream.config.deny_purge:
        return Refused(10110)
    met = [
        seq
        for seq, stored in stream.messages.items()
        if matches(pattern, stored.message.subject) and (not below or seq < below)
    ]
    gone = met[: len(met) - keep] if keep < len(met) else []
    purged = without(stream, set(gone))
    if pattern == b">" and not keep and below != 1:
        last = max(stream.last, below - 1)  # the one way to move it without a message
        purged = replace(purged, last=last, first=min(purged.messages, default=last + 1))
    return purged, len(gone)


def restart(stream: Stream, now: int) -> Stream | None:
    """After the server died and came back: None if it was in memory (JS-LIM-020).

    Ids are read again from what is stored, so those of removed messages are forgotten
    (JS-PUB-021, JS-PUB-023).
    """
    if not stream.config.file:
        return None
    since = now - stream.config.duplicate_window
    recent = [stored for stored in stream.messages.values() if stored.time > since]
    ids = {found: (s.seq, s.time) for s in recent if (found := s.message.header(MSG_ID))}
    newest = recent[-1] if recent and recent[-1].seq == stream.last else None
    return replace(stream, ids=ids, last_id=newest.message.header(MSG_ID) if newest else b"")


def last_by_subject(stream: Stream, pattern: bytes) -> Stored | None:
    """The newest message of all subjects that match (JS-STREAM-034)."""
    for stored in reversed(list(stream.messages.values())):
        if matches(pattern, stored.message.subject):
            return stored
    return None


def next_by_subject(stream: Stream, pattern: bytes, seq: int = 1) -> Stored | None:
    """The oldest message from `seq` on whose subject matches (JS-STREAM-034)."""
    for at, stored in stream.messages.items():
        if at >= seq and matches(pattern, stored.message.subject):
            return stored
    return None
