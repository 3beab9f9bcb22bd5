"""Chapter 123: messages that nobody acknowledged come again, at their time and in their order."""

from __future__ import annotations

import time
from itertools import pairwise

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Delivery
from nats_conformance.filling import filled

SECOND = 1000 * MS


def told(delivery: Delivery) -> tuple[int, int, int]:
    """Stream sequence, number of deliveries and consumer sequence."""
    return delivery.seq, delivery.token.deliveries, delivery.token.consumer_seq


@case("JS-RDL-001", "JS-RDL-002", "JS-RDL-003", config="jetstream", deliveries=False, waits=True)
def test_after_the_wait_and_not_before(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, ack_wait=300 * MS)
    began = time.monotonic()
    first = consumer.next()
    assert told(first) == (1, 1, 1)
    for number in (2, 3):
        again = consumer.next()
        took = time.monotonic() - began
        assert told(again) == (1, number, number)
        assert again.payload == first.payload
        assert again.token.timestamp == first.token.timestamp
        least = 0.3 * (number - 1)
        assert least <= took < least + 2


@case("JS-RDL-004", "JS-RDL-005", config="jetstream", deliveries=False)
def test_what_comes_again_comes_first(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 6)
    found = consumer.take(4)
    for number in (3, 0, 2):
        consumer.answer(found[number], "-NAK")
    assert [told(each)[:2] for each in consumer.take(5)] == [(4, 2), (1, 2), (3, 2), (5, 1), (6, 1)]


@case("JS-RDL-005", config="jetstream", deliveries=False, waits=True)
def test_what_expires_together_comes_in_order(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 20, ack_wait=300 * MS)
    consumer.take(20)
    again = [told(each)[:2] for each in consumer.take(20)]
    assert sorted(again) == [(seq, 2) for seq in range(1, 21)]
    descents = sum(before > after for before, after in pairwise(again))
    assert descents <= 2


@case("JS-RDL-006", config="jetstream", deliveries=False, waits=True)
def test_each_wait_of_the_backoff(nats: Nats) -> None:
    js = nats.jetstream()
    waits = (0.2, 0.5, 0.35)
    consumer = filled(js, 1, backoff=[int(wait * 1000) * MS for wait in waits])
    began, least = time.monotonic(), 0.0
    consumer.next()
    for number, wait in enumerate((*waits, waits[-1]), 2):
        assert consumer.next().token.deliveries == number
        least += wait
        assert least <= time.monotonic() - began < least + 2, number


@case("JS-RDL-007", config="jetstream", deliveries=False)
def test_how_many_have_come_again(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 4)
    found = consumer.take(4)
    assert consumer.info()["num_redelivered"] == 0
    for delivery in found[:3]:
        consumer.answer(delivery, "-NAK")
    again = consumer.take(3)
    assert consumer.info()["num_redelivered"] == 3
    consumer.answer(again[0], "-NAK")
    consumer.next()
    assert consumer.info()["num_redelivered"] == 3
    consumer.answer(again[1])
    assert consumer.info()["num_redelivered"] == 2
    consumer.answer(again[2], "+TERM")
    assert consumer.info()["num_redelivered"] == 1
    consumer.answer(found[0])
    assert consumer.info()["num_redelivered"] == 0


@case("JS-RDL-019", config="jetstream", deliveries=False, waits=True)
def test_what_may_not_come_again_has_not(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2, max_deliver=1, ack_wait=100 * MS)
    consumer.take(2)
    info = consumer.until(num_ack_pending=0)
    assert info["num_redelivered"] == 0


@case("JS-RDL-014", "JS-RDL-015", "JS-RDL-016", config="jetstream", deliveries=False)
def test_so_many_may_be_outstanding(nats: Nats) -> None:
    js = nats.jetstream()
    for done, payload in ((True, "+ACK"), (True, "+TERM"), (False, "-NAK")):
        consumer = filled(js, 5, max_ack_pending=2)
        pull = consumer.pull(5)
        found = [pull.delivery(), pull.delivery()]
        info = consumer.until(num_waiting=1)
        assert (info["num_ack_pending"], info["delivered"]["stream_seq"]) == (2, 2)
        consumer.answer(found[1], payload)
        following = pull.delivery()
        assert told(following)[:2] == ((3, 1) if done else (2, 2)), payload
        info = consumer.info()
        assert info["num_ack_pending"] == 2
        assert info["delivered"]["stream_seq"] == (3 if done else 2)
        if done:
            consumer.answer(found[0])
            assert pull.delivery().seq == 4


@case("JS-RDL-014", config="jetstream", deliveries=False, waits=True)
def test_what_is_outstanding_comes_again_all_the_same(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 4, max_ack_pending=2, ack_wait=200 * MS)
    found = [told(each)[:2] for each in consumer.take(6)]
    assert sorted(found) == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]
