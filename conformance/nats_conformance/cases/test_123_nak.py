"""Chapter 123: asking for a message again, now or later, and for the next one."""

from __future__ import annotations

import time

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Consumer, Pull
from nats_conformance.filling import filled, floor

SECOND = 1000 * MS


def answered_by_pull(consumer: Consumer, reply: str, payload: str, batch: int = 1) -> Pull:
    """Send an acknowledgement whose reply subject is the inbox of a pull request."""
    pull = Pull(consumer.js, batch)
    consumer.js.send(reply, payload, None, pull.reply)
    return pull


@case("JS-ACK-016", config="jetstream", deliveries=False)
def test_now(nats: Nats) -> None:
    js = nats.jetstream()
    for wait in ({"ack_wait": 60 * SECOND}, {"backoff": [60 * SECOND, 90 * SECOND]}):
        consumer = filled(js, 2, **wait)
        delivery = consumer.next()
        for deliveries in (2, 3, 4):
            consumer.answer(delivery, "-NAK")
            delivery = consumer.next()
            assert (delivery.seq, delivery.token.deliveries) == (1, deliveries), wait
        assert consumer.next().seq == 2


@case("JS-ACK-017", config="jetstream", deliveries=False, waits=True)
def test_later(nats: Nats) -> None:
    js = nats.jetstream()
    for payload, seconds in (
        ('-NAK {"delay":400000000}', 0.4),
        ('-NAK{"delay": 200000000, "more": 1}', 0.2),
        ("-NAK 300ms", 0.3),
        ("-NAK \n.25s ", 0.25),
    ):
        consumer = filled(js, 1, ack_wait=60 * SECOND)
        delivery = consumer.next()
        began = time.monotonic()
        consumer.answer(delivery, payload)
        assert consumer.info()["num_ack_pending"] == 1
        again = consumer.next()
        took = time.monotonic() - began
        assert (again.seq, again.token.deliveries) == (1, 2)
        assert seconds - 0.01 <= took < seconds + 2, payload


@case("JS-ACK-017", config="jetstream", deliveries=False, waits=True)
def test_later_whatever_the_backoff_says(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, backoff=[100 * MS, 2000 * MS])
    consumer.next()
    again = consumer.next()
    began = time.monotonic()
    consumer.answer(again, '-NAK {"delay":200000000}')
    assert consumer.next().token.deliveries == 3
    assert 0.19 <= time.monotonic() - began < 1.5


@case("JS-ACK-017", config="jetstream", deliveries=False, waits=True)
def test_a_delay_takes_back_what_was_queued(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, ack_wait=60 * SECOND)
    delivery = consumer.next()
    began = time.monotonic()
    consumer.answer(delivery, "-NAK")
    consumer.answer(delivery, "-NAK 300ms")
    assert consumer.next().token.deliveries == 2
    assert time.monotonic() - began >= 0.29


@case("JS-ACK-018", config="jetstream", deliveries=False)
def test_a_delay_that_cannot_be_read_is_none(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, ack_wait=60 * SECOND)
    delivery = consumer.next()
    for number, payload in enumerate(
        (
            "-NAK soon",
            "-NAK 5",
            "-NAK {",
            '-NAK {"delay":"5s"}',
            "-NAK {}",
            '-NAK {"delay":0}',
            '-NAK {"delay":-5}',
            "-NAK 0",
            "-NAK -5s",
        ),
        2,
    ):
        consumer.answer(delivery, payload)
        delivery = consumer.next()
        assert delivery.token.deliveries == number, payload


@case("JS-ACK-019", config="jetstream", deliveries=False)
def test_what_is_done_does_not_come_again(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 5)
    found = consumer.take(4)
    consumer.answer(found[1])
    consumer.answer(found[2], "+TERM")
    consumer.answer(found[0])
    for number in (0, 1, 2):
        consumer.answer(found[number], "-NAK")
        consumer.answer(found[number], '-NAK {"delay":1}')
    assert floor(consumer) == (3, 3, 1)
    assert [each.seq for each in consumer.take(1)] == [5]
    consumer.nothing()
    assert consumer.info()["num_redelivered"] == 0


@case("JS-ACK-020", config="jetstream", deliveries=False)
def test_a_request_that_waits_gets_it(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1)
    delivery = consumer.next()
    pull = consumer.pull(1)
    consumer.until(num_waiting=1)
    consumer.answer(delivery, "-NAK")
    assert pull.delivery().token.deliveries == 2


@case("JS-ACK-024", config="jetstream", deliveries=False)
def test_done_and_the_next_please(nats: Nats) -> None:
    js = nats.jetstream()
    for payload, count in (
        ("+NXT", 1),
        ("+NXT 3", 3),
        ("+NXT3", 3),
        ('+NXT {"batch":2}', 2),
        ("+NXT junk", 1),
    ):
        consumer = filled(js, 6)
        pull = answered_by_pull(consumer, consumer.next().reply, payload, count)
        assert pull.all().seqs == list(range(2, 2 + count)), payload
        assert floor(consumer) == (1, 1, count)
        assert consumer.next().seq == 2 + count
        consumer.until(num_waiting=0)


@case("JS-ACK-024", config="jetstream", deliveries=False)
def test_the_next_please_may_be_refused(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 4, max_batch=5)
    found = consumer.take(4)
    for number, (payload, status) in enumerate(
        (
            ("+NXT {", "400 "),
            ('+NXT {"batch":6}', "409 Exceeded MaxRequestBatch of 5"),
            ('+NXT {"batch":1,"no_wait":true}', "404 No Messages"),
            ('+NXT {"batch":1,"expires":-1}', "408 Request Timeout"),
        )
    ):
        pull = answered_by_pull(consumer, found[number].reply, payload)
        assert pull.all().end.startswith(status), payload
        assert floor(consumer)[1] == number + 1


@case("JS-ACK-025", config="jetstream", deliveries=False)
def test_the_next_please_of_a_push_consumer(nats: Nats) -> None:
    js = nats.jetstream()
    deliver = nats.name("d")
    js.subscribe(deliver, "d")
    consumer = filled(js, 2, deliver_subject=deliver)
    replies = [js.next("d").reply for _ in range(2)]
    answered_by_pull(consumer, replies[0], "+NXT").ends("409 Consumer is push based")
    assert floor(consumer) == (1, 1, 1)
    js.send(replies[1], "+NXT 5")
    consumer.until(num_ack_pending=0)


@case("JS-ACK-024", config="jetstream", deliveries=False)
def test_the_next_please_without_an_inbox(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3)
    consumer.say(consumer.next(), "+NXT 2")
    consumer.until(num_ack_pending=0)
    assert consumer.info()["num_waiting"] == 0
    assert consumer.next().token.consumer_seq == 2
