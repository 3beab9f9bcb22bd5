"""Buckets: a stream of a certain shape, what it is called and told by (chapter 130)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_conformance import kv as client
from nats_conformance.cases import Mismatch, Nats, case
from nats_spec import dialogue, kv

if TYPE_CHECKING:
    from typing import Any

SECOND = kv.SECOND


@case("KV-INV-001", config="jetstream", deliveries=False)
def test_a_bucket_is_a_stream(nats: Nats) -> None:
    js = nats.jetstream()
    for word in ("b", "B", "b-1", "b_2", "7"):
        name = js.name(word)
        assert kv.valid_bucket(name)
        told = js.created(**kv.config(name, storage="memory"))["config"]
        assert (told["name"], told["subjects"]) == (f"KV_{name}", [f"$KV.{name}.>"])
        bucket = client.Bucket(js, name)
        assert js.publish(bucket.subject("key"), "value") == {"stream": f"KV_{name}", "seq": 1}
        found = js.request("STREAM.NAMES", {"subject": f"$KV.{name}.>"})
        assert found["streams"] == [f"KV_{name}"]


@case("KV-INV-002", config="jetstream", deliveries=False)
def test_what_a_bucket_is_asked_for_it_is(nats: Nats) -> None:
    js = nats.jetstream()
    rows: tuple[dict[str, Any], ...] = (
        {},
        {"history": 5, "ttl": 3600 * SECOND, "max_bytes": 1 << 20, "max_value_size": 1024},
        {"history": 64, "storage": "file", "description": "d", "metadata": {"a": "b"}},
        {"compression": "s2", "storage": "file"},
    )
    for options in rows:
        given = kv.config(js.name("B"), **{"storage": "memory", **options})
        told = js.created(**given)["config"]
        again = js.info(given["name"])["config"]
        for config in (told, again):
            if lack := dialogue.holds(given, config):
                raise Mismatch(lack, str(given), str(config))
            assert config["retention"] == "limits"
            assert config["max_msgs"] == -1
            assert config["num_replicas"] == 1


@case("KV-INV-003", config="jetstream", deliveries=False)
def test_a_server_sets_no_limit_to_history(nats: Nats) -> None:
    js = nats.jetstream()
    for history in (64, 65, 1000):
        bucket = client.make(js, history=history)
        for number in range(66):
            bucket.put("key", str(number))
        assert len(bucket.history("key")) == min(history, 66)
    assert kv.config("b", history=0)["max_msgs_per_subject"] == 1


@case("KV-INV-004", config="jetstream", deliveries=False)
def test_the_duplicate_window_is_not_longer_than_the_ttl(nats: Nats) -> None:
    js = nats.jetstream()
    for ttl, window in ((0, 120), (1, 1), (60, 60), (120, 120), (3600, 120)):
        for left_out in (False, True):
            given = kv.config(js.name("B"), ttl=ttl * SECOND, storage="memory")
            if left_out:
                del given["duplicate_window"]
            assert js.created(**given)["config"]["duplicate_window"] == window * SECOND
    name = js.name("B")
    body = kv.config(name, ttl=SECOND) | {"duplicate_window": 2 * SECOND}
    js.refused(f"STREAM.CREATE.KV_{name}", 10052, body)


@case("KV-INV-005", config="jetstream", deliveries=False)
def test_markers_are_asked_for_where_there_are_any(nats: Nats) -> None:
    js = nats.jetstream()
    assert js.request("INFO")["api"]["level"] >= 1
    told = js.created(**kv.config(js.name("B"), markers=SECOND, storage="memory"))["config"]
    assert told["allow_msg_ttl"] is True
    assert told["subject_delete_marker_ttl"] == SECOND
    name = js.name("B")
    js.refused(f"STREAM.CREATE.KV_{name}", 10052, kv.config(name, markers=SECOND - 1))


@case("KV-INV-020", config="jetstream", deliveries=False)
def test_no_message_is_deleted_but_keys_are_purged(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, history=5)
    for key in "aabb":
        bucket.put(key, "x")
    js.refused(f"STREAM.MSG.DELETE.{bucket.stream}", 10057, {"seq": 1})
    assert js.state(bucket.stream)["messages"] == 4
    purge = f"STREAM.PURGE.{bucket.stream}"
    assert js.request(purge, {"filter": bucket.subject("a")})["purged"] == 2
    assert bucket.keys() == ["b"]
    config = js.info(bucket.stream)["config"]
    js.refused(f"STREAM.UPDATE.{bucket.stream}", 10052, config | {"deny_delete": False})


@case("KV-INV-027", config="jetstream", deliveries=False)
def test_the_status_is_that_of_the_stream(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, history=5, ttl=3600 * SECOND)
    for key in ("a", "a", "b"):
        bucket.put(key, "xyz")
    bucket.delete("a")
    told = js.info(bucket.stream)
    config, state = told["config"], told["state"]
    assert state["messages"] == 4
    marker = len("NATS/1.0\r\nKV-Operation: DEL\r\n\r\n")
    assert state["bytes"] == 4 * (16 + len(bucket.subject("a"))) + 3 * 3 + marker
    assert state["num_subjects"] == 2
    assert (config["max_msgs_per_subject"], config["max_age"]) == (5, 3600 * SECOND)
    assert config["storage"] == "memory"
    assert kv.bucket_of(config["name"]) == bucket.name


@case("KV-INV-030", config="jetstream", deliveries=False)
def test_a_deleted_bucket_is_gone(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js)
    bucket.put("a", "x")
    js.request(f"STREAM.DELETE.{bucket.stream}")
    for message in (
        js.ask(bucket.subject("a"), "x"),
        js.direct(bucket.stream, subject=bucket.subject("a")),
    ):
        assert message.status == 503
    js.refused(f"STREAM.INFO.{bucket.stream}", 10059)
    js.created(**kv.config(bucket.name, storage="memory"))
    assert bucket.put("a", "x") == 1


@case("KV-INV-033", config="jetstream", deliveries=False)
def test_a_full_bucket_refuses_what_is_new(nats: Nats) -> None:
    js = nats.jetstream()
    size = 16 + len(kv.subject(js.name("B"), "a")) + 10
    bucket = client.make(js, max_bytes=2 * size + 20)
    bucket.put("a", "x" * 10)
    bucket.put("b", "x" * 10)
    js.publish_refused(bucket.subject("c"), 10077, "x" * 10)
    assert bucket.keys() == ["a", "b"]
    # A new value takes the place of the old one.
    assert bucket.put("a", "y" * 10) == 3
    assert bucket.get("a") == b"y" * 10


@case("KV-INV-034", config="jetstream", deliveries=False)
def test_a_value_too_large_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, max_value_size=10)
    assert bucket.put("a", "x" * 10) == 1
    js.publish_refused(bucket.subject("a"), 10054, "x" * 11)
    assert bucket.get("a") == b"x" * 10
    # A marker's fields count as well, so this bucket takes no deletion.
    js.publish_refused(bucket.subject("a"), 10054, "", {kv.OPERATION: "DEL"})
