"""Chapter 110: what a configuration comes to."""

from __future__ import annotations

from typing import Any

from nats_conformance import stream_rows
from nats_conformance.cases import Nats, case
from nats_conformance.stream_rows import Row

MILLISECOND, SECOND = 10**6, 10**9
#: The members that count, 0 being none.
COUNTS = ("max_msgs", "max_bytes", "max_msgs_per_subject", "max_msg_size", "max_consumers")
PEDANTIC = {"pedantic": True}

#: What a name alone comes to; None for what is not told.
DEFAULTS: dict[str, Any] = {
    "subjects": ["{s}"],
    "retention": "limits",
    "max_consumers": -1,
    "max_msgs": -1,
    "max_bytes": -1,
    "max_age": 0,
    "max_msgs_per_subject": -1,
    "max_msg_size": -1,
    "discard": "old",
    "storage": "file",
    "num_replicas": 1,
    "duplicate_window": 120 * SECOND,
    "compression": "none",
    "allow_direct": False,
    "mirror_direct": False,
    "sealed": False,
    "deny_delete": False,
    "deny_purge": False,
    "allow_rollup_hdrs": False,
    "consumer_limits": {},
    **dict.fromkeys(
        (
            "description",
            "no_ack",
            "placement",
            "mirror",
            "sources",
            "first_seq",
            "subject_transform",
            "republish",
            "discard_new_per_subject",
            "subject_delete_marker_ttl",
            "allow_msg_counter",
            "allow_atomic",
            "allow_msg_schedules",
            "persist_mode",
            "allow_batched",
        )
    ),
}

#: Members that say nothing.
BARE: tuple[dict[str, Any], ...] = (
    {},
    {"subjects": []},
    {"description": "", "metadata": {}},
    {"no_ack": False, "first_seq": 0},
)

#: Words that each member takes.
WORDS = {
    "retention": ("limits", "interest", "workqueue"),
    "storage": ("file", "memory"),
    "discard": ("old", "new"),
    "compression": ("none", "s2"),
}
#: No words of any.
NO_WORDS: tuple[Any, ...] = ("", "x", " limits", "none ", "LIMIT", "0", None, 0, 1, True, [], {})

WINDOWS: tuple[Row, ...] = (
    ({"max_age": SECOND}, {"duplicate_window": SECOND}),
    ({"max_age": 100 * MILLISECOND}, {"duplicate_window": 100 * MILLISECOND}),
    ({"max_age": 120 * SECOND}, {"duplicate_window": 120 * SECOND}),
    ({"max_age": 121 * SECOND}, {"duplicate_window": 120 * SECOND}),
    ({"max_age": SECOND, "duplicate_window": 0}, {"duplicate_window": SECOND}),
    ({"max_age": SECOND, "duplicate_window": SECOND // 2}, {"duplicate_window": SECOND // 2}),
    ({"duplicate_window": 3600 * SECOND}, {"duplicate_window": 3600 * SECOND}),
    ({"mirror": {"name": "{s}x"}}, {"duplicate_window": None}),
    ({"mirror": {"name": "{s}x"}, "duplicate_window": SECOND}, {"duplicate_window": SECOND}),
    ({"sources": [{"name": "{s}x"}], "duplicate_window": SECOND}, {"duplicate_window": SECOND}),
)

#: Members, and the level of the API that they need.
LEVELS: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "0"),
    ({"retention": "interest", "allow_direct": True, "allow_rollup_hdrs": True}, "0"),
    ({"compression": "s2", "first_seq": 5, "metadata": {"a": "b"}}, "0"),
    ({"persist_mode": "default"}, "0"),
    ({"allow_msg_ttl": False, "allow_atomic": False, "subject_delete_marker_ttl": 0}, "0"),
    ({"allow_msg_ttl": True}, "1"),
    ({"subject_delete_marker_ttl": SECOND}, "1"),
    ({"allow_msg_counter": True}, "2"),
    ({"allow_atomic": True}, "2"),
    ({"allow_msg_schedules": True}, "2"),
    ({"persist_mode": "async", "storage": "file"}, "2"),
    ({"allow_atomic": True, "allow_msg_ttl": True}, "2"),
)


@case("JS-CFG-001", config="jetstream", deliveries=False)
def test_a_name_alone_comes_to_this(nats: Nats) -> None:
    js = nats.jetstream()
    file = {"storage": "file"}
    stream_rows.created(js, [(file | members, DEFAULTS) for members in BARE])
    name = js.name("S")
    js.goes(name)
    assert js.request(f"STREAM.CREATE.{name}", {"name": name})["config"]["storage"] == "file"


@case("JS-CFG-001", config="jetstream", deliveries=False)
def test_only_a_stream_of_its_own_has_a_default_subject(nats: Nats) -> None:
    rows: tuple[Row, ...] = (
        ({"mirror": {"name": "{s}x"}}, {"subjects": None}),
        ({"sources": [{"name": "{s}x"}]}, {"subjects": None}),
        ({"sources": [{"name": "{s}x"}], "subjects": ["{s}.a"]}, {"subjects": ["{s}.a"]}),
        ({"sources": []}, {"subjects": ["{s}"], "sources": None}),
        ({"subjects": ["{s}.b", "{s}.a"]}, {"subjects": ["{s}.b", "{s}.a"]}),
    )
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-002", config="jetstream", deliveries=False)
def test_no_limit_is_minus_one(nats: Nats) -> None:
    rows = [({name: n}, {name: n or -1}) for name in COUNTS for n in (0, -1, 1, 2**31 - 1)]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-066", config="jetstream", deliveries=False)
