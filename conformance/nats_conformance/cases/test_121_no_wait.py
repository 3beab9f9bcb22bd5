"""Chapter 121: requests for what is there now."""

from __future__ import annotations

import time

from nats_conformance import polling
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS
from nats_conformance.filling import filled


@case("JS-PULL-009", config="jetstream", deliveries=False)
def test_nothing_is_there(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0)
    for batch in (1, 100):
        message = consumer.pull(batch, no_wait=True).ends("404 No Messages")
        assert message.fields == ()
    js.publish(consumer.stream)
    consumer.answer(consumer.next())
    consumer.pull(1, no_wait=True).ends("404 No Messages")
    assert consumer.info()["num_waiting"] == 0


@case("JS-PULL-010", config="jetstream", deliveries=False)
def test_what_is_there_and_no_more(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 5)
    came = consumer.pull(10, no_wait=True).all()
    assert (came.seqs, came.end) == ([1, 2, 3, 4, 5], "404 No Messages")
    consumer = filled(js, 5)
    came = consumer.pull(5, no_wait=True).all()
    assert (came.seqs, came.end) == ([1, 2, 3, 4, 5], "")
    consumer.nothing()
    assert consumer.info()["num_waiting"] == 0


@case("JS-PULL-010", config="jetstream", deliveries=False)
def test_what_is_to_come_again_is_there(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3)
    found = consumer.take(3)
    for delivery in (found[2], found[0]):
        consumer.answer(delivery, "-NAK")
    js.publish(consumer.stream)
    came = consumer.fetch()
    assert (came.seqs, came.end) == ([3, 1, 4], "404 No Messages")


@case("JS-PULL-010", config="jetstream", deliveries=False)
def test_nothing_more_is_there_though_there_is_no_room_either(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, max_ack_pending=1)
    pull = consumer.pull(2, no_wait=True)
    assert pull.delivery().seq == 1
    polling.until(consumer.info, lambda info: info["num_waiting"] == 0, 1.0)
    pull.ends("404 No Messages")


@case("JS-PULL-011", config="jetstream", deliveries=False, waits=True)
def test_the_first_is_waited_for(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0)
    began = time.monotonic()
    came = consumer.pull(5, no_wait=True, expires=200 * MS).all()
    assert (came.seqs, came.end) == ([], "408 Request Timeout")
    assert 0.19 <= time.monotonic() - began < 2
    pull = consumer.pull(5, no_wait=True, expires=20_000 * MS)
    consumer.until(num_waiting=1)
    js.publish(consumer.stream)
    assert pull.delivery().seq == 1
    pull.ends("404 No Messages")
    for _ in range(3):
        js.publish(consumer.stream)
    came = consumer.pull(5, no_wait=True, expires=20_000 * MS).all()
    assert (came.seqs, came.end) == ([2, 3, 4], "404 No Messages")


@case("JS-PULL-012", config="jetstream", deliveries=False)
def test_others_have_asked_for_more_than_there_is(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, max_ack_pending=1)
    delivery = consumer.next()
    waiting = consumer.pull(10)
    consumer.until(num_waiting=1)
    message = consumer.pull(1, no_wait=True).ends("408 Requests Pending")
    assert message.fields == ()
    consumer.pull(1, no_wait=True, expires=5_000 * MS).ends("408 Requests Pending")
    consumer.answer(delivery)
    assert waiting.delivery().seq == 2


@case("JS-PULL-013", config="jetstream", deliveries=False)
def test_no_room_is_not_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2, max_ack_pending=1)
    delivery = consumer.next()
    pull = consumer.pull(1, no_wait=True)
    consumer.until(num_waiting=1)
    consumer.answer(delivery)
    assert pull.delivery().seq == 2
