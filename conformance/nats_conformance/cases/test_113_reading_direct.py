"""Direct get of one message (JS-DIRECT-001 .. JS-DIRECT-005, JS-DIRECT-017, JS-DIRECT-021 .. 023)."""

from __future__ import annotations

from typing import Any, Final

from nats_conformance.cases import Nats, case
from nats_conformance.message import Body, Message
from nats_conformance.sample import STORAGES, sample

from .test_113_reading import BY_TIME, FOUND, LATER, NOT_FOUND

#: A request, and the status that it gets.
EMPTY: Final[tuple[Body, ...]] = (
    None,
    {},
    {"seq": 0},
    {"seq": None},
    {"last_by_subj": ""},
    {"no_hdr": True},
    {"unknown": 3},
)
MALFORMED: Final[tuple[Body, ...]] = (
    "garbage",
    "[1]",
    "{bad",
    {"seq": -1},
    {"seq": "1"},
    {"seq": 1.5},
    {"last_by_subj": 7},
)
BAD: Final[tuple[dict[str, Any], ...]] = (
    {"seq": 1, "last_by_subj": ".a"},
    {"last_by_subj": ".a", "next_by_subj": ".a"},
    {"seq": 1, "last_by_subj": ".a", "next_by_subj": ".b"},
)
BAD_TIMES: Final[tuple[dict[str, Any], ...]] = (
    {"seq": 1, "start_time": "@1"},
    {"last_by_subj": ".a", "start_time": "@1"},
    {"seq": 1, "start_time": "@1", "next_by_subj": ".a"},
)


def is_status(message: Message, code: int, text: str) -> bool:
    """Whether it is this status, with neither fields nor payload."""
    return (message.status, message.description, message.fields, message.payload) == (
        code,
        text,
        (),
        b"",
    )


@case("JS-DIRECT-001", config="jetstream", deliveries=False)
def test_direct_get_is_there_if_the_stream_allows_it(nats: Nats) -> None:
    log = sample(nats, allow_direct=False)
    stream = log.stream
    config = {"name": stream, "subjects": [log.subject(">")], "storage": "memory"}
    for allowed in (False, True, False, True):
        log.js.request(f"STREAM.UPDATE.{stream}", config | {"allow_direct": allowed})
        for asked in (
            log.js.direct(stream, {"seq": 1}),
            log.js.direct(stream, subject=log.subject("a")),
        ):
            assert asked.status == (None if allowed else 503), str(asked)
    log.js.request(f"STREAM.DELETE.{stream}")
    assert log.js.direct(stream, {"seq": 1}).status == 503
    assert log.js.direct(nats.name("S"), {"seq": 1}).status == 503


