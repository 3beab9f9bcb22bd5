"""Preconditions: what a publisher expects of the stream (JS-PUB-009 .. JS-PUB-016)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

STREAM = "Nats-Expected-Stream"
LAST = "Nats-Expected-Last-Sequence"
SUBJECT = "Nats-Expected-Last-Subject-Sequence"
OTHER = "Nats-Expected-Last-Subject-Sequence-Subject"
ID = "Nats-Expected-Last-Msg-Id"

#: Never the last sequence of anything.
NO_NUMBERS = ("-1", "-0", "+1", "abc", "1.0", "1 ", "0x1")


def last_number(js: JetStream, subject: str, headers: dict[str, str]) -> int:
    """The publish is refused for a sequence; the one that the answer names."""
    answer = js.publish_refused(subject, 10071, "x", headers)
    found = re.search(r"\d+", answer["error"]["description"])
    assert found, answer
    return int(found[0])


@case("JS-PUB-009", "JS-ERR-036", config="jetstream", deliveries=False)
def test_the_stream_must_be_the_expected_one(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    assert js.publish(stream, "x", {STREAM: stream}) == {"stream": stream, "seq": 1}
    for other in ("X", stream + "x", stream[:-1], stream.lower(), "*"):
        js.publish_refused(stream, 10060, "x", {STREAM: other})
    assert js.state(stream)["last_seq"] == 1


@case("JS-PUB-010", "JS-ERR-043", config="jetstream", deliveries=False)
def test_the_last_sequence_must_be_the_expected_one(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        js.create(subjects=[f"{prefix}.*"], storage=storage)
        for last in range(3):
            others = [f"{seq}" for seq in (0, 1, 2, 3, 1000) if seq != last]
            for wrong in (*others, *NO_NUMBERS):
                assert last_number(js, f"{prefix}.a", {LAST: wrong}) == last
            assert js.publish(f"{prefix}.{last}", "x", {LAST: f"{last}"})["seq"] == last + 1


@case("JS-PUB-010", config="jetstream", deliveries=False)
def test_a_stream_that_begins_later_has_a_last_sequence(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(first_seq=100)
    assert last_number(js, stream, {LAST: "0"}) == 99
    assert js.publish(stream, "x", {LAST: "99"})["seq"] == 100


@case("JS-PUB-039", config="jetstream", deliveries=False)
def test_a_number_beyond_64_bits_is_no_sequence(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for last in range(2):
        for header in (LAST, SUBJECT):
            for number in (2**64 + last, 2**128 + last):
                assert last_number(js, stream, {header: f"{number}"}) == last
        js.publish(stream, "x", {LAST: f"00{last}"})


@case("JS-PUB-011", config="jetstream", deliveries=False)
def test_the_last_sequence_stays_when_its_message_goes(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(storage=storage)
        for _ in range(3):
            js.publish(stream, "x")
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 3})
        assert last_number(js, stream, {LAST: "2"}) == 3
        assert js.publish(stream, "x", {LAST: "3"})["seq"] == 4
        js.request(f"STREAM.PURGE.{stream}")
        assert last_number(js, stream, {LAST: "0"}) == 4
        assert js.publish(stream, "x", {LAST: "4"})["seq"] == 5


@case("JS-PUB-012", "JS-ERR-043", config="jetstream", deliveries=False)
def test_the_subject_s_last_sequence_must_be_the_expected_one(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.>"], storage=storage)
        a, b = f"{prefix}.a", f"{prefix}.a.b"
        assert js.publish(a, "x", {SUBJECT: "0"})["seq"] == 1
        assert js.publish(b, "x", {SUBJECT: "0"})["seq"] == 2
        assert js.publish(b, "x", {SUBJECT: "2"})["seq"] == 3
        for wrong in ("0", "2", "3", *NO_NUMBERS):
            assert last_number(js, a, {SUBJECT: wrong}) == 1
        assert js.publish(a, "x", {SUBJECT: "1"})["seq"] == 4
        for subject in (a, b):
            js.request(f"STREAM.PURGE.{stream}", {"filter": subject})
            for wrong in ("1", "3", "4", *NO_NUMBERS):
                assert last_number(js, subject, {SUBJECT: wrong}) == 0
        assert js.publish(b, "x", {SUBJECT: "0"})["seq"] == 5


@case("JS-PUB-012", config="jetstream", deliveries=False)
def test_when_a_subject_s_last_message_is_deleted_the_one_before_counts(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage)
        for word in "abba":
            js.publish(f"{prefix}.{word}", "x")
        for gone, last in ((4, 1), (1, 0)):
            js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": gone})
            for wrong in (4, 2, 1 - last):
                assert last_number(js, f"{prefix}.a", {SUBJECT: f"{wrong}"}) == last
        assert js.publish(f"{prefix}.a", "x", {SUBJECT: "0"})["seq"] == 5


@case("JS-PUB-013", config="jetstream", deliveries=False)
def test_another_subject_s_last_sequence_may_be_expected(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        js.create(subjects=[f"{prefix}.>"], storage=storage)
        for word in ("a.1", "a.2", "b.1"):
            js.publish(f"{prefix}.{word}", "x")
        for pattern, last in (
            ("a.1", 1),
            ("a.*", 2),
            ("*.1", 3),
            (">", 3),
            ("c", 0),
            ("c.>", 0),
        ):
            over = {OTHER: f"{prefix}.{pattern}"}
            assert last_number(js, f"{prefix}.z", over | {SUBJECT: "9"}) == last, pattern
        over = {OTHER: f"{prefix}.a.*", SUBJECT: "2"}
        assert js.publish(f"{prefix}.a.1", "x", over)["seq"] == 4
        assert last_number(js, f"{prefix}.a.1", over) == 4
        assert js.publish(f"{prefix}.z", "x", over | {OTHER: f"{prefix}.a.2"})["seq"] == 5
        assert js.publish(f"{prefix}.z", "x", {OTHER: f"{prefix}.none", SUBJECT: "0"})["seq"] == 6


@case("JS-PUB-014", "JS-ERR-098", config="jetstream", deliveries=False)
def test_a_subject_without_its_sequence_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish_refused(stream, 10193, "x", {OTHER: stream})
    js.publish_refused(stream, 10193, "x", {OTHER: stream, SUBJECT: ""})
    js.publish_refused(stream, 10193, "x", {OTHER: stream, LAST: "0"})
    assert js.publish(stream, "x", {OTHER: stream, SUBJECT: "0"})["seq"] == 1


@case("JS-PUB-015", config="jetstream", deliveries=False)
def test_of_two_wrong_sequences_the_subject_s_is_named(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    js.create(subjects=[f"{prefix}.*"])
    for word in ("a", "b", "c"):
        js.publish(f"{prefix}.{word}", "x")
    assert last_number(js, f"{prefix}.a", {LAST: "9", SUBJECT: "9"}) == 1
    assert last_number(js, f"{prefix}.a", {SUBJECT: "9", LAST: "9"}) == 1
    assert last_number(js, f"{prefix}.a", {SUBJECT: "1", LAST: "9"}) == 3
    assert last_number(js, f"{prefix}.a", {SUBJECT: "9", LAST: "3"}) == 1
    assert js.publish(f"{prefix}.a", "x", {SUBJECT: "1", LAST: "3"})["seq"] == 4


@case("JS-PUB-016", "JS-ERR-042", config="jetstream", deliveries=False)
def test_the_last_message_s_id_must_be_the_expected_one(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.*"], max_msg_size=200)
    a, b = f"{prefix}.a", f"{prefix}.b"
    js.publish_refused(a, 10070, "x", {ID: "one"})
    js.publish(a, "x", {"Nats-Msg-Id": "one"})
    for wrong in ("two", "On", "One", "onee"):
        js.publish_refused(b, 10070, "x", {ID: wrong})
    assert js.publish(b, "x", {ID: "one", "Nats-Msg-Id": "two"})["seq"] == 2
    js.publish_refused(a, 10070, "x", {ID: "one"})
    js.publish_refused(a, 10054, "x" * 201, {"Nats-Msg-Id": "three"})
    assert js.publish(a, "x", {"Nats-Msg-Id": "one"})["duplicate"] is True
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 2})
    assert js.publish(a, "x", {ID: "two"})["seq"] == 3
    js.publish_refused(a, 10070, "x", {ID: "two"})
    js.publish_refused(a, 10070, "x", {ID: "one"})


@case("JS-PUB-013", config="jetstream", deliveries=False)
def test_the_other_subject_is_one_that_is_stored(nats: Nats) -> None:
    """It is not rewritten as the subject of the message is."""
    js = nats.jetstream()
    prefix = nats.name("a")
    js.create(
        subjects=[f"{prefix}.*"],
        subject_transform={"src": f"{prefix}.*", "dest": f"{prefix}.$1.x"},
    )
    js.publish(f"{prefix}.a", "x")
    js.publish(f"{prefix}.b", "x")
    assert last_number(js, f"{prefix}.a", {SUBJECT: "2"}) == 1
    over = {SUBJECT: "2", OTHER: f"{prefix}.b.x"}
    assert js.publish(f"{prefix}.a", "x", over)["seq"] == 3
    assert last_number(js, f"{prefix}.a", over | {OTHER: f"{prefix}.b"}) == 0
