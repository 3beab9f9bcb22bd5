"""Chapter 121: heartbeats of pull requests."""

from __future__ import annotations

import time

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS
from nats_conformance.filling import filled


@case("JS-PULL-019", config="jetstream", deliveries=False)
def test_a_heartbeat_is_at_most_half_of_the_expiry(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1)
    for members in (
        {"expires": 200 * MS, "idle_heartbeat": 101 * MS},
        {"expires": 200 * MS, "idle_heartbeat": 200 * MS},
        {"idle_heartbeat": 100 * MS},
        {"idle_heartbeat": 100 * MS, "no_wait": True},
    ):
        message = consumer.pull(1, **members).next()
        assert (message.status, message.description) == (
            400,
            "Bad Request - heartbeat value too large",
        ), members
    assert consumer.pull(1, expires=200 * MS, idle_heartbeat=100 * MS).delivery().seq == 1


@case("JS-PULL-020", config="jetstream", deliveries=False, waits=True)
def test_a_negative_heartbeat_is_none(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1)
    came = consumer.pull(2, expires=800 * MS, idle_heartbeat=-5).all()
    assert (came.seqs, came.end, came.heartbeats) == ([1], "408 Request Timeout", [])


@case("JS-PULL-021", config="jetstream", deliveries=False, waits=True)
def test_a_request_that_waits_hears_that_it_does(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3)
    consumer.answer(consumer.take(2)[0])
    pull = consumer.pull(2, expires=620 * MS, idle_heartbeat=150 * MS)
    assert pull.delivery().seq == 3
    came = pull.all()
    assert 1 <= len(came.heartbeats) <= 4
    assert came.end == "408 Request Timeout"
    for each in came.heartbeats:
        assert (each.status, each.description, each.reply) == (100, "Idle Heartbeat", "")
        assert each.fields == (("Nats-Last-Consumer", "3"), ("Nats-Last-Stream", "3"))


@case("JS-PULL-021", config="jetstream", deliveries=False, waits=True)
def test_a_heartbeat_says_what_was_delivered(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    for letter in "abb":
        js.publish(f"{foo}.{letter}")
    consumer = js.consumer(stream, filter_subject=f"{foo}.a")
    pull = consumer.pull(2, expires=2_000 * MS, idle_heartbeat=100 * MS)
    assert pull.delivery().seq == 1
    fields = pull.ends("100 Idle Heartbeat").fields
    assert consumer.info()["delivered"]["stream_seq"] == 1
    assert fields == (("Nats-Last-Consumer", "1"), ("Nats-Last-Stream", "1"))


@case("JS-PULL-022", config="jetstream", deliveries=False, waits=True)
def test_a_request_that_is_held_up_hears_heartbeats(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2, max_ack_pending=1)
    delivery = consumer.next()
    pull = consumer.pull(1, expires=5_000 * MS, idle_heartbeat=100 * MS)
    pull.ends("100 Idle Heartbeat")
    pull.ends("100 Idle Heartbeat")
    consumer.answer(delivery)
    message = pull.next()
    while message.status == 100:
        message = pull.next()
    assert message.payload == b"1"


@case("JS-PULL-023", config="jetstream", deliveries=False, waits=True)
def test_a_delivery_is_as_good_as_a_heartbeat(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0)
    pull = consumer.pull(20, expires=8_000 * MS, idle_heartbeat=1500 * MS)
    consumer.until(num_waiting=1)
    last = began = time.monotonic()
    while last - began < 1.7:
        time.sleep(0.3)
        js.publish(consumer.stream)
        answer = pull.next()
        # A machine that stood still for so long has a heartbeat to come.
        assert answer.status is None or time.monotonic() - last > 1.4
        last = time.monotonic()
    while pull.next().status is None:
        pass
    assert time.monotonic() - last >= 1.4
