"""What servers say of streams, held against the model: acknowledgements, state, messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nats_conformance.expect import Mismatch
from nats_conformance.invariants.stream import violations
from nats_conformance.invariants.stream_log import Logged, View, nanoseconds
from nats_conformance.jetstream import checked
from nats_spec.model import stream as model
from nats_spec.model.stream_publish import Ack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_conformance.jetstream import JetStream
    from nats_conformance.message import Message

#: A file stream says so of sequences that it never had (JS-STREAM-031).
_NOT_DELETED = 10057
_NOT_THERE = 10043


def acknowledged(answer: dict[str, Any], stream: str, expected: Ack | model.Refused) -> None:
    """The answer to a publish.

    Raises:
        Mismatch: it is another than the model's.
    """
    if isinstance(expected, model.Refused):
        wanted: dict[str, Any] = {"stream": stream, "seq": 0, "err_code": expected.err_code}
        got = {**answer, "err_code": answer.get("error", {}).get("err_code")}
        described = answer.get("error", {}).get("description", "")
        got.pop("error", None)
        if expected.actual is not None and not described.endswith(f" {expected.actual}"):
            got["description"], wanted["description"] = described, f"… {expected.actual}"
    else:
        got, wanted = answer, {"stream": stream, "seq": expected.seq}
        wanted |= {"duplicate": True} if expected.duplicate else {}
        got = {key: value for key, value in got.items() if key != "domain"}
    if got != wanted:
        raise Mismatch("a publish has another outcome", json.dumps(wanted), json.dumps(answer))


def published(message: Message, stream: str | None, expected: Ack | model.Refused | None) -> None:
    """What came back for a publish: an acknowledgement, or 503 if no stream hears it.

    Raises:
        Mismatch: it is another than the model's.
    """
    if stream is None or expected is None:
        if message.status != 503:
            raise Mismatch("no stream hears the publish", "status 503", str(message))
        return
    if message.status is not None:
        raise Mismatch(f"{stream} hears the publish", "an acknowledgement", str(message))
    acknowledged(checked(message, "pub_ack"), stream, expected)


def purged(answer: dict[str, Any], expected: tuple[model.Stream, int] | model.Refused) -> None:
    """The answer of PURGE, and how many it took.

    Raises:
        Mismatch: it is another than the model's.
    """
    if isinstance(expected, model.Refused):
        outcome(answer, expected, "PURGE")
        return
    outcome(answer, None, "PURGE")
    if answer.get("purged") != expected[1]:
        raise Mismatch("PURGE took another number", f"{expected[1]}", f"{answer.get('purged')}")


def outcome(answer: dict[str, Any], expected: model.Refused | None, what: str) -> None:
    """The answer of an endpoint that either does it or refuses.

    Raises:
        Mismatch: it did otherwise.
    """
    code = answer.get("error", {}).get("err_code")
    wanted = expected.err_code if expected else None
    if code != wanted and not (wanted == _NOT_THERE and code == _NOT_DELETED):
        shown = f"error {wanted}" if wanted else "no error"
        raise Mismatch(f"{what}: another outcome", shown, json.dumps(answer.get("error", answer)))


def state(js: JetStream, stream: model.Stream) -> None:
    """STREAM.INFO tells what the model holds.

    Raises:
        Mismatch: something differs; names the members.
    """
    # Of a file stream that nothing has happened to, nats-server gives 0 as a deleted sequence.
    used = stream.first > 0
    info = js.info(stream.config.name, deleted_details=used, subjects_filter=">")
    expected = model.state(stream)
    wanted = {
        "messages": expected.messages,
        "bytes": expected.num_bytes,
        "first_seq": expected.first_seq,
        "last_seq": expected.last_seq,
        "num_deleted": len(expected.deleted),
        "deleted": list(expected.deleted),
        "num_subjects": len(expected.subjects),
        "subjects": {subject.decode(): count for subject, count in expected.subjects.items()},
    }
    told = info["state"]
    if stream.last == 0:
        # Purged or not: a restart takes the one for the other.
        wanted["first_seq"] = told["first_seq"] if told["first_seq"] in (0, 1) else 1
    got = {key: told.get(key) or type(value)() for key, value in wanted.items()}
    different = [key for key, value in wanted.items() if got[key] != value]
    if different:
        raise Mismatch(
            f"the state of the stream differs in {', '.join(different)}",
            json.dumps({key: wanted[key] for key in different}),
            json.dumps({key: told.get(key) for key in different}),
        )


def stored(js: JetStream, stream: model.Stream, seq: int) -> Logged | None:
    """MSG.GET of one sequence gives the message, or 10037 where there is none.

    Raises:
        Mismatch: it gives something else.
    """
    return _message(js, stream, {"seq": seq}, stream.messages.get(seq))


def sound(js: JetStream, stream: model.Stream, log: Iterable[Logged | None]) -> None:
    """The invariants hold of the whole stream, as INFO shows it.

    Raises:
        Mismatch: one doesn't, whatever the configurations were that it has had.
    """
    view = View.of(js.info(stream.config.name))
    for wrong in violations(filter(None, log), view):
        if not wrong.remark:
            raise Mismatch("an invariant of streams does not hold", "a sound stream", str(wrong))


def newest(js: JetStream, stream: model.Stream, pattern: str) -> None:
    """MSG.GET of the last for a subject; Mismatch if it is another."""
    _message(js, stream, {"last_by_subj": pattern}, model.last_by_subject(stream, pattern.encode()))


def following(js: JetStream, stream: model.Stream, pattern: str, seq: int) -> None:
    """MSG.GET of the next for a subject; Mismatch if it is another."""
    expected = model.next_by_subject(stream, pattern.encode(), seq)
    _message(js, stream, {"seq": seq, "next_by_subj": pattern}, expected)


def _message(
    js: JetStream, stream: model.Stream, body: dict[str, Any], expected: model.Stored | None
) -> Logged | None:
    name = stream.config.name
    if expected is None:
        js.refused(f"STREAM.MSG.GET.{name}", 10037, body)
        return None
    got = js.stored(name, **body)
    message = expected.message
    wanted = (expected.seq, message.subject, message.block, message.payload)
    came = (got["seq"], got["subject"].encode(), got["hdrs"], got["data"])
    if came != wanted:
        raise Mismatch(f"MSG.GET {json.dumps(body)} gives another message", f"{wanted}", f"{came}")
    time = nanoseconds(got["time"])
    return Logged(expected.seq, time, message.subject, message.block, len(message.payload))
