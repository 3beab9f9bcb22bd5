"""Direct get: messages as they are stored, without the API's JSON.

JS-DIRECT-001 .. JS-DIRECT-018, JS-DIRECT-021 .. JS-DIRECT-029. Errors are statuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import selection, times
from nats_reference.jetstream.api import decoding
from nats_reference.jetstream.consumer import statuses
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from nats_reference.jetstream.account import Account
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.stream import Stream

EMPTY_REQUEST: Final = "408 Empty Request"
BAD_REQUEST: Final = "408 Bad Request"
MALFORMED: Final = "408 Malformed Request"
NOT_FOUND: Final = "404 Message Not Found"
NO_RESULTS: Final = "404 No Results"
TOO_MANY: Final = "413 Too Many Results"
API_LEVEL: Final = "412 Required Api Level"
END: Final = "204 EOB"
#: What a request that ends in a subject may say; the second says nothing there (JS-DIRECT-022).
BESIDE_A_SUBJECT: Final = frozenset({"no_hdr", "max_bytes"})
#: Subjects that one request may get the newest messages of (JS-DIRECT-015).
MOST_SUBJECTS: Final = 1024

#: What is asked, and what is said.
Asked = "dict[str, Any]"
Say = "Callable[[bytes, bytes], None]"


class Refused(Exception):
    """A request that is answered by a status."""


def take(
    account: Account,
    tokens: Sequence[bytes],
    reply: bytes | None,
    body: bytes,
    *,
    refused: bool,
) -> bool:
    """A direct get, `refused` for its API level; whether the stream takes part in it (JS-DIRECT-001)."""
    stream = one_of(account, tokens[0].decode(errors="replace"))
    if stream is None:
        return False
    if not reply:
        return True

    def say(block: bytes, payload: bytes) -> None:
        account.publish(reply, None, block or None, payload)

    try:
        asked = read(tokens, body, refused=refused)
        answer(stream, asked, say, account.server.options.max_pending)
    except Refused as status:
        say(statuses.block(str(status)), b"")
    except ApiError:
        say(statuses.block(NOT_FOUND), b"")
    return True


def one_of(account: Account, name: str) -> Stream | None:
    """Who answers for the stream: itself, or a mirror that does so, too; drawn at random (JS-DIRECT-018)."""
    found = account.copies.substitutes(name)
    stream = account.streams.get(name)
    if stream is not None and stream.config.allow_direct:
        found.append(stream)
    return found[int(account.server.rng.random() * len(found))] if found else None


def read(tokens: Sequence[bytes], body: bytes, *, refused: bool) -> dict[str, Any]:
    """What is asked, which goes together (JS-DIRECT-003 .. JS-DIRECT-005, JS-DIRECT-010, JS-DIRECT-011)."""
    if refused:
        raise Refused(API_LEVEL)
    by_subject = [each.decode(errors="replace") for each in tokens[1:]]
    if not body.strip():
        if by_subject:
            return {"last_by_subj": by_subject[0]}
        raise Refused(EMPTY_REQUEST)
    try:
        asked = decoding.decode_alone("direct_get_request", body)
    except ApiError:
        raise Refused(MALFORMED) from None
    if by_subject:
        if any(value for name, value in asked.items() if name not in BESIDE_A_SUBJECT):
            raise Refused(BAD_REQUEST)
        return asked | {"last_by_subj": by_subject[0]}
    check(asked)
    return asked


def check(asked: dict[str, Any]) -> None:
    """Refuse what says nothing, or two things at once."""
    seq, last, following = asked.get("seq"), asked.get("last_by_subj"), asked.get("next_by_subj")
    start, several = asked.get("start_time"), asked.get("multi_last")
    if not (seq or last or following or start or several):
        raise Refused(EMPTY_REQUEST)
    clashes = (
        seq and last,
        seq and start,
        last and following,
        last and start,
        last and several,
        following and several,
        asked.get("up_to_seq") and asked.get("up_to_time"),
        last and asked.get("batch", 0) > 0,
    )
    if any(clashes):
        raise Refused(BAD_REQUEST)


def answer(stream: Stream, asked: dict[str, Any], say: Any, max_bytes: int) -> None:  # noqa: ANN401 - of bytes and bytes
    """Say what was asked for."""
    stream.drain()
    if asked.get("multi_last"):
        several(stream, asked, say, max_bytes)
    elif asked.get("batch"):
        batch(stream, asked, say, max_bytes)
    else:
        record = one(stream, asked)
        if record is None:
            raise Refused(NOT_FOUND)
        bare = asked.get("no_hdr")
        say(b"" if bare else described(stream, record), record.payload)


def one(stream: Stream, asked: dict[str, Any]) -> Record | None:
    """The one message that is meant (JS-DIRECT-004)."""
    if last := asked.get("last_by_subj"):
        return stream.last(last.encode())
    start = first_sequence(stream, asked)
    if start is None:
        return None
    if following := asked.get("next_by_subj"):
        return stream.next(following.encode(), start)
    return stream.next(b">", start) if asked.get("start_time") else stream.get(start)


def first_sequence(stream: Stream, asked: dict[str, Any]) -> int | None:
    """Where to begin; None if there is nothing any more."""
    if start := asked.get("start_time"):
        return stream.at_time(times.nanoseconds(start)) or None
    return int(asked.get("seq", 0))


def batch(stream: Stream, asked: dict[str, Any], say: Any, max_bytes: int) -> None:  # noqa: ANN401 - of bytes and bytes
    """Messages one after another, then a mark (JS-DIRECT-006 .. JS-DIRECT-009)."""
    pattern = (asked.get("next_by_subj") or ">").encode()
    seq = first_sequence(stream, asked)
    room = max(asked.get("max_bytes") or max_bytes, 1)
    pending = 0 if seq is None else selection.count(stream.store.index, pattern, seq)
    sent, last = 0, 0
    bare = asked.get("no_hdr")
    while sent < asked["batch"] and room > 0:
        record = None if seq is None else stream.next(pattern, seq)
        if record is None and not sent:
            raise Refused(NOT_FOUND)
        if record is None:
            break
        pending -= 1
        more = b"Nats-Num-Pending: %d\r\nNats-Last-Sequence: %d\r\n" % (pending, last)
        say(b"" if bare else described(stream, record, more), record.payload)
        room -= size(record)
        sent, last, seq = sent + 1, record.seq, record.seq + 1
    say(end(pending, last), b"")


def several(stream: Stream, asked: dict[str, Any], say: Any, max_bytes: int) -> None:  # noqa: ANN401 - of bytes and bytes
    """The newest message of each subject, as of one moment (JS-DIRECT-012 .. JS-DIRECT-017)."""
    patterns = tuple(each.encode() for each in asked["multi_last"])
    upto = as_of(stream, asked)
    found = stream.newest(patterns, upto=upto) if upto else []
    if len(found) > MOST_SUBJECTS:
        raise Refused(TOO_MANY)
    if not found:
        raise Refused(NO_RESULTS)
    found = [seq for seq in found if seq >= asked.get("seq", 0)]
    room = max(asked.get("max_bytes") or max_bytes, 1)
    most = asked.get("batch") or len(found)
    pending, last = len(found), 0
    for seq in found[:most]:
        record = stream.get(seq)
        if record is None:
            continue
        pending -= 1
        more = b"Nats-Num-Pending: %d\r\nNats-Last-Sequence: %d\r\n" % (pending, last)
        say(described(stream, record, more), record.payload)
        last = seq
        room -= size(record)
        if room <= 0:
            break
    say(end(pending, last, upto), b"")


def as_of(stream: Stream, asked: dict[str, Any]) -> int:
    """The last sequence of the moment that is meant (JS-DIRECT-013, JS-DIRECT-014)."""
    newest = stream.state().last_seq
    if until := asked.get("up_to_time"):
        after = stream.at_time(times.nanoseconds(until))
        return after - 1 if after else newest
    return int(asked.get("up_to_seq") or newest)


def described(stream: Stream, record: Record, more: bytes = b"") -> bytes:
    """The stored header block, and which message it is (JS-DIRECT-002)."""
    opening = record.headers[:-2] if record.headers else b"NATS/1.0\r\n"
    name, moment = stream.config.name.encode(), times.rfc3339(record.time).encode()
    return (
        b"%bNats-Stream: %b\r\nNats-Subject: %b\r\nNats-Sequence: %d\r\nNats-Time-Stamp: %b\r\n%b\r\n"
        % (
            opening,
            name,
            record.subject,
            record.seq,
            moment,
            more,
        )
    )


def end(pending: int, last: int, upto: int = 0) -> bytes:
    """The mark behind the last message (JS-DIRECT-007)."""
    fields: dict[str, object] = {"Nats_Num_Pending": pending, "Nats_Last_Sequence": last}
    if upto:
        fields["Nats_UpTo_Sequence"] = upto
    return statuses.block(END, **fields)


def size(record: Record) -> int:
    """What a message counts for against max_bytes."""
    return len(record.subject) + len(record.headers or b"") + len(record.payload)
