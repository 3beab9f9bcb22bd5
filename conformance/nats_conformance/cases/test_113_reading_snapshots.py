"""multi_last: the last message of many subjects (JS-DIRECT-012 .. JS-DIRECT-017, JS-DIRECT-020, JS-DIRECT-026)."""

from __future__ import annotations

from typing import Any, Final

from nats_conformance.cases import Nats, case
from nats_conformance.sample import STORAGES, Sample, sample

from .test_113_reading_batches import sequences
from .test_113_reading_direct import is_status

#: A request, the sequences that come, how many are left, and the upper bound; 3 is deleted.
SNAPSHOTS: Final[tuple[tuple[dict[str, Any], tuple[int, ...], int, int], ...]] = (
    ({"multi_last": [".*"]}, (4, 5, 8), 0, 8),
    ({"multi_last": [".>"]}, (4, 5, 6, 7, 8), 0, 8),
    ({"multi_last": [".c", ".b"]}, (5, 8), 0, 8),
    ({"multi_last": [".a", ".*"]}, (4, 5, 8), 0, 8),
    ({"multi_last": [".a", ".d"]}, (4,), 0, 8),
    ({"multi_last": [">"]}, (4, 5, 6, 7, 8), 0, 8),
    ({"multi_last": [".>"], "batch": 100}, (4, 5, 6, 7, 8), 0, 8),
    ({"multi_last": [".>"], "up_to_seq": 0}, (4, 5, 6, 7, 8), 0, 8),
)
BOUNDED: Final[tuple[tuple[dict[str, Any], tuple[int, ...], int], ...]] = (
    ({"up_to_seq": 8}, (4, 5, 6, 7, 8), 8),
    ({"up_to_seq": 7}, (4, 5, 6, 7), 7),
    ({"up_to_seq": 4}, (2, 4), 4),
    ({"up_to_seq": 3}, (1, 2), 3),
    ({"up_to_seq": 1}, (1,), 1),
)
BOUNDED_BY_TIME: Final[tuple[tuple[dict[str, Any], tuple[int, ...], int], ...]] = (
    ({"up_to_time": "2199-01-01T00:00:00Z"}, (4, 5, 6, 7, 8), 8),
    ({"up_to_time": "@8"}, (3, 4, 5, 6, 7), 7),
    ({"up_to_time": "@5"}, (2, 3, 4), 4),
    ({"up_to_time": "@2"}, (1,), 1),
)
BAD: Final[tuple[dict[str, Any], ...]] = (
    {"up_to_seq": 5, "up_to_time": "@4"},
    {"next_by_subj": ".b"},
    {"last_by_subj": ".b"},
)


def with_gap(nats: Nats, storage: str) -> Sample:
    """A sample without message 3."""
    log = sample(nats, storage, allow_direct=True)
    log.remove(3)
    return log


@case("JS-DIRECT-012", config="jetstream", deliveries=False)
def test_the_last_messages_of_the_subjects_come_in_order(nats: Nats) -> None:
    for storage in STORAGES:
        log = with_gap(nats, storage)
        for written, expected, left, up_to in SNAPSHOTS:
            messages, end = log.js.direct_all(log.stream, log.filled(written))
            assert sequences(messages) == expected, (storage, written)
            assert [m.payload for m in messages] == [f"m{seq}".encode() for seq in expected]
            told = [
                (message.header("Nats-Num-Pending"), message.header("Nats-Last-Sequence"))
                for message in messages
            ]
            assert told == [
                (str(len(expected) - place + left), str(before))
                for place, before in enumerate((0, *expected[:-1]), 1)
            ], (storage, written)
            assert (end.status, end.description, end.payload) == (204, "EOB", b"")
            assert end.fields == (
                ("Nats-Num-Pending", str(left)),
                ("Nats-Last-Sequence", str(expected[-1])),
                ("Nats-UpTo-Sequence", str(up_to)),
            ), f"{storage} {written}: {end}"


