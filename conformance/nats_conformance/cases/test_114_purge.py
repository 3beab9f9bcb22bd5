"""STREAM.PURGE (JS-STREAM-022 .. JS-STREAM-028, JS-PURGE-001, JS-PURGE-002, JS-PURGE-004)."""

from __future__ import annotations

from typing import Any, Final

from nats_conformance.cases import Nats, case
from nats_conformance.sample import STORAGES, WORDS, Sample, sample

ALL: Final = tuple(range(1, 9))

#: A request, and the sequences that it leaves.
EVERYTHING: Final[tuple[dict[str, Any] | None, ...]] = (
    None,
    {},
    {"filter": ""},
    {"filter": None},
    {"filter": ">"},
    {"seq": 0},
    {"keep": 0},
)
BY_SUBJECT: Final[tuple[tuple[dict[str, Any], tuple[int, ...]], ...]] = (
    ({"filter": ".a"}, (2, 3, 5, 6, 7, 8)),
    ({"FILTER": ".a"}, (2, 3, 5, 6, 7, 8)),
    ({"filter": ".c"}, (1, 2, 4, 5, 6, 7)),
    ({"filter": ".x.*"}, (1, 2, 3, 4, 5, 8)),
    ({"filter": ".*"}, (6, 7)),
    ({"filter": ".>"}, ()),
    ({"filter": ".d"}, ALL),
    ({"filter": ".x"}, ALL),
    ({"filter": ".a.>"}, ALL),
    ({"filter": "a..b"}, ALL),
    ({"filter": ".a", "keep": 0}, (2, 3, 5, 6, 7, 8)),
)
BELOW: Final[tuple[tuple[dict[str, Any], tuple[int, ...]], ...]] = (
    ({"seq": 2}, (2, 3, 4, 5, 6, 7, 8)),
    ({"seq": 5}, (5, 6, 7, 8)),
    ({"seq": 5, "keep": 0}, (5, 6, 7, 8)),
    ({"seq": 8}, (8,)),
    ({"seq": 9}, ()),
    ({"seq": 5, "filter": ".a"}, (2, 3, 5, 6, 7, 8)),
    ({"seq": 4, "filter": ".a"}, (2, 3, 4, 5, 6, 7, 8)),
    ({"seq": 8, "filter": ".*"}, (6, 7, 8)),
    ({"seq": 5, "filter": ".d"}, ALL),
    ({"seq": 99, "filter": ".c"}, (1, 2, 4, 5, 6, 7)),
)
KEPT: Final[tuple[tuple[dict[str, Any], tuple[int, ...]], ...]] = (
    ({"keep": 1}, (8,)),
    ({"keep": 3}, (6, 7, 8)),
    ({"keep": 3, "seq": 0}, (6, 7, 8)),
    ({"keep": 8}, ALL),
    ({"keep": 99}, ALL),
    ({"keep": 1, "filter": ".a"}, (2, 3, 4, 5, 6, 7, 8)),
    ({"keep": 2, "filter": ".a"}, ALL),
    ({"keep": 99, "filter": ".a"}, ALL),
    ({"keep": 2, "filter": ".*"}, (5, 6, 7, 8)),
    ({"keep": 2, "filter": ">"}, (7, 8)),
    ({"keep": 1, "filter": ".d"}, ALL),
)


def purge(log: Sample, written: dict[str, Any] | None) -> int:
    """Purge; how many the server says have gone."""
    answer = log.js.request(f"STREAM.PURGE.{log.stream}", log.body(written))
    assert answer["success"] is True
    return int(answer["purged"])


def expect_left(log: Sample, left: tuple[int, ...], what: object, last: int = 8) -> None:
    """The stream must hold exactly these, and be numbered as if they had always been alone."""
    state = log.state()
    first = min(left, default=last + 1)
    deleted = [seq for seq in range(first, last + 1) if seq not in left]
    assert state["messages"] == len(left), what
    assert (state["first_seq"], state["last_seq"]) == (first, last), what
    assert state.get("deleted", []) == deleted, what
    assert state.get("num_deleted", 0) == len(deleted), what
    assert state.get("num_subjects", 0) == len({WORDS[seq - 1] for seq in left}), what
    for seq in ALL:
        if seq in left:
            assert log.js.stored(log.stream, seq=seq)["data"] == f"m{seq}".encode(), what
        else:
            log.js.refused(f"STREAM.MSG.GET.{log.stream}", 10037, {"seq": seq})


