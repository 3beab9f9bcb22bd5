"""STREAM.MSG.GET: one message, as JSON (JS-STREAM-033 .. JS-STREAM-038, JS-GET-001 .. JS-GET-004)."""

from __future__ import annotations

import base64
import re
from typing import Any, Final

from nats_conformance.cases import Nats, case
from nats_conformance.sample import STORAGES, sample

#: RFC 3339 in UTC, the nanoseconds without trailing zeros.
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z")

#: A selector, and the sequence that it finds when 3 is deleted.
FOUND: Final[tuple[tuple[dict[str, Any], int], ...]] = (
    ({"seq": 1}, 1),
    ({"seq": 8}, 8),
    ({"SEQ": 2}, 2),
    ({"seq": 4, "last_by_subj": None}, 4),
    ({"last_by_subj": ".a"}, 4),
    ({"last_by_subj": ".c"}, 8),
    ({"last_by_subj": ".x.*"}, 7),
    ({"last_by_subj": ".*"}, 8),
    ({"last_by_subj": ".>"}, 8),
    ({"last_by_subj": ">"}, 8),
    ({"next_by_subj": ".b"}, 2),
    ({"next_by_subj": ".b", "seq": 2}, 2),
    ({"next_by_subj": ".b", "seq": 3}, 5),
    ({"next_by_subj": ".c"}, 8),
    ({"next_by_subj": ".*", "seq": 6}, 8),
    ({"next_by_subj": ".x.>"}, 6),
    ({"next_by_subj": ">", "seq": 3}, 4),
)
NOT_FOUND: Final[tuple[dict[str, Any], ...]] = (
    {"seq": 3},
    {"seq": 9},
    {"seq": 1 << 63},
    {"last_by_subj": ".d"},
    {"last_by_subj": ".x"},
    {"last_by_subj": ".a.>"},
    {"last_by_subj": "a..b"},
    {"next_by_subj": ".d"},
    {"next_by_subj": ".a", "seq": 5},
    {"next_by_subj": ".a", "seq": 99},
)
BY_TIME: Final[tuple[tuple[dict[str, Any], int], ...]] = (
    ({"start_time": "2020-01-01T00:00:00Z"}, 1),
    ({"start_time": "2020-01-01T01:00:00.5+01:00"}, 1),
    ({"start_time": "@1"}, 1),
    ({"start_time": "@4"}, 4),
    ({"start_time": "@8"}, 8),
    ({"start_time": "@4", "next_by_subj": ".a"}, 4),
    ({"start_time": "@4", "next_by_subj": ".b"}, 5),
    ({"start_time": "@4", "next_by_subj": ".x.*"}, 6),
    ({"start_time": "2020-01-01T00:00:00Z", "next_by_subj": ".b"}, 2),
)
LATER: Final[tuple[dict[str, Any], ...]] = (
    {"start_time": "2199-01-01T00:00:00Z"},
    {"start_time": "2199-01-01T00:00:00Z", "next_by_subj": ".a"},
    {"start_time": "@5", "next_by_subj": ".a"},
)
AMBIGUOUS: Final[tuple[dict[str, Any] | None, ...]] = (
    None,
    {},
    {"seq": 0},
    {"seq": None},
    {"last_by_subj": ""},
    {"next_by_subj": ""},
    {"no_hdr": True},
    {"seq": 1, "last_by_subj": ".a"},
    {"last_by_subj": ".a", "next_by_subj": ".a"},
    {"seq": 1, "last_by_subj": ".a", "next_by_subj": ".a"},
)
AMBIGUOUS_SINCE_2_11: Final[tuple[dict[str, Any], ...]] = (
    {"seq": 1, "start_time": "@1"},
    {"last_by_subj": ".a", "start_time": "@1"},
    {"seq": 1, "start_time": "@1", "next_by_subj": ".a"},
    {"seq": 1, "batch": 1},
    {"batch": 2},
    {"seq": 1, "max_bytes": 100},
    {"last_by_subj": ".a", "batch": 2},
    {"next_by_subj": ".a", "max_bytes": 2},
)


@case("JS-STREAM-033", config="jetstream", deliveries=False)
def test_a_message_is_read_as_json(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage)
        log.js.publish(log.subject("e"))
        log.js.publish(log.subject("e"), b"\x00\xff\r\n", {"A": "b", "a": " c "})
        raw = {
            seq: log.js.request(f"STREAM.MSG.GET.{log.stream}", {"seq": seq})["message"]
            for seq in range(1, 11)
        }
        assert all(TIME.fullmatch(message.pop("time")) for message in raw.values())
        assert raw[1] == {"subject": log.subject("a"), "seq": 1, "data": "bTE="}
        assert raw[2] == {
            "subject": log.subject("b"),
            "seq": 2,
            "hdrs": base64.b64encode(b"NATS/1.0\r\nX: 1\r\n\r\n").decode(),
            "data": "bTI=",
        }
        assert raw[9] == {"subject": log.subject("e"), "seq": 9}
        assert base64.b64decode(raw[10]["data"]) == b"\x00\xff\r\n"
        assert base64.b64decode(raw[10]["hdrs"]).startswith(b"NATS/1.0\r\nA:")


