"""What becomes of a message that is published to a stream.

The checks stand in the order in which servers make them, and the first that objects
decides (JS-PUB-008); the order has changed, so there is one for each range of releases.
Implements JS-PUB-004, JS-PUB-008 .. JS-PUB-020, JS-PUB-024, JS-PUB-025, JS-PUB-027, JS-PUB-028.

Leaves out counters, TTL, schedules, batches, and limits of account and server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from nats_spec.model.stream import (
    MSG_ID,
    SEALED,
    Message,
    Refused,
    Stored,
    Stream,
    last_by_subject,
)
from nats_spec.model.stream_limits import roll_up, room, trim


@dataclass(frozen=True, slots=True)
class Ack:
    """The message is in the stream, or was before (JS-PUB-001)."""

    seq: int
    duplicate: bool = False


#: One look at a message before it is stored; None lets it pass.
Check: TypeAlias = Callable[[Stream, Message], "Refused | Ack | None"]

#: A header block may not be longer (JS-PUB-025).
LONGEST_BLOCK: Final = 65535


def publish(
    stream: Stream, message: Message, now: int, release: tuple[int, ...] = (2, 15)
) -> tuple[Stream, Ack | Refused]:
    """The stream after `message`, and what its publisher is told."""
    stream = forget(stream, now)
    for check in checks(release):
        objection = check(stream, message)
        if objection is not None:
            return stream, objection
    rollup = _rollup(message)
    if (full := room(stream, message, rollup=bool(rollup), release=release)) is not None:
        return stream, full
    seq = stream.last + 1
    stream = replace(
        stream,
        messages={**stream.messages, seq: Stored(seq, now, message)},
        first=min(stream.messages, default=seq),
        last=seq,
        last_id=message.header(MSG_ID),
    )
    if stream.last_id:
        stream = replace(stream, ids={**stream.ids, stream.last_id: (seq, now)})
    stream = trim(stream)
    if rollup:
        stream = roll_up(stream, message, rollup)
    return stream, Ack(seq)


def forget(stream: Stream, now: int) -> Stream:
    """Without the ids that are older than the window (JS-PUB-019)."""
    since = now - stream.config.duplicate_window
    recent = {name: (seq, time) for name, (seq, time) in stream.ids.items() if time > since}
    return replace(stream, ids=recent)


def checks(release: tuple[int, ...]) -> tuple[Check, ...]:
    """The checks of a release, in its order (JS-PUB-008)."""
    return next(order for since, order in _ORDERS if release >= since)


# ---- The checks --------------------------------------------------------------


def _sealed(stream: Stream, message: Message) -> Refused | None:  # noqa: ARG001 - as all checks
    return SEALED if stream.config.sealed else None


def _too_long(stream: Stream, message: Message) -> Refused | None:
    """max_msg_size counts header and payload (JS-PUB-024)."""
    limit = stream.config.max_msg_size
    if 0 < limit < len(message.block) + len(message.payload):
        return Refused(10054)
    return Refused(10097) if len(message.block) > LONGEST_BLOCK else None


def _another_stream(stream: Stream, message: Message) -> Refused | None:
    """JS-PUB-009."""
    expected = message.header(b"Nats-Expected-Stream")
    return Refused(10060) if expected not in (b"", stream.config.name.encode()) else None


def _subject_moved(stream: Stream, message: Message) -> Refused | None:
    """The newest of the subject, or of the subjects that a header names (JS-PUB-012 .. 014)."""
    return _newest(stream, message, message.header(_CHECKED_SUBJECT))


def _own_subject_moved(stream: Stream, message: Message) -> Refused | None:
    """Before that header was known."""
    return _newest(stream, message, b"")


def _newest(stream: Stream, message: Message, pattern: bytes) -> Refused | None:
    expected = message.header(b"Nats-Expected-Last-Subject-Sequence")
    if not expected:
        return None
    newest = last_by_subject(stream, pattern or message.subject)
    actual = newest.seq if newest else 0
    return Refused(10071, actual) if _number(expected) != actual else None


def _unexpected_subject(stream: Stream, message: Message) -> Refused | None:  # noqa: ARG001
    """A subject to be checked without a sequence to check (JS-PUB-014)."""
    alone = not message.header(b"Nats-Expected-Last-Subject-Sequence")
    return Refused(10193) if alone and message.header(_CHECKED_SUBJECT) else None


def _stream_moved(stream: Stream, message: Message) -> Refused | None:
    """JS-PUB-010, JS-PUB-011."""
    expected = message.header(b"Nats-Expected-Last-Sequence")
    if not expected or _number(expected) == stream.last:
        return None
    return Refused(10071, stream.last)


def _known(stream: Stream, message: Message) -> Ack | None:
    """The id of a message that was stored within the window (JS-PUB-017)."""
    known = stream.ids.get(message.header(MSG_ID))
    return Ack(known[0], duplicate=True) if known else None


def _last_id_moved(stream: Stream, message: Message) -> Refused | None:
    """JS-PUB-016."""
    expected = message.header(b"Nats-Expected-Last-Msg-Id")
    return Refused(10070) if expected not in (b"", stream.last_id) else None


def _no_rollup(stream: Stream, message: Message) -> Refused | None:
    """JS-PUB-028."""
    which = _rollup(message)
    allowed = stream.config.allow_rollup and not stream.config.deny_purge
    return Refused(10111) if which and not (allowed and which in (b"sub", b"all")) else None


_CHECKED_SUBJECT: Final = b"Nats-Expected-Last-Subject-Sequence-Subject"

_HEADERS_SINCE_2_12: Final[tuple[Check, ...]] = (
    _another_stream,
    _subject_moved,
    _unexpected_subject,
    _stream_moved,
    _known,
    _last_id_moved,
    _no_rollup,
)

#: Since which release the checks come in which order, newest first.
_ORDERS: Final[tuple[tuple[tuple[int, ...], tuple[Check, ...]], ...]] = (
    ((2, 15), (_sealed, _too_long, *_HEADERS_SINCE_2_12)),
    ((2, 12), (_sealed, *_HEADERS_SINCE_2_12, _too_long)),
    (
        (2, 11),
        (
            *(_sealed, _another_stream, _known, _subject_moved, _stream_moved),
            *(_last_id_moved, _no_rollup, _too_long),
        ),
    ),
    (
        (0,),
        (
            *(_sealed, _another_stream, _known, _own_subject_moved, _stream_moved),
            *(_last_id_moved, _no_rollup, _too_long),
        ),
    ),
)


def _rollup(message: Message) -> bytes:
    return message.header(b"Nats-Rollup").lower()


def _number(text: bytes) -> int:
    """A sequence as a header spells it; what is none equals no sequence."""
    return int(text) if text.isdigit() else -1
