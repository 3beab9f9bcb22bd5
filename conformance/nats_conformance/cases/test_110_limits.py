"""Chapter 110: when an update takes effect and who is told of it, and what a single server limits."""

from __future__ import annotations

from typing import Any

from nats_conformance import stream_rows
from nats_conformance.cases import Nats, case

SECOND = 10**9
MINUTE = 60 * SECOND
PEDANTIC = {"pedantic": True}
#: A server that remembers ids for a minute at most.
SHORT_MEMORY = 'jetstream { store_dir: "{store_dir}", limits { duplicate_window: "60s" } }\n'


@case("JS-STREAM-019", config="jetstream", deliveries=False)
def test_new_limits_are_in_effect_at_once(nats: Nats) -> None:
    limited(nats, ({"max_msgs_per_subject": 1}, 3, 8), ({"max_msgs_per_subject": 2}, 6, 5))


@case("JS-STREAM-040", config="jetstream", deliveries=False)
def test_new_limits_of_the_whole_are_in_effect_at_once(nats: Nats) -> None:
    limited(nats, ({"max_msgs": 7}, 7, 4), ({"max_msgs": 1}, 1, 10), ({"max_msgs": 50}, 10, 1))
    js = nats.jetstream()
    stream = js.create()
    for _ in range(4):
        js.publish(stream, "x" * 100)
    size = js.state(stream)["bytes"] // 4
    body = {"name": stream, "storage": "memory", "max_bytes": 2 * size + 1}
    state = js.request(f"STREAM.UPDATE.{stream}", body)["state"]
    assert (state["messages"], state["first_seq"], state["bytes"]) == (2, 3, 2 * size)


def limited(nats: Nats, *rows: tuple[dict[str, Any], int, int]) -> None:
    """Ten messages on three subjects, a new limit, and how many are left from which sequence on."""
    js = nats.jetstream()
    for storage in ("memory", "file"):
        for members, messages, first in rows:
            word = js.name()
            config: dict[str, Any] = {"storage": storage, "subjects": [f"{word}.*"]}
            stream = js.create(**config)
            for number in range(10):
                js.publish(f"{word}.{number % 3}")
            told = js.request(f"STREAM.UPDATE.{stream}", {"name": stream} | config | members)
            for state in (told["state"], js.state(stream)):
                assert (state["messages"], state["first_seq"]) == (messages, first), members
                assert state["last_seq"] == 10


@case("JS-STREAM-020", config="jetstream", deliveries=False)
def test_updates_are_told_every_time(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.subscribe(f"$JS.EVENT.ADVISORY.STREAM.UPDATED.{stream}", "told")
    for members in ({}, {}, {"max_msgs": 5}, {"max_msgs": 5}):
        js.request(f"STREAM.UPDATE.{stream}", {"name": stream, "storage": "memory"} | members)
        assert js.next("told").json["action"] == "modify"


@case("JS-STREAM-021", config="jetstream", deliveries=False)
def test_limits_that_a_consumer_breaks_are_refused(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.consumer(stream, "a", ack_policy="explicit", max_ack_pending=100)
    js.consumer(
        stream, "b", ack_policy="explicit", inactive_threshold=100 * SECOND, max_ack_pending=5
    )
    body = {"name": stream, "storage": "memory"}
    for limits, violators in (
        ({"max_ack_pending": 99}, {"a"}),
        ({"max_ack_pending": 4}, {"a", "b"}),
        ({"inactive_threshold": 99 * SECOND}, {"b"}),
    ):
        change = body | {"consumer_limits": limits}
        text = js.refused(f"STREAM.UPDATE.{stream}", 10069, change)["error"]["description"]
        assert set(text.rpartition(": ")[2].split(", ")) >= violators
        assert js.info(stream)["config"]["consumer_limits"] == {}
    kept = {"max_ack_pending": 100, "inactive_threshold": 100 * SECOND}
    told = js.request(f"STREAM.UPDATE.{stream}", body | {"consumer_limits": kept})
    assert told["config"]["consumer_limits"] == kept


@case("JS-CFG-079", config="jetstream", private=True)
def test_a_server_may_limit_the_window_of_duplicates(nats: Nats) -> None:
    js = nats.jetstream(server=nats.start(text=SHORT_MEMORY))
    rows: list[stream_rows.Row] = [
        ({}, {"duplicate_window": MINUTE}),
        ({"duplicate_window": MINUTE}, {"duplicate_window": MINUTE}),
        ({"duplicate_window": MINUTE + 1}, 10052),
        ({"max_age": MINUTE // 2}, {"duplicate_window": MINUTE // 2}),
        ({"max_age": 2 * MINUTE}, {"duplicate_window": MINUTE}),
        ({"max_age": 2 * MINUTE, "duplicate_window": 2 * MINUTE}, 10052),
        ({"mirror": {"name": "{s}x"}}, {"duplicate_window": None}),
    ]
    stream_rows.created(js, rows)


@case("JS-CFG-080", config="jetstream", private=True)
def test_pedantic_servers_do_not_lower_a_window_to_their_limit(nats: Nats) -> None:
    js = nats.jetstream(server=nats.start(text=SHORT_MEMORY))
    rows: list[stream_rows.Row] = [
        (PEDANTIC, 10157),
        ({"max_age": 2 * MINUTE, **PEDANTIC}, 10157),
        ({"duplicate_window": MINUTE, **PEDANTIC}, {"duplicate_window": MINUTE}),
    ]
    stream_rows.created(js, rows)


@case("JS-STREAM-008", config="jetstream", deliveries=False)
def test_a_single_server_keeps_one_replica(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for number, err_code in ((2, 10074), (3, 10074), (5, 10074), (6, 10052), (-1, 10133)):
        name = js.name("S")
        body: dict[str, Any] = {"name": name, "num_replicas": number}
        js.refused(f"STREAM.CREATE.{name}", err_code, body)
        js.refused(f"STREAM.CREATE.{name}", err_code, body | {"subjects": [stream]})
        wrong = body | {"max_age": -1}
        js.refused(f"STREAM.CREATE.{name}", 10133 if number < 0 else 10052, wrong)
        js.refused(f"STREAM.INFO.{name}", 10059)
    for number in (0, 1):
        assert js.created(num_replicas=number)["config"]["num_replicas"] == 1
    js.refused(
        f"STREAM.CREATE.{stream}", 10074, {"name": stream, "storage": "memory", "num_replicas": 2}
    )


@case("JS-STREAM-039", config="jetstream", deliveries=False)
def test_an_update_brings_no_replicas(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for number in (2, 3, 5):
        body = {"name": stream, "storage": "memory", "num_replicas": number}
        js.refused(f"STREAM.UPDATE.{stream}", 10074, body)
    assert js.info(stream)["config"]["num_replicas"] == 1
