"""Chapter 120: what is told about consumers to those who listen."""

from __future__ import annotations

from datetime import datetime

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, advisory, hear_advisories


@case("JS-ADV-001", "JS-ADV-002", config="jetstream", deliveries=False)
def test_creation_and_deletion_are_told(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.consumer(stream, "unheard")
    hear_advisories(js, stream)
    consumer = js.consumer(stream, "heard")
    consumer.update(description="changed")
    consumer.delete()
    told = [advisory(js), advisory(js)]
    for each, action, word in zip(told, ("create", "delete"), ("CREATED", "DELETED"), strict=True):
        assert each["type"] == "io.nats.jetstream.advisory.v1.consumer_action"
        assert each["subject"] == f"$JS.EVENT.ADVISORY.CONSUMER.{word}.{stream}.heard"
        assert (each["stream"], each["consumer"], each["action"]) == (stream, "heard", action)
        datetime.fromisoformat(each["timestamp"].rstrip("Z").partition(".")[0])
        assert len(each["id"]) > 10
    assert told[0]["id"] != told[1]["id"]


@case("JS-ADV-003", "JS-RDL-009", config="jetstream", deliveries=False, waits=True)
def test_exhaustion_is_told_once(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    hear_advisories(js, stream)
    consumer = js.consumer(stream, max_deliver=2, ack_wait=100 * MS)
    assert advisory(js)["action"] == "create"
    for _ in range(2):
        js.publish(stream)
    consumer.take(2)
    assert sorted(each.seq for each in consumer.take(2)) == [1, 2]
    waiting = consumer.pull(1, expires=5_000 * MS)
    told = [advisory(js), advisory(js)]
    assert sorted(each["stream_seq"] for each in told) == [1, 2]
    for each in told:
        assert each["type"] == "io.nats.jetstream.advisory.v1.max_deliver"
        assert each["subject"] == f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{consumer.path}"
        assert (each["stream"], each["consumer"]) == (stream, consumer.name)
        assert each["deliveries"] == 2
        assert "consumer_seq" not in each
    consumer.until(num_ack_pending=0)
    js.publish(stream)
    consumer.answer(waiting.delivery())
    consumer.delete()
    assert advisory(js)["type"].endswith(".consumer_action")


@case("JS-ADV-004", config="jetstream", deliveries=False)
def test_a_nak_is_told_if_it_does_something(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    hear_advisories(js, stream)
    consumer = js.consumer(stream)
    assert advisory(js)["action"] == "create"
    for _ in range(2):
        js.publish(stream)
    one, two = consumer.take(2)
    consumer.answer(one, "-NAK")
    again = consumer.next()
    consumer.answer(again, '-NAK {"delay":60000000000}')
    for delivery in (one, again):
        told = advisory(js)
        assert told["type"] == "io.nats.jetstream.advisory.v1.nak"
        assert told["subject"] == f"$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.{consumer.path}"
        assert told["consumer_seq"] == delivery.token.consumer_seq
        assert told["stream_seq"] == delivery.seq
        assert told["deliveries"] == delivery.token.deliveries
    consumer.answer(two)
    consumer.answer(two, "-NAK")
    consumer.delete()
    assert advisory(js)["type"].endswith(".consumer_action")


@case("JS-ADV-005", "JS-ACK-022", "JS-ACK-023", config="jetstream", deliveries=False)
def test_a_termination_is_told(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    hear_advisories(js, stream)
    consumer = js.consumer(stream)
    assert advisory(js)["action"] == "create"
    for _ in range(3):
        js.publish(stream)
    for delivery, said, reason in zip(
        consumer.take(3),
        ("+TERM", "+TERM  of no use ", "+TERMnow"),
        (None, "of no use", "now"),
        strict=True,
    ):
        consumer.answer(delivery, said)
        told = advisory(js)
        assert told["type"] == "io.nats.jetstream.advisory.v1.terminated"
        assert told["subject"] == f"$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.{consumer.path}"
        assert (told["stream_seq"], told["consumer_seq"]) == (delivery.seq, delivery.seq)
        assert (told["deliveries"], told.get("reason")) == (1, reason)
    info = consumer.info()
    assert (info["num_ack_pending"], info["ack_floor"]["stream_seq"]) == (0, 3)
    consumer.nothing()
    consumer.answer(delivery, "+TERM again")
    assert advisory(js)["reason"] == "again"


@case("JS-ADV-008", config="jetstream", deliveries=False)
def test_how_long_acknowledgements_took_is_told(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    hear_advisories(js, stream)
    consumer = js.consumer(stream, sample_freq="100%")
    never = js.consumer(stream, sample_freq="0")
    up_to = js.consumer(stream, sample_freq="100", ack_policy="all")
    assert [advisory(js)["action"] for _ in range(3)] == ["create"] * 3
    for _ in range(4):
        js.publish(stream)
    found = consumer.take(4)
    consumer.answer(found[0], "+TERM")
    assert advisory(js)["type"].endswith(".terminated")
    consumer.answer(found[1], "-NAK")
    assert advisory(js)["type"].endswith(".nak")
    consumer.answer(consumer.next())
    consumer.answer(found[2], "+WPI")
    consumer.answer(found[2])
    never.answer(never.next())
    up_to.answer(up_to.next())
    for seq, deliveries in ((2, 2), (3, 1)):
        told = advisory(js)
        assert told["type"] == "io.nats.jetstream.metric.v1.consumer_ack"
        assert told["subject"] == f"$JS.EVENT.METRIC.CONSUMER.ACK.{consumer.path}"
        assert (told["stream_seq"], told["deliveries"]) == (seq, deliveries)
        assert 0 <= told["ack_time"] < 10_000_000_000
    never.delete()
    assert advisory(js)["type"].endswith(".consumer_action")


@case("JS-ADV-011", config="jetstream", deliveries=False)
def test_calls_of_the_api_are_told(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.subscribe("$JS.EVENT.ADVISORY.API", "audit")
    consumer = js.consumer(stream, "x")
    consumer.info()
    js.answer(f"CONSUMER.INFO.{stream}.none")
    js.request(f"CONSUMER.NAMES.{stream}")
    consumer.delete()
    wanted = [
        f"$JS.API.CONSUMER.{call}"
        for call in (
            f"CREATE.{stream}.x",
            f"INFO.{stream}.x",
            f"INFO.{stream}.none",
            f"NAMES.{stream}",
            f"DELETE.{stream}.x",
        )
    ]
    told: dict[str, dict[str, object]] = {}
    while not told.keys() >= set(wanted):
        each = js.next("audit").json
        assert each["type"] == "io.nats.jetstream.advisory.v1.api_audit"
        if stream in each["subject"]:
            told[each["subject"]] = each
    assert sorted(told) == sorted(wanted)
    assert "10014" in str(told[wanted[2]]["response"])
