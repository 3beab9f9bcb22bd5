"""Chapter 110: configurations that are refused, and members that switch others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nats_conformance import polling, stream_rows
from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.stream_rows import Row

MILLISECOND, SECOND = 10**6, 10**9
PEDANTIC = {"pedantic": True}
SHORT = (1, 1000, 99 * MILLISECOND, 100 * MILLISECOND - 1)
MARKERS = {"subject_delete_marker_ttl": SECOND}
SCHEDULES = {"allow_msg_schedules": True}
COUNTER = {"allow_msg_counter": True}
ROLLUP = {"allow_rollup_hdrs": True}
LOCKED = {"deny_purge": True}
ASYNC = {"persist_mode": "async", "storage": "file"}
#: What markers and schedules bring with them.
SWITCHED = ROLLUP | {"deny_purge": False}

AGES: tuple[Row, ...] = (
    *(({"max_age": age}, 10052) for age in (-1, -SECOND, *SHORT)),
    *(({"max_age": age}, {"max_age": age}) for age in (0, 100 * MILLISECOND, 10**15)),
)

WINDOWS: tuple[Row, ...] = (
    *(({"duplicate_window": window}, 10052) for window in (-1, -SECOND, *SHORT)),
    *(({"max_age": SECOND, "duplicate_window": n}, 10052) for n in (SECOND + 1, 120 * SECOND, 1)),
    ({"duplicate_window": 100 * MILLISECOND}, {"duplicate_window": 100 * MILLISECOND}),
    ({"max_age": SECOND, "duplicate_window": SECOND}, {"duplicate_window": SECOND}),
)

SIZES: tuple[Row, ...] = (
    ({"description": "x" * 4096}, {"description": "x" * 4096}),
    ({"description": "x" * 4097}, 10052),
    ({"description": "\u00fc" * 2048}, {"description": "\u00fc" * 2048}),
    ({"description": "\u00fc" * 2049}, 10052),
    ({"metadata": {"key": "x" * 131040}}, {"metadata": {"key": "x" * 131040}}),
    ({"metadata": {"key": "x" * 131072}}, 10052),
    ({"metadata": {"x" * 131072: "y"}}, 10052),
    ({"metadata": {f"{n:04}": "x" * 996 for n in range(132)}}, 10052),
    ({"metadata": {"": "x", "a": ""}}, {"metadata": {"": "x", "a": ""}}),
)

PER_SUBJECT = {"discard_new_per_subject": True}
DISCARDS: tuple[Row, ...] = (
    (PER_SUBJECT, 10052),
    (PER_SUBJECT | {"discard": "new"}, 10052),
    (PER_SUBJECT | {"discard": "new", "max_msgs_per_subject": 0}, 10052),
    (PER_SUBJECT | {"max_msgs_per_subject": 1}, 10052),
    (PER_SUBJECT | {"discard": "old", "max_msgs_per_subject": 1}, 10052),
    (PER_SUBJECT | {"discard": "new", "max_msgs_per_subject": 1}, PER_SUBJECT),
)

ROLLUPS: tuple[Row, ...] = (
    (ROLLUP | LOCKED, 10052),
    (ROLLUP | {"deny_delete": True}, ROLLUP | {"deny_delete": True}),
    (LOCKED | {"deny_delete": True}, LOCKED | {"deny_delete": True}),
)

MARKER_TIMES: tuple[Row, ...] = (
    *(({"subject_delete_marker_ttl": n}, 10052) for n in (-1, -SECOND, 1, SECOND - 1)),
    *(
        ({"subject_delete_marker_ttl": n}, {"subject_delete_marker_ttl": n})
        for n in (SECOND, SECOND + 1, 10**15)
    ),
    ({"subject_delete_marker_ttl": 0}, {"subject_delete_marker_ttl": None}),
)

MARKER_SWITCHES: tuple[Row, ...] = (
    (MARKERS, SWITCHED | {"allow_msg_ttl": True}),
    (MARKERS | LOCKED, SWITCHED | {"allow_msg_ttl": True}),
    (MARKERS | {"allow_msg_ttl": True}, SWITCHED | {"allow_msg_ttl": True}),
    (MARKERS | ROLLUP | LOCKED, 10052),
    (MARKERS | PEDANTIC, 10052),
    (MARKERS | PEDANTIC | {"allow_msg_ttl": True}, 10052),
    (MARKERS | PEDANTIC | ROLLUP, 10052),
    (MARKERS | PEDANTIC | LOCKED | {"allow_msg_ttl": True}, 10052),
    (MARKERS | PEDANTIC | ROLLUP | {"allow_msg_ttl": True}, MARKERS),
)

SCHEDULE_SWITCHES: tuple[Row, ...] = (
    (SCHEDULES, SWITCHED | SCHEDULES),
    (SCHEDULES | LOCKED, SWITCHED),
    (SCHEDULES | ROLLUP | LOCKED, 10052),
    (SCHEDULES | PEDANTIC, 10052),
    (SCHEDULES | PEDANTIC | ROLLUP, SCHEDULES),
)

SCHEDULES_AND_OTHERS: tuple[Row, ...] = (
    (SCHEDULES | {"discard": "new"}, 10052),
    (SCHEDULES | COUNTER, 10052),
    (SCHEDULES | {"retention": "interest"}, SCHEDULES),
)

COUNTERS: tuple[Row, ...] = (
    (COUNTER, COUNTER),
    (COUNTER | {"discard": "new"}, 10052),
    (COUNTER | {"allow_msg_ttl": True}, 10052),
    (COUNTER | {"retention": "interest"}, 10052),
    (COUNTER | {"retention": "workqueue"}, 10052),
    (COUNTER | MARKERS, COUNTER | {"allow_msg_ttl": True}),
    (COUNTER | {"max_msgs_per_subject": 1, "allow_direct": True}, COUNTER),
)

PERSISTENCE: tuple[Row, ...] = (
    (ASYNC, {"persist_mode": "async"}),
    (ASYNC | {"storage": "memory"}, 10052),
    (ASYNC | {"num_replicas": 3}, 10052),
    (ASYNC | {"allow_atomic": True}, 10052),
    (ASYNC | {"allow_msg_ttl": True}, {"persist_mode": "async"}),
)


@case("JS-CFG-005", config="jetstream", deliveries=False)
def test_ages_are_not_negative_and_not_short(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), AGES)


@case("JS-CFG-006", config="jetstream", deliveries=False)
def test_windows_are_not_negative_not_short_and_not_above_the_age(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), WINDOWS)


@case("JS-CFG-009", config="jetstream", deliveries=False)
def test_descriptions_and_metadata_have_an_end(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), SIZES)


@case("JS-CFG-026", config="jetstream", deliveries=False)
def test_discarding_new_per_subject_needs_both(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), DISCARDS)


@case("JS-CFG-018", config="jetstream", deliveries=False)
def test_roll_ups_need_purging(nats: Nats) -> None:
    js = nats.jetstream()
    stream_rows.created(js, ROLLUPS)
    stream_rows.updated(js, [(LOCKED, LOCKED | ROLLUP, 10052), (ROLLUP, LOCKED, LOCKED)])


@case("JS-CFG-027", config="jetstream", deliveries=False)
def test_markers_stay_a_second_at_least(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), MARKER_TIMES)


@case("JS-CFG-028", config="jetstream", deliveries=False)
def test_what_markers_bring_with_them(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), MARKER_SWITCHES)


@case("JS-CFG-029", config="jetstream", deliveries=False)
def test_what_schedules_bring_with_them(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), SCHEDULE_SWITCHES)


@case("JS-CFG-075", config="jetstream", deliveries=False)
def test_what_schedules_do_not_go_with(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), SCHEDULES_AND_OTHERS)


@case("JS-CFG-030", config="jetstream", deliveries=False)
def test_what_counters_do_not_go_with(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), COUNTERS)


@case("JS-CFG-031", config="jetstream", deliveries=False)
def test_what_asynchronous_files_do_not_go_with(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), PERSISTENCE)


@case("JS-CFG-062", config="jetstream", deliveries=False)
def test_a_stream_has_no_more_consumers_than_it_may(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(max_consumers=2)
    first = js.consumer(stream, "a", ack_policy="explicit")
    js.consumer(stream, "b", ack_policy="explicit")
    config = {"durable_name": "c", "ack_policy": "explicit"}
    body = {"stream_name": stream, "config": config}
    js.refused(f"CONSUMER.CREATE.{stream}.c", 10026, body)
    js.consumer(stream, "a", ack_policy="explicit")
    first.delete()
    js.request(f"CONSUMER.CREATE.{stream}.c", body)
    assert js.state(stream)["consumer_count"] == 2


@case("JS-CFG-063", config="jetstream", deliveries=False)
def test_nobody_is_answered_by_a_stream_without_acknowledgements(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(no_ack=True, storage=storage, max_msg_size=100)
        for payload, headers in (
            ("hello", {}),
            ("hello", {"Nats-Msg-Id": "a"}),
            ("hello", {"Nats-Msg-Id": "a"}),
            ("x" * 101, {}),
            ("hello", {"Nats-Expected-Stream": "other"}),
            ("hello", {"Nats-Expected-Last-Sequence": "77"}),
            ("the last", {}),
        ):
            js.send(stream, payload, headers, js.inbox())
        js.quiet()
        # It may still be storing.
        polling.until(partial(js.state, stream), lambda state: state["last_seq"] > 2, js.patience)
        assert js.state(stream)["last_seq"] == 3


@case("JS-CFG-032", config="jetstream", deliveries=False)
def test_compression_is_not_seen_in_bytes(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        sizes = set()
        for compression in ("none", "s2"):
            subject = js.name()
            stream = js.create(storage=storage, compression=compression, subjects=[subject])
            for _ in range(5):
                js.publish(subject, "x" * 1000, {"A": "b"})
            sizes.add(js.state(stream)["bytes"])
            assert js.stored(stream, seq=3)["data"] == b"x" * 1000
        assert len(sizes) == 1, storage