def check(nats: Nats, table: tuple[tuple[dict[str, Any], tuple[int, ...]], ...]) -> None:
    """Each purge on a fresh stream of either kind."""
    for storage in STORAGES:
        for written, left in table:
            log = sample(nats, storage, at_once=True)
            assert purge(log, written) == 8 - len(left), (storage, written)
            expect_left(log, left, (storage, written))
            assert log.js.publish(log.subject("a"))["seq"] == 9, (storage, written)
            log.js.request(f"STREAM.DELETE.{log.stream}")


@case("JS-STREAM-022", config="jetstream", deliveries=False)
def test_a_purge_without_conditions_removes_all(nats: Nats) -> None:
    check(nats, tuple((written or {}, ()) for written in EVERYTHING))
    log = sample(nats, at_once=True)
    assert purge(log, None) == 8
    assert log.state()["bytes"] == 0
    assert purge(log, None) == 0
    expect_left(log, (), "the second time")
    empty = log.js.create(subjects=[nats.name("e")])
    answer = log.js.request(f"STREAM.PURGE.{empty}")
    assert (answer["success"], answer["purged"]) == (True, 0)
    state = log.js.state(empty)
    assert (state["first_seq"], state["last_seq"]) == (1, 0)


@case("JS-STREAM-023", config="jetstream", deliveries=False)
def test_a_filter_purges_what_it_matches(nats: Nats) -> None:
    check(nats, BY_SUBJECT)


@case("JS-STREAM-024", config="jetstream", deliveries=False)
def test_a_sequence_purges_what_is_below_it(nats: Nats) -> None:
    check(nats, BELOW)


@case("JS-STREAM-024", config="jetstream", deliveries=False)
def test_nothing_is_below_the_first_sequence(nats: Nats) -> None:
    check(nats, (({"seq": 1}, ALL), ({"seq": 1, "filter": ".a"}, ALL)))


@case("JS-STREAM-024", config="jetstream", deliveries=False)
def test_a_purge_below_a_gap_finds_the_next_message(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, at_once=True)
        log.remove(4, 5)
        assert purge(log, {"seq": 5}) == 3
        expect_left(log, (6, 7, 8), storage)
        assert purge(log, {"seq": 4}) == 0
        expect_left(log, (6, 7, 8), storage)


@case("JS-STREAM-025", config="jetstream", deliveries=False)
def test_a_purge_beyond_the_end_moves_the_sequence(nats: Nats) -> None:
    for storage in STORAGES:
        for written in ({"seq": 50}, {"seq": 50, "filter": ">"}):
            log = sample(nats, storage, at_once=True)
            assert purge(log, written) == 8
            expect_left(log, (), (storage, written), last=49)
            assert purge(log, {"seq": 20}) == 0
            expect_left(log, (), (storage, written), last=49)
            assert purge(log, {"seq": 60}) == 0
            expect_left(log, (), (storage, written), last=59)
            assert log.js.publish(log.subject("a"))["seq"] == 60
        log = sample(nats, storage, at_once=True)
        assert purge(log, {"seq": 50, "filter": ".a"}) == 2
        expect_left(log, (2, 3, 5, 6, 7, 8), storage)


@case("JS-STREAM-026", config="jetstream", deliveries=False)
def test_the_newest_are_kept(nats: Nats) -> None:
    check(nats, KEPT)


@case("JS-STREAM-026", config="jetstream", deliveries=False)
def test_what_is_kept_is_counted_in_messages(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, at_once=True)
        log.remove(4, 7, 8)
        assert purge(log, {"keep": 3}) == 2, storage
        assert log.state()["messages"] == 3, storage
        assert [log.js.stored(log.stream, seq=seq)["data"] for seq in (3, 5, 6)], storage
        assert purge(log, {"keep": 3}) == 0, storage
        assert purge(log, {"keep": 1}) == 2, storage
        assert log.js.stored(log.stream, seq=6)["data"] == b"m6", storage
        state = log.state()
        assert (state["first_seq"], state["last_seq"], state["deleted"]) == (6, 8, [7, 8])