@case("JS-DIRECT-012", config="jetstream", deliveries=False)
def test_only_as_many_come_as_are_wanted(nats: Nats) -> None:
    for storage in STORAGES:
        log = with_gap(nats, storage)
        for limit, expected in (
            ({"batch": 1}, (4,)),
            ({"batch": 2}, (4, 5)),
            ({"max_bytes": 1}, (4,)),
        ):
            asked = {"multi_last": [log.subject(">")]} | limit
            messages, end = log.js.direct_all(log.stream, asked)
            assert sequences(messages) == expected, (storage, limit)
            assert end.header("Nats-Num-Pending") == str(5 - len(expected)), f"{limit}: {end}"


@case("JS-DIRECT-013", config="jetstream", deliveries=False)
def test_an_upper_bound_gives_what_was_last_then(nats: Nats) -> None:
    for storage in STORAGES:
        log = with_gap(nats, storage)
        asked = {"multi_last": [log.subject(">")]}
        for written, expected, up_to in BOUNDED:
            messages, end = log.js.direct_all(log.stream, asked | log.filled(written))
            assert sequences(messages) == expected, (storage, written)
            assert end.header("Nats-UpTo-Sequence") == str(up_to)
        for bad in BAD:
            messages, end = log.js.direct_all(log.stream, asked | log.filled(bad))
            assert not messages
            assert is_status(end, 408, "Bad Request"), f"{bad}: {end}"