def test_less_than_minus_one_is_minus_one(nats: Nats) -> None:
    rows = [({name: n}, {name: -1}) for name in COUNTS for n in (-2, -5, -(2**31))]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-003", config="jetstream", deliveries=False)
def test_pedantic_servers_want_minus_one(nats: Nats) -> None:
    rows: list[Row] = [({name: n} | PEDANTIC, 10157) for name in COUNTS for n in (-2, -5)]
    rows += [({name: n} | PEDANTIC, {name: n or -1}) for name in COUNTS for n in (0, -1, 7)]
    js = nats.jetstream()
    stream_rows.created(js, rows)
    stream = js.create()
    body = {"name": stream, "storage": "memory", "max_msgs": -5} | PEDANTIC
    js.refused(f"STREAM.UPDATE.{stream}", 10157, body)


@case("JS-CFG-004", config="jetstream", deliveries=False)
def test_words_are_told_apart_exactly(nats: Nats) -> None:
    rows: list[Row] = []
    for name, words in WORDS.items():
        rows += [({name: word}, {name: word}) for word in words]
        rows += [({name: word}, 10025) for word in NO_WORDS]
        if name != "discard":
            rows += [({name: word.upper()}, 10025) for word in words]
            rows += [({name: word.capitalize()}, 10025) for word in words]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-065", config="jetstream", deliveries=False)
def test_discard_is_taken_in_any_letter_case(nats: Nats) -> None:
    rows = [({"discard": w}, {"discard": w.lower()}) for w in ("Old", "NEW", "nEw", "New", "OLD")]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-067", config="jetstream", deliveries=False)
def test_the_words_of_persist_mode(nats: Nats) -> None:
    rows: list[Row] = [
        ({"storage": "file", "persist_mode": word}, {"persist_mode": told})
        for word, told in (("", None), ("default", None), ("async", "async"))
    ]
    rows += [({"persist_mode": word}, 10025) for word in ("Async", "sync", "x", None, 1)]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-007", config="jetstream", deliveries=False)
def test_the_window_of_duplicates_by_default(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), WINDOWS)


@case("JS-CFG-068", config="jetstream", deliveries=False)
def test_streams_with_sources_have_no_window_by_default(nats: Nats) -> None:
    rows: tuple[Row, ...] = (
        ({"sources": [{"name": "{s}x"}]}, {"duplicate_window": None}),
        ({"sources": [{"name": "{s}x"}], "subjects": ["{s}"]}, {"duplicate_window": None}),
    )
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-069", config="jetstream", deliveries=False)
def test_pedantic_servers_lower_no_window(nats: Nats) -> None:
    rows: tuple[Row, ...] = (
        ({"max_age": SECOND} | PEDANTIC, 10157),
        ({"max_age": SECOND, "duplicate_window": SECOND} | PEDANTIC, {"max_age": SECOND}),
        ({"max_age": 121 * SECOND} | PEDANTIC, {"duplicate_window": 120 * SECOND}),
        (PEDANTIC, {"duplicate_window": 120 * SECOND}),
    )
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-033", config="jetstream", deliveries=False)
def test_placement_is_kept_and_without_effect(nats: Nats) -> None:
    rows = [
        ({"placement": placement}, {"placement": placement})
        for placement in ({"cluster": "X"}, {"tags": ["a", "b"]}, {"cluster": "X", "tags": ["a"]})
    ]
    js = nats.jetstream()
    stream_rows.created(js, rows)
    assert js.publish(js.create(placement={"cluster": "X"}), "x")["seq"] == 1


@case("JS-CFG-070", config="jetstream", deliveries=False)
def test_placement_of_nothing_is_none(nats: Nats) -> None:
    rows: tuple[Row, ...] = (
        ({"placement": {}}, {"placement": None}),
        ({"placement": {"cluster": ""}}, {"placement": None}),
        ({"placement": {"preferred": "x"}}, 10052),
        ({"placement": {"preferred": "x", "cluster": "X"}}, 10052),
    )
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-014", config="jetstream", deliveries=False)
def test_numbering_may_begin_anywhere(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        for first, state in ((None, (0, 0)), (0, (0, 0)), (1, (1, 0)), (100, (100, 99))):
            told = js.created(storage=storage, first_seq=first)
            assert (told["state"]["first_seq"], told["state"]["last_seq"]) == state
            assert told["state"]["messages"] == 0
            stream = told["config"]["name"]
            assert js.publish(stream, "x")["seq"] == (first or 1)
            assert js.publish(stream, "x")["seq"] == (first or 1) + 1
            after = js.state(stream)
            assert (after["first_seq"], after["last_seq"]) == (first or 1, (first or 1) + 1)


@case("JS-CFG-061", config="jetstream", deliveries=False)
def test_a_stream_tells_the_level_that_it_needs(nats: Nats) -> None:
    rows = [(m, {"metadata": {"_nats.req.level": level}}) for m, level in LEVELS]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-071", config="jetstream", deliveries=False)
def test_fast_batches_need_level_4(nats: Nats) -> None:
    wanted = {"metadata": {"_nats.req.level": "4"}}
    rows = [({"allow_batched": True} | m, wanted) for m in ({}, {"allow_atomic": True})]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-057", config="jetstream", deliveries=False)
def test_consumers_of_origins_need_no_level(nats: Nats) -> None:
    js = nats.jetstream()
    origin = {"name": js.create(), "consumer": {"name": "c", "deliver_subject": js.name()}}
    wanted = {"metadata": {"_nats.req.level": "0"}}
    stream_rows.created(js, [({"mirror": origin}, wanted), ({"sources": [origin]}, wanted)])
