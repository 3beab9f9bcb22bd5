"""Direct get of several messages in order (JS-DIRECT-006 .. JS-DIRECT-011, JS-DIRECT-024, JS-DIRECT-025)."""

from __future__ import annotations

from typing import Any, Final

from nats_conformance.cases import Nats, case
from nats_conformance.message import Message
from nats_conformance.sample import STORAGES, Sample, sample

from .test_113_reading_direct import is_status

#: A request, the sequences that come, and how many are left then; 3 is deleted.
BATCHES: Final[tuple[tuple[dict[str, Any], tuple[int, ...], int], ...]] = (
    ({"seq": 1, "batch": 100}, (1, 2, 4, 5, 6, 7, 8), 0),
    ({"seq": 1, "batch": 7}, (1, 2, 4, 5, 6, 7, 8), 0),
    ({"seq": 1, "batch": 1}, (1,), 6),
    ({"seq": 2, "batch": 3}, (2, 4, 5), 3),
    ({"seq": 3, "batch": 2}, (4, 5), 3),
    ({"seq": 8, "batch": 5}, (8,), 0),
    ({"next_by_subj": ".>", "batch": 2}, (1, 2), 5),
    ({"next_by_subj": ".a", "batch": 2}, (1, 4), 0),
    ({"next_by_subj": ".a", "batch": 1}, (1,), 1),
    ({"next_by_subj": ".a", "seq": 2, "batch": 5}, (4,), 0),
    ({"next_by_subj": ".x.*", "batch": 1}, (6,), 1),
    ({"next_by_subj": ".*", "seq": 3, "batch": 2}, (4, 5), 1),
)
BY_TIME: Final[tuple[tuple[dict[str, Any], tuple[int, ...], int], ...]] = (
    ({"start_time": "@4", "batch": 2}, (4, 5), 3),
    ({"start_time": "@4", "next_by_subj": ".b", "batch": 2}, (5,), 0),
    ({"start_time": "2020-01-01T00:00:00Z", "batch": 2}, (1, 2), 6),
)
#: Subject, headers and payload of the sample's messages take 19, 37, 19 and 19 bytes here.
BYTES: Final = (
    ({"batch": 10, "max_bytes": 1}, 1),
    ({"batch": 10, "max_bytes": 19}, 1),
    ({"batch": 10, "max_bytes": 20}, 2),
    ({"batch": 10, "max_bytes": 56}, 2),
    ({"batch": 10, "max_bytes": 57}, 3),
    ({"batch": 10, "max_bytes": 75}, 3),
    ({"batch": 10, "max_bytes": 76}, 4),
    ({"batch": 2, "max_bytes": 76}, 2),
    ({"batch": 10, "max_bytes": 0}, 4),
)


def sequences(messages: list[Message]) -> tuple[int, ...]:
    """The sequences of what came."""
    return tuple(int(message.header("Nats-Sequence") or 0) for message in messages)


def with_gap(nats: Nats, storage: str) -> Sample:
    """A sample without message 3."""
    log = sample(nats, storage, allow_direct=True)
    log.remove(3)
    return log


@case("JS-DIRECT-006", config="jetstream", deliveries=False)
def test_a_batch_is_the_messages_from_there_on(nats: Nats) -> None:
    for storage in STORAGES:
        log = with_gap(nats, storage)
        for written, expected, _ in BATCHES:
            messages, _ = log.js.direct_all(log.stream, log.filled(written))
            assert sequences(messages) == expected, (storage, written)
            before = [message.header("Nats-Last-Sequence") for message in messages]
            assert before == [str(seq) for seq in (0, *expected[:-1])], (storage, written)
            assert [m.payload for m in messages] == [f"m{seq}".encode() for seq in expected]
        [second], _ = log.js.direct_all(log.stream, {"seq": 2, "batch": 1})
        assert [name for name, _ in second.fields] == [
            "X",
            "Nats-Stream",
            "Nats-Subject",
            "Nats-Sequence",
            "Nats-Time-Stamp",
            "Nats-Num-Pending",
            "Nats-Last-Sequence",
        ]