@case("JS-STREAM-033", config="jetstream", deliveries=False)
def test_times_never_go_back(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage)
        times = [_nanoseconds(log.time(seq)) for seq in range(1, 9)]
        assert times == sorted(times)


def _nanoseconds(time: str) -> tuple[str, int]:
    seconds, _, fraction = time.rstrip("Z").partition(".")
    return seconds, int(fraction.ljust(9, "0"))


@case("JS-STREAM-034", config="jetstream", deliveries=False)
def test_a_selector_finds_one_message(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage)
        log.remove(3)
        for written, seq in FOUND:
            got = log.js.stored(log.stream, **log.filled(written))
            assert (got["seq"], got["data"]) == (seq, f"m{seq}".encode()), (storage, written)


@case("JS-STREAM-034", config="jetstream", deliveries=False)
def test_when_the_last_of_a_subject_is_gone_the_one_before_is_the_last(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage)
        log.remove(4, 8)
        for word, seq in (("a", 1), ("c", 3), ("*", 5)):
            got = log.js.stored(log.stream, last_by_subj=log.subject(word))
            assert got["seq"] == seq, (storage, word)


@case("JS-GET-001", config="jetstream", deliveries=False)
def test_a_time_finds_the_first_message_not_before_it(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage)
        for written, seq in BY_TIME:
            got = log.js.stored(log.stream, **log.filled(written))
            assert got["seq"] == seq, (storage, written)
        for written in LATER:
            log.js.refused(f"STREAM.MSG.GET.{log.stream}", 10037, log.filled(written))


@case("JS-GET-001", config="jetstream", deliveries=False)
def test_a_time_finds_its_message_beside_a_gap(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage)
        time = log.time(5)
        log.remove(3, 5)
        early = log.js.stored(log.stream, start_time="2020-01-01T00:00:00Z")
        assert early["seq"] == 1, storage
        assert log.js.stored(log.stream, start_time=time)["seq"] == 6, storage


@case("JS-STREAM-035", config="jetstream", deliveries=False)
def test_what_selects_nothing_or_twice_is_a_bad_request(nats: Nats) -> None:
    log = sample(nats)
    for written in AMBIGUOUS:
        log.js.refused(f"STREAM.MSG.GET.{log.stream}", 10003, log.body(written))


@case("JS-GET-002", config="jetstream", deliveries=False)
def test_a_time_beside_a_sequence_and_batches_are_bad_requests(nats: Nats) -> None:
    log = sample(nats)
    for written in AMBIGUOUS_SINCE_2_11:
        log.js.refused(f"STREAM.MSG.GET.{log.stream}", 10003, log.body(written))


@case("JS-GET-003", config="jetstream", deliveries=False)
def test_a_bad_request_is_told_before_a_missing_stream(nats: Nats) -> None:
    js, missing = nats.jetstream(), nats.name("S")
    for body, code in (
        ("{bad", 10025),
        ({"seq": "1"}, 10025),
        ({}, 10003),
        ({"seq": 1, "last_by_subj": "x"}, 10003),
        ({"seq": 1}, 10059),
    ):
        js.refused(f"STREAM.MSG.GET.{missing}", code, body)


@case("JS-STREAM-036", config="jetstream", deliveries=False)
def test_multi_last_is_not_looked_at(nats: Nats) -> None:
    log = sample(nats)
    filters = [log.subject("a")]
    for written, seq in (
        ({"seq": 2}, 2),
        ({"last_by_subj": ".b"}, 5),
        ({"next_by_subj": ".c"}, 3),
    ):
        got = log.js.stored(log.stream, multi_last=filters, **log.filled(written))
        assert got["seq"] == seq, written
    log.js.refused(f"STREAM.MSG.GET.{log.stream}", 10003, {"multi_last": filters})


@case("JS-STREAM-037", config="jetstream", deliveries=False)
def test_headers_are_left_out_on_request(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage)
        for written in ({"seq": 2}, {"next_by_subj": ".b"}):
            asked = log.filled(written)
            full = log.js.request(f"STREAM.MSG.GET.{log.stream}", asked)["message"]
            assert (
                log.js.request(f"STREAM.MSG.GET.{log.stream}", asked | {"no_hdr": False})["message"]
                == full
            )
            bare = log.js.request(f"STREAM.MSG.GET.{log.stream}", asked | {"no_hdr": True})
            assert full.pop("hdrs")
            assert bare["message"] == full, written


@case("JS-STREAM-038", config="jetstream", deliveries=False)
def test_nothing_that_matches_is_an_error(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage)
        log.remove(3)
        for written in NOT_FOUND:
            answer = log.js.refused(f"STREAM.MSG.GET.{log.stream}", 10037, log.filled(written))
            assert answer["error"]["code"] == 404
            assert "message" not in answer
        empty = log.js.create(subjects=[nats.name("e")], storage=storage)
        for body in ({"seq": 1}, {"last_by_subj": ">"}, {"next_by_subj": ">"}):
            log.js.refused(f"STREAM.MSG.GET.{empty}", 10037, body)
