"""Chapter 123: messages that have been delivered as often as they may."""

from __future__ import annotations

from nats_conformance import polling
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, advisory, hear_advisories
from nats_conformance.filling import filled, floor


@case("JS-RDL-008", config="jetstream", deliveries=False, waits=True)
def test_no_more_than_so_often(nats: Nats) -> None:
    js = nats.jetstream()
    pulls = {
        most: filled(js, 2, max_deliver=most, ack_wait=100 * MS).pull(50, expires=2_000 * MS)
        for most in (1, 2, 3)
    }
    for most, pull in pulls.items():
        found = [(each.seq, each.token.deliveries) for each in pull.all().deliveries]
        wanted = [(seq, number) for seq in (1, 2) for number in range(1, most + 1)]
        assert sorted(found) == wanted


@case("JS-RDL-009", "JS-RDL-010", "JS-RDL-015", config="jetstream", deliveries=False, waits=True)
def test_once_is_over_after_the_wait(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, max_deliver=1, ack_wait=200 * MS, max_ack_pending=2)
    hear_advisories(js, consumer.stream)
    consumer.take(2)
    told = [advisory(js) for _ in range(2)]
    assert sorted(each["stream_seq"] for each in told) == [1, 2]
    assert [each["deliveries"] for each in told] == [1, 1]
    consumer.until(num_ack_pending=0)
    assert consumer.next().seq == 3


@case("JS-RDL-009", config="jetstream", deliveries=False, waits=True)
def test_more_than_may_be_is_over_too(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, ack_wait=200 * MS)
    for _ in range(2):
        consumer.answer(consumer.next(), "-NAK")
    consumer.next()
    hear_advisories(js, consumer.stream)
    consumer.update(max_deliver=2)
    told = advisory(js)
    assert told["type"].endswith(".max_deliver")
    assert told["stream_seq"] == 1
    consumer.until(num_ack_pending=0)


@case("JS-RDL-010", config="jetstream", deliveries=False, waits=True)
def test_twice_is_over_after_the_wait(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, max_deliver=2, ack_wait=200 * MS)
    consumer.take(2)
    polling.until(consumer.info, lambda info: info["num_ack_pending"] == 0, 1.5)


@case("JS-RDL-010", "JS-RDL-015", config="jetstream", deliveries=False, waits=True)
def test_what_is_over_makes_room(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, max_deliver=2, ack_wait=100 * MS, max_ack_pending=1)
    pull = consumer.pull(10, expires=2_500 * MS)
    found = [(each.seq, each.token.deliveries) for each in pull.all().deliveries]
    assert found == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]


@case("JS-RDL-011", config="jetstream", deliveries=False)
def test_the_last_time_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2, max_deliver=2)
    hear_advisories(js, consumer.stream)
    delivery = consumer.next()
    consumer.answer(delivery, "-NAK")
    again = consumer.next()
    assert (again.seq, again.token.deliveries) == (1, 2)
    consumer.answer(again, "-NAK")
    assert consumer.next().seq == 2
    assert [advisory(js)["type"].rpartition(".")[2] for _ in range(3)] == [
        "nak",
        "nak",
        "max_deliver",
    ]
    assert consumer.info()["num_ack_pending"] == 1
    consumer.nothing()


@case("JS-RDL-012", config="jetstream", deliveries=False, waits=True)
def test_the_floor_may_stay_behind_what_is_over(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, max_deliver=1, ack_wait=200 * MS)
    consumer.take(2)
    info = consumer.until(num_ack_pending=0)
    assert info["ack_floor"]["stream_seq"] in {0, 1, 2}
    consumer.answer(consumer.next())
    info = consumer.info()
    assert info["ack_floor"]["stream_seq"] == info["delivered"]["stream_seq"] == 3


@case("JS-ACK-030", config="jetstream", deliveries=False, waits=True)
def test_a_late_acknowledgement_is_taken(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2, max_deliver=2, ack_wait=100 * MS)
    found = consumer.take(4)
    waiting = consumer.pull(1, expires=800 * MS)
    assert waiting.all().end == "408 Request Timeout"
    consumer.until(num_ack_pending=0, num_redelivered=2)
    consumer.answer(found[0])
    assert consumer.info()["num_redelivered"] == 1
    consumer.answer(found[1], "+TERM")
    assert consumer.info()["num_redelivered"] == 0
    assert floor(consumer)[2] == 0