@case("JS-DIRECT-002", config="jetstream", deliveries=False)
def test_a_message_comes_as_it_is_with_four_more_fields(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        log.js.publish(log.subject("e"))
        log.js.publish(log.subject("e"), b"\x00\xff\r\n", {"A": "b", "B": "c", "Nats-X": "d"})
        for seq, word, payload, own in (
            (1, "a", b"m1", ()),
            (2, "b", b"m2", (("X", "1"),)),
            (9, "e", b"", ()),
            (10, "e", b"\x00\xff\r\n", (("A", "b"), ("B", "c"), ("Nats-X", "d"))),
        ):
            got = log.js.direct(log.stream, {"seq": seq})
            assert got.payload == payload
            assert got.fields == (
                *own,
                ("Nats-Stream", log.stream),
                ("Nats-Subject", log.subject(word)),
                ("Nats-Sequence", str(seq)),
                ("Nats-Time-Stamp", log.time(seq)),
            )
            assert (got.status, got.reply) == (None, "")


@case("JS-DIRECT-003", config="jetstream", deliveries=False)
def test_what_can_not_be_answered_is_a_status(nats: Nats) -> None:
    log = sample(nats, allow_direct=True)
    log.remove(3)
    for bodies, code, text in (
        (EMPTY, 408, "Empty Request"),
        (MALFORMED, 408, "Malformed Request"),
        (BAD, 408, "Bad Request"),
        (NOT_FOUND, 404, "Message Not Found"),
    ):
        for written in bodies:
            got = log.js.direct(log.stream, log.body(written))
            assert is_status(got, code, text), f"{written!r}: {got}"


@case("JS-DIRECT-004", config="jetstream", deliveries=False)
def test_the_selectors_are_those_of_msg_get(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        log.remove(3)
        for written, seq in (*FOUND, ({"seq": 1, "unknown": 3}, 1)):
            got = log.js.direct(log.stream, log.filled(written))
            assert got.header("Nats-Sequence") == str(seq), f"{storage} {written}: {got}"
            assert got.payload == f"m{seq}".encode()


@case("JS-DIRECT-021", config="jetstream", deliveries=False)
def test_a_time_selects_too(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        for written, seq in BY_TIME:
            got = log.js.direct(log.stream, log.filled(written))
            assert got.header("Nats-Sequence") == str(seq), f"{storage} {written}: {got}"
        for bodies, code, text in (
            (LATER, 404, "Message Not Found"),
            (BAD_TIMES, 408, "Bad Request"),
            (({"start_time": "soon"},), 408, "Malformed Request"),
        ):
            for body in bodies:
                got = log.js.direct(log.stream, log.filled(body))
                assert is_status(got, code, text), f"{storage} {body}: {got}"


@case("JS-DIRECT-005", config="jetstream", deliveries=False)
def test_a_subject_at_the_end_asks_for_its_last_message(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        for word, seq in (("a", 4), ("x.y", 6), ("x.*", 7), ("*", 8), (">", 8)):
            got = log.js.direct(log.stream, subject=log.subject(word))
            assert got.header("Nats-Sequence") == str(seq), f"{word}: {got}"
        for word in ("d", "x", "a.>"):
            got = log.js.direct(log.stream, subject=log.subject(word))
            assert is_status(got, 404, "Message Not Found"), f"{word}: {got}"
        for written in ({"seq": 1}, {"last_by_subj": ".a"}, {"batch": 2}, {"up_to_seq": 1}):
            got = log.js.direct(log.stream, log.filled(written), subject=log.subject("a"))
            assert is_status(got, 408, "Bad Request"), f"{written!r}: {got}"


@case("JS-DIRECT-022", config="jetstream", deliveries=False)
def test_a_subject_at_the_end_may_be_asked_without_headers(nats: Nats) -> None:
    log = sample(nats, allow_direct=True)
    subject = log.subject("b")
    log.js.publish(subject, "m9", {"X": "2"})
    for body in (None, {}, {"no_hdr": False}, {"seq": 0}, {"max_bytes": 1}, {"unknown": 3}):
        got = log.js.direct(log.stream, body, subject=subject)
        assert (got.header("X"), got.header("Nats-Sequence")) == ("2", "9"), f"{body!r}: {got}"
    bare = log.js.direct(log.stream, {"no_hdr": True}, subject=subject)
    assert (bare.fields, bare.payload) == ((), b"m9")
    got = log.js.direct(log.stream, "garbage", subject=subject)
    assert is_status(got, 408, "Malformed Request"), str(got)


@case("JS-DIRECT-023", config="jetstream", deliveries=False)
def test_a_subject_at_the_end_and_a_body_were_too_much(nats: Nats) -> None:
    log = sample(nats, allow_direct=True)
    for body in ({}, {"no_hdr": True}, "garbage"):
        got = log.js.direct(log.stream, body, subject=log.subject("a"))
        assert is_status(got, 408, "Bad Request"), f"{body!r}: {got}"


@case("JS-DIRECT-017", config="jetstream", deliveries=False)
def test_without_headers_there_is_no_header_block(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        for written in ({"seq": 2}, {"seq": 1}, {"last_by_subj": ".b"}, {"next_by_subj": ".b"}):
            asked = log.filled(written)
            full = log.js.direct(log.stream, asked)
            bare = log.js.direct(log.stream, asked | {"no_hdr": True})
            assert full.block
            assert (bare.block, bare.payload) == (b"", full.payload), str(bare)
        messages, _ = log.js.direct_all(log.stream, {"seq": 1, "batch": 3, "no_hdr": True})
        assert [(m.block, m.payload) for m in messages] == [
            (b"", b"m1"),
            (b"", b"m2"),
            (b"", b"m3"),
        ]