@case("JS-STREAM-027", config="jetstream", deliveries=False)
def test_a_sequence_and_a_count_contradict(nats: Nats) -> None:
    log = sample(nats, at_once=True)
    for written in ({"seq": 3, "keep": 2}, {"seq": 1, "keep": 1, "filter": ".a"}):
        answer = log.js.refused(f"STREAM.PURGE.{log.stream}", 10003, log.body(written))
        assert answer["purged"] == 0
    expect_left(log, ALL, "refused")


@case("JS-STREAM-028", config="jetstream", deliveries=False)
def test_a_stream_may_forbid_it(nats: Nats) -> None:
    log = sample(nats, deny_purge=True, at_once=True)
    config = {"name": log.stream, "subjects": [f"{log.prefix}.>"], "storage": "memory"}
    for code, sealed in ((10110, False), (10109, True)):
        if sealed:
            log.js.request(
                f"STREAM.UPDATE.{log.stream}",
                config | {"sealed": True, "deny_purge": True, "deny_delete": True},
            )
        for written in (None, {}, {"filter": ".a"}, {"filter": ".d"}, {"seq": 1}, {"keep": 99}):
            answer = log.js.refused(f"STREAM.PURGE.{log.stream}", code, log.body(written))
            assert answer["error"]["code"] == {10110: 500, 10109: 400}[code]
        log.js.refused(f"STREAM.PURGE.{log.stream}", 10003, {"seq": 1, "keep": 1})
        log.js.refused(f"STREAM.PURGE.{log.stream}", 10025, "{bad")
        expect_left(log, ALL, code)
    other = sample(nats, deny_delete=True, at_once=True)
    assert purge(other, None) == 8


@case("JS-PURGE-001", config="jetstream", deliveries=False)
def test_a_bad_purge_is_told_before_a_missing_stream(nats: Nats) -> None:
    js, missing = nats.jetstream(), nats.name("S")
    for body, code in (
        ("{bad", 10025),
        ({"seq": -1}, 10025),
        ({"keep": "1"}, 10025),
        ({"filter": ["a"]}, 10025),
        ({"seq": 1, "keep": 1}, 10003),
        (None, 10059),
        ({"seq": 1}, 10059),
    ):
        answer = js.refused(f"STREAM.PURGE.{missing}", code, body)
        assert answer["purged"] == 0


@case("JS-PURGE-002", "JS-STREAM-029", config="jetstream", deliveries=False)
def test_what_is_removed_no_longer_counts_in_bytes(nats: Nats) -> None:
    for storage in STORAGES:
        js, prefix = nats.jetstream(), nats.name()
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage)
        sizes = [0]
        for seq in range(1, 9):
            js.publish(f"{prefix}.{'x' * seq}", b"x" * seq**2, {"A": "b"} if seq % 2 else None)
            sizes.append(js.state(stream)["bytes"] - sum(sizes))
        for endpoint, body, left in (
            ("MSG.DELETE", {"seq": 5}, (1, 2, 3, 4, 6, 7, 8)),
            ("PURGE", {"filter": f"{prefix}.xxx"}, (1, 2, 4, 6, 7, 8)),
            ("PURGE", {"seq": 4}, (4, 6, 7, 8)),
            ("PURGE", {"keep": 2}, (7, 8)),
        ):
            js.request(f"STREAM.{endpoint}.{stream}", body)
            bytes_left = js.state(stream)["bytes"]
            assert bytes_left == sum(sizes[seq] for seq in left), (storage, body)


@case("JS-PURGE-004", config="jetstream", deliveries=False)
def test_a_purge_that_empties_memory_leaves_no_gap(nats: Nats) -> None:
    emptied(nats, "memory")


@case("JS-PURGE-004", config="jetstream", deliveries=False)
def test_a_purge_that_empties_a_file_leaves_no_gap(nats: Nats) -> None:
    emptied(nats, "file")


def emptied(nats: Nats, storage: str) -> None:
    """Purge the only message left below a deleted one."""
    log = sample(nats, storage)
    log.remove(1, 2, 3, 4, 5, 7, 8)
    assert purge(log, {"seq": 8}) == 1
    expect_left(log, (), storage)
