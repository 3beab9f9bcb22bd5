"""Chapter 110: what an update changes, and what it may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance import stream_rows
from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.stream_rows import Change

SECOND = 10**9
MARKERS = {"subject_delete_marker_ttl": SECOND}

#: A member at its default and with a value, None where it is not told.
THERE_AND_BACK: tuple[tuple[str, Any, Any], ...] = (
    ("subjects", ["{s}"], ["{s}.a", "{s}.b"]),
    ("max_msgs", -1, 5),
    ("max_bytes", -1, 5000),
    ("max_age", 0, 200 * SECOND),
    ("max_msgs_per_subject", -1, 2),
    ("max_msg_size", -1, 100),
    ("discard", "old", "new"),
    ("no_ack", None, True),
    ("duplicate_window", 120 * SECOND, SECOND),
    ("description", None, "d"),
    ("placement", None, {"tags": ["x"]}),
    ("republish", None, {"src": "{s}", "dest": "{s}x"}),
    ("subject_transform", None, {"src": "{s}", "dest": "{s}x"}),
    ("sources", None, [{"name": "{s}x"}]),
    ("allow_direct", False, True),
    ("consumer_limits", {}, {"max_ack_pending": 5, "inactive_threshold": SECOND}),
    ("compression", "none", "s2"),
)


def switched(name: str) -> list[Change]:
    """There and back again of a member that is allowed or not."""
    on = {name: True}
    return [({}, on, on), (on, {}, {name: None if name in UNTOLD else False}), (on, on, on)]


#: Members that are not told if they are false.
UNTOLD = {"allow_atomic", "allow_batched", "allow_msg_schedules", "allow_msg_counter"}

RETENTION: tuple[Change, ...] = tuple(
    (
        {"retention": old},
        {"retention": new},
        {"retention": new} if old == new or "workqueue" not in {old, new} else 10052,
    )
    for old in ("limits", "interest", "workqueue")
    for new in ("limits", "interest", "workqueue")
)

SEALED = {"sealed": True, "discard": "new", "deny_delete": True, "deny_purge": True}
SEALING: tuple[Change, ...] = (
    ({}, {"sealed": True}, SEALED | {"max_age": 0, "allow_rollup_hdrs": False}),
    ({"max_age": SECOND}, {"sealed": True, "max_age": SECOND}, SEALED | {"max_age": 0}),
    (
        {"allow_rollup_hdrs": True},
        {"sealed": True, "allow_rollup_hdrs": True},
        SEALED | {"allow_rollup_hdrs": False},
    ),
    ({"max_msgs": 5}, {"sealed": True, "max_msgs": 7}, SEALED | {"max_msgs": 7}),
)

MIRRORS: tuple[Change, ...] = (
    ({"mirror": {"name": "{s}x"}}, {}, {"mirror": None, "subjects": ["{s}"]}),
    (
        {"mirror": {"name": "{s}x"}},
        {"subjects": ["{s}.a"]},
        {"mirror": None, "subjects": ["{s}.a"]},
    ),
    ({"mirror": {"name": "{s}x"}}, {"mirror": {"name": "{s}x"}, "max_msgs": 5}, {"max_msgs": 5}),
    ({"mirror": {"name": "{s}x"}}, {"mirror": {"name": "{s}y"}}, 10055),
    ({"mirror": {"name": "{s}x"}}, {"mirror": {"name": "{s}x", "filter_subject": "a"}}, 10055),
    ({"mirror": {"name": "{s}x"}}, {"mirror": {"name": "{s}x", "opt_start_seq": 5}}, 10055),
    ({}, {"mirror": {"name": "{s}x"}}, 10055),
)


def changed(nats: Nats, rows: Sequence[Change]) -> None:
    stream_rows.updated(nats.jetstream(), rows)


@case("JS-STREAM-018", config="jetstream", deliveries=False)
def test_an_update_is_a_whole_configuration(nats: Nats) -> None:
    named = [(name, value) for name, _, value in THERE_AND_BACK if name != "sources"]
    everything = dict(named)
    everything["republish"] = {"src": "{s}.a", "dest": "{s}y"}
    defaults = {name: default for name, default, _ in THERE_AND_BACK}
    changed(nats, [(everything, {}, defaults), ({}, everything, everything)])


@case("JS-CFG-012", config="jetstream", deliveries=False)
def test_members_are_changed_there_and_back(nats: Nats) -> None:
    rows: list[Change] = []
    for name, default, value in THERE_AND_BACK:
        rows += [({}, {name: value}, {name: value}), ({name: value}, {}, {name: default})]
    changed(nats, rows)


@case("JS-CFG-012", config="jetstream", deliveries=False)
def test_metadata_is_changed_there_and_back(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(metadata={"a": "b"})
    for metadata in ({"a": "c", "d": ""}, {}, {"e": "f"}, None):
        body = {"name": stream, "storage": "memory", "metadata": metadata}
        config = js.request(f"STREAM.UPDATE.{stream}", body)["config"]
        told = {k: v for k, v in config.get("metadata", {}).items() if not k.startswith("_nats.")}
        assert told == (metadata or {})


@case("JS-CFG-012", config="jetstream", deliveries=False)
def test_changed_subjects_are_the_stream_s_at_once(nats: Nats) -> None:
    js = nats.jetstream()
    one, two = js.name(), js.name()
    stream = js.create(subjects=[one])
    assert js.publish(one, "x")["seq"] == 1
    body = {"name": stream, "storage": "memory", "subjects": [two]}
    js.request(f"STREAM.UPDATE.{stream}", body)
    assert js.ask(one, "x").status == 503
    assert js.publish(two, "x") == {"stream": stream, "seq": 2}
    assert js.stored(stream, seq=1)["subject"] == one
    other = js.create(subjects=[one])
    assert js.publish(one, "x") == {"stream": other, "seq": 1}


@case("JS-CFG-076", config="jetstream", deliveries=False)
def test_the_number_of_consumers_is_changed(nats: Nats) -> None:
    rows = [({}, {"max_consumers": 3}), ({"max_consumers": 3}, {"max_consumers": 5})]
    changed(nats, [(old, new, new) for old, new in rows])
    changed(nats, [({"max_consumers": 3}, {}, {"max_consumers": -1})])


@case("JS-CFG-010", config="jetstream", deliveries=False)
def test_storage_stays(nats: Nats) -> None:
    rows: list[Change] = [
        ({"storage": a}, {"storage": b}, 10052) for a, b in (("file", "memory"), ("memory", "file"))
    ]
    changed(nats, rows)


@case("JS-CFG-011", config="jetstream", deliveries=False)
def test_work_queues_stay_what_they_are(nats: Nats) -> None:
    changed(nats, RETENTION)


@case("JS-CFG-013", config="jetstream", deliveries=False)
def test_a_first_sequence_comes_too_late(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(storage=storage)
        change = {"name": stream, "storage": storage, "first_seq": 50}
        for seq in (1, 2):
            told = js.request(f"STREAM.UPDATE.{stream}", change)
            assert told["config"]["first_seq"] == 50
            assert told["state"]["last_seq"] == seq - 1
            assert js.publish(stream, "x")["seq"] == seq
        js.request(f"STREAM.PURGE.{stream}")
        assert js.publish(stream, "x")["seq"] == 3


@case("JS-CFG-016", config="jetstream", deliveries=False)
def test_a_sealed_stream_is_shut_for_good(nats: Nats) -> None:
    changed(nats, SEALING)
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream, "x")
    body = {"name": stream, "storage": "memory"}
    js.request(f"STREAM.UPDATE.{stream}", body | {"sealed": True})
    js.publish_refused(stream, 10109, "x")
    js.refused(f"STREAM.PURGE.{stream}", 10109)
    js.refused(f"STREAM.MSG.DELETE.{stream}", 10109, {"seq": 1})
    for members in ({}, {"max_msgs": 5}, SEALED | {"sealed": False}):
        js.refused(f"STREAM.UPDATE.{stream}", 10052, body | members)
    told = js.request(f"STREAM.UPDATE.{stream}", body | SEALED | {"description": "shut"})
    assert told["config"]["description"] == "shut"
    assert js.stored(stream, seq=1)["data"] == b"x"


@case("JS-CFG-017", config="jetstream", deliveries=False)
def test_what_is_denied_stays_denied(nats: Nats) -> None:
    rows: list[Change] = []
    for name in ("deny_delete", "deny_purge"):
        on = {name: True}
        rows += [({}, on, on), (on, on, on), (on, {}, 10052), (on, {name: False}, 10052)]
    changed(nats, rows)


@case("JS-CFG-019", config="jetstream", deliveries=False)
def test_roll_ups_are_switched(nats: Nats) -> None:
    changed(nats, switched("allow_rollup_hdrs"))


@case("JS-CFG-020", config="jetstream", deliveries=False)
def test_times_to_live_are_for_good(nats: Nats) -> None:
    on = {"allow_msg_ttl": True}
    changed(nats, [({}, on, on), (on, on, on), (on, {}, 10052), (MARKERS, {}, 10052)])


@case("JS-CFG-021", config="jetstream", deliveries=False)
def test_schedules_are_for_good(nats: Nats) -> None:
    on = {"allow_msg_schedules": True}
    changed(nats, [({}, on, on), (on, on, on), (on, {}, 10052)])


@case("JS-CFG-022", config="jetstream", deliveries=False)
def test_a_counter_stays_one(nats: Nats) -> None:
    on = {"allow_msg_counter": True}
    changed(nats, [({}, on, 10052), (on, {}, 10052), (on, on, on)])


@case("JS-CFG-023", config="jetstream", deliveries=False)
def test_persistence_stays(nats: Nats) -> None:
    file = {"storage": "file"}
    later = file | {"persist_mode": "async"}
    changed(nats, [(file, later, 10052), (later, file, 10052), (later, later, later)])


@case("JS-CFG-024", config="jetstream", deliveries=False)
def test_atomic_batches_are_switched(nats: Nats) -> None:
    changed(nats, switched("allow_atomic"))


@case("JS-CFG-077", config="jetstream", deliveries=False)
def test_fast_batches_are_switched(nats: Nats) -> None:
    changed(nats, switched("allow_batched"))


@case("JS-CFG-025", config="jetstream", deliveries=False)
def test_markers_are_changed_and_taken_away(nats: Nats) -> None:
    stays = {"allow_msg_ttl": True}
    shorter = {"subject_delete_marker_ttl": 2 * SECOND}
    rows: list[Change] = [
        ({}, MARKERS, MARKERS | stays),
        (shorter, MARKERS, MARKERS),
        (MARKERS, shorter, shorter),
        (MARKERS, stays, {"subject_delete_marker_ttl": None} | stays),
    ]
    changed(nats, rows)


@case("JS-CFG-059", config="jetstream", deliveries=False)
def test_a_mirror_may_become_a_stream_of_its_own(nats: Nats) -> None:
    changed(nats, MIRRORS)
    js = nats.jetstream()
    stream = js.create(mirror={"name": js.create()})
    assert js.ask(stream, "x").status == 503
    js.request(f"STREAM.UPDATE.{stream}", {"name": stream, "storage": "memory"})
    assert js.publish(stream, "x") == {"stream": stream, "seq": 1}