@case("JS-DIRECT-006", config="jetstream", deliveries=False)
def test_a_batch_may_begin_at_a_time(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        for written, expected, _ in BY_TIME:
            messages, _ = log.js.direct_all(log.stream, log.filled(written))
            assert sequences(messages) == expected, (storage, written)


@case("JS-DIRECT-024", config="jetstream", deliveries=False)
def test_each_message_says_how_many_follow(nats: Nats) -> None:
    assert pending_counts(nats) == [(count, 0) for count in range(7)]


@case("JS-DIRECT-025", config="jetstream", deliveries=False)
def test_each_message_says_how_many_follow_and_counts_itself(nats: Nats) -> None:
    assert pending_counts(nats) == [(count, 1) for count in range(7)]


def pending_counts(nats: Nats) -> list[tuple[int, int]]:
    """How many messages really follow, and how many more are announced, over all batches."""
    seen = set()
    for storage in STORAGES:
        log = with_gap(nats, storage)
        for written, expected, left in BATCHES:
            messages, _ = log.js.direct_all(log.stream, log.filled(written))
            for place, message in enumerate(messages, 1):
                follow = len(expected) - place + left
                seen.add((follow, int(message.header("Nats-Num-Pending") or -9) - follow))
    return sorted(seen)


@case("JS-DIRECT-007", config="jetstream", deliveries=False)
def test_a_batch_ends_with_a_status(nats: Nats) -> None:
    for storage in STORAGES:
        log = with_gap(nats, storage)
        for written, expected, left in BATCHES:
            _, end = log.js.direct_all(log.stream, log.filled(written))
            assert (end.status, end.description, end.payload) == (204, "EOB", b"")
            assert end.fields == (
                ("Nats-Num-Pending", str(left)),
                ("Nats-Last-Sequence", str(expected[-1])),
            ), f"{storage} {written}: {end}"


@case("JS-DIRECT-007", config="jetstream", deliveries=False)
def test_a_batch_without_headers_ends_with_the_same_status(nats: Nats) -> None:
    if nats.release < (2, 12):
        nats.not_applicable("no_hdr came with 2.12")
    for storage in STORAGES:
        log = with_gap(nats, storage)
        for written, expected, left in BATCHES:
            asked = log.filled(written) | {"no_hdr": True}
            messages, end = log.js.direct_all(log.stream, asked)
            assert len(messages) == len(expected)
            assert end.fields == (
                ("Nats-Num-Pending", str(left)),
                ("Nats-Last-Sequence", str(expected[-1])),
            ), f"{storage} {asked}: {end}"


@case("JS-DIRECT-008", config="jetstream", deliveries=False)
def test_a_batch_of_nothing_is_not_found(nats: Nats) -> None:
    for storage in STORAGES:
        log = with_gap(nats, storage)
        for written in (
            {"seq": 9, "batch": 2},
            {"next_by_subj": ".d", "batch": 2},
            {"next_by_subj": ".a", "seq": 5, "batch": 1},
            {"start_time": "2199-01-01T00:00:00Z", "batch": 2},
        ):
            messages, end = log.js.direct_all(log.stream, log.filled(written))
            assert not messages
            assert is_status(end, 404, "Message Not Found"), f"{storage} {written}: {end}"
        # Nothing comes after it: the next answer is that of the next request.
        assert log.js.direct(log.stream, {"seq": 1}).payload == b"m1"
        log.js.quiet()


@case("JS-DIRECT-009", config="jetstream", deliveries=False)
def test_a_batch_stops_at_the_message_that_reaches_max_bytes(nats: Nats) -> None:
    for storage in STORAGES:
        js, prefix = nats.jetstream(), nats.name()[:3]
        stream = js.create(subjects=[prefix], storage=storage, allow_direct=True)
        for number in range(4):
            js.publish(prefix, "x" * 16, {"A": "b"} if number == 1 else None)
        for body, count in BYTES:
            messages, end = js.direct_all(stream, {"seq": 1} | body)
            assert len(messages) == count, (storage, body)
            assert end.header("Nats-Num-Pending") == str(4 - count)
        assert js.direct(stream, {"seq": 1, "max_bytes": 1}).payload == b"x" * 16
        js.request(f"STREAM.DELETE.{stream}")


@case("JS-DIRECT-010", config="jetstream", deliveries=False)
def test_a_batch_needs_a_beginning(nats: Nats) -> None:
    log = sample(nats, allow_direct=True)
    for body in ({"batch": 2}, {"batch": 2, "max_bytes": 100}, {"seq": 0, "batch": 2}):
        messages, end = log.js.direct_all(log.stream, body)
        assert not messages
        assert is_status(end, 408, "Empty Request"), f"{body}: {end}"


@case("JS-DIRECT-011", config="jetstream", deliveries=False)
def test_a_batch_has_no_last_message(nats: Nats) -> None:
    log = sample(nats, allow_direct=True)
    for batch in (1, 2):
        body = {"last_by_subj": log.subject("a"), "batch": batch}
        messages, end = log.js.direct_all(log.stream, body)
        assert not messages
        assert is_status(end, 408, "Bad Request"), f"{body}: {end}"
    assert log.js.direct(log.stream, {"last_by_subj": log.subject("a"), "batch": 0}).payload