@case("JS-DIRECT-013", config="jetstream", deliveries=False)
def test_a_time_is_an_upper_bound_and_itself_outside(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        asked = {"multi_last": [log.subject(">")]}
        for written, expected, up_to in BOUNDED_BY_TIME:
            messages, end = log.js.direct_all(log.stream, asked | log.filled(written))
            assert sequences(messages) == expected, (storage, written)
            assert end.header("Nats-UpTo-Sequence") == str(up_to)


@case("JS-DIRECT-014", config="jetstream", deliveries=False)
def test_a_snapshot_of_nothing_is_no_results(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        every = {"multi_last": [">"]}
        for written in (
            {"multi_last": [".d"]},
            {"multi_last": ["a..b"]},
            {"multi_last": [".x.y"], "up_to_seq": 5},
            every | {"up_to_time": "2020-01-01T00:00:00Z"},
            every | {"up_to_time": "@1"},
        ):
            messages, end = log.js.direct_all(log.stream, log.filled(written))
            assert not messages, (storage, written)
            assert is_status(end, 404, "No Results"), f"{storage} {written}: {end}"
        empty = log.js.create(subjects=[nats.name("e")], storage=storage, allow_direct=True)
        _, end = log.js.direct_all(empty, every)
        assert is_status(end, 404, "No Results"), f"{storage}: {end}"


@case("JS-DIRECT-014", config="jetstream", deliveries=False)
def test_a_time_before_all_gives_no_results_beside_a_gap(nats: Nats) -> None:
    for storage in STORAGES:
        log = with_gap(nats, storage)
        asked = {"multi_last": [">"], "up_to_time": "2020-01-01T00:00:00Z"}
        messages, end = log.js.direct_all(log.stream, asked)
        assert not messages, storage
        assert is_status(end, 404, "No Results"), f"{storage}: {end}"


@case("JS-DIRECT-015", config="jetstream", deliveries=False)
def test_more_than_1024_subjects_are_too_many(nats: Nats) -> None:
    for storage in STORAGES:
        js, prefix = nats.jetstream(), nats.name()
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage, allow_direct=True)
        for number in range(1024):
            js.send(f"{prefix}.{number}", "x")
        js.publish(f"{prefix}.1024", "x")
        every = {"multi_last": [f"{prefix}.*"]}
        for bound in ({}, {"batch": 5}, {"max_bytes": 1}, {"seq": 100}):
            messages, end = js.direct_all(stream, every | bound)
            assert not messages, (storage, bound)
            assert is_status(end, 413, "Too Many Results"), f"{storage} {bound}: {end}"
        messages, end = js.direct_all(stream, every | {"up_to_seq": 1024})
        assert (len(messages), end.status) == (1024, 204)
        js.request(f"STREAM.DELETE.{stream}")


@case("JS-DIRECT-016", config="jetstream", deliveries=False)
def test_a_snapshot_is_read_page_by_page(nats: Nats) -> None:
    for storage in STORAGES:
        log = with_gap(nats, storage)
        read: list[int] = []
        asked: dict[str, Any] = {"multi_last": [log.subject(">")], "batch": 2}
        while True:
            messages, end = log.js.direct_all(log.stream, asked)
            read += sequences(messages)
            if len(messages) < asked["batch"]:
                break
            asked["up_to_seq"] = int(end.header("Nats-UpTo-Sequence") or 0)
            asked["seq"] = int(end.header("Nats-Last-Sequence") or 0) + 1
            log.js.publish(log.subject("a"), "newer")
        assert read == [4, 5, 6, 7, 8], storage
        for seq, expected in ((3, (4, 5, 6, 7, 8)), (5, (5, 6, 7, 8)), (8, (8,))):
            asked = {"multi_last": [log.subject(">")], "seq": seq, "up_to_seq": 8}
            messages, _ = log.js.direct_all(log.stream, asked)
            assert sequences(messages) == expected, (storage, seq)
        messages, end = log.js.direct_all(log.stream, asked | {"seq": 9})
        assert not messages, storage
        assert (end.status, end.description) == (204, "EOB")
        assert end.fields == (
            ("Nats-Num-Pending", "0"),
            ("Nats-Last-Sequence", "0"),
            ("Nats-UpTo-Sequence", "8"),
        ), f"{storage}: {end}"


@case("JS-DIRECT-017", config="jetstream", deliveries=False)
def test_a_snapshot_keeps_its_headers(nats: Nats) -> None:
    log = sample(nats, allow_direct=True)
    asked = {"multi_last": [log.subject("b")], "up_to_seq": 4, "no_hdr": True}
    [message], end = log.js.direct_all(log.stream, asked)
    assert (message.header("X"), message.header("Nats-Sequence")) == ("1", "2")
    assert end.status == 204


@case("JS-DIRECT-026", config="jetstream", deliveries=False)
def test_a_bound_past_the_end_gives_all_or_nothing(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, allow_direct=True)
        asked = {"multi_last": [log.subject(">")], "up_to_seq": 99}
        messages, end = log.js.direct_all(log.stream, asked)
        assert (sequences(messages), end.status) in (((4, 5, 6, 7, 8), 204), ((), 404)), storage


@case("JS-DIRECT-028", config="jetstream", deliveries=False)
def test_a_start_time_is_not_looked_at(nats: Nats) -> None:
    log = sample(nats, allow_direct=True)
    asked = {"multi_last": [log.subject("a")], "start_time": log.time(5)}
    messages, _ = log.js.direct_all(log.stream, asked)
    assert sequences(messages) == (4,)


# 2.12.0 and 2.12.1 are stuck afterwards, so nobody is to share the server.
@case("JS-DIRECT-020", config="jetstream", private=True, deliveries=False)
def test_a_purge_is_before_or_after_a_batch(nats: Nats) -> None:
    js, other, count = nats.jetstream(), nats.jetstream(), 400
    stream = js.create(subjects=[f"{(prefix := nats.name())}.*"], allow_direct=True)
    for number in range(12):
        for place in range(count - 1):
            js.send(f"{prefix}.{place}", b"x" * 100)
        last = js.publish(f"{prefix}.last", "x")["seq"]
        body: dict[str, Any] = {"multi_last": [f"{prefix}.*"]}
        if number % 2:
            body = {"seq": last - count + 1, "batch": count}
        inbox = js.inbox()
        js.send(f"{js.prefix}.DIRECT.GET.{stream}", body, None, inbox)
        other.request(f"STREAM.PURGE.{stream}")
        came = 0
        while (message := js.on_subject(inbox)).status is None:
            came += 1
        assert (came, message.status) in {(count, 204), (0, 404)}, f"round {number}"
