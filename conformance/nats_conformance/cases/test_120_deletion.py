"""Chapter 120: messages that leave the stream under a consumer: deleted, purged, discarded."""

from __future__ import annotations

from nats_conformance import polling
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Consumer, advisory, hear_advisories
from nats_conformance.filling import filled, floor, lettered


def counts(consumer: Consumer) -> tuple[int, int, int, int]:
    """Messages outstanding and pending; stream sequences of delivered and ack floor."""
    info = consumer.info()
    return (
        info["num_ack_pending"],
        info["num_pending"],
        info["delivered"]["stream_seq"],
        info["ack_floor"]["stream_seq"],
    )


@case("JS-RET-009", config="jetstream", deliveries=False)
def test_a_deleted_message_is_no_longer_outstanding(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    hear_advisories(js, stream)
    consumer = js.consumer(stream)
    assert advisory(js)["action"] == "create"
    for _ in range(3):
        js.publish(stream)
    found = consumer.take(3)
    for seq in (1, 2):
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": seq})
        told = advisory(js)
        assert (told["stream_seq"], told["consumer_seq"], told["deliveries"]) == (seq, seq, 1)
        assert told["type"].endswith(".terminated")
        assert told["reason"] == "Unacknowledged message was deleted"
    consumer.until(num_ack_pending=1, ack_floor={"consumer_seq": 2, "stream_seq": 2})
    consumer.say(found[0], "-NAK")
    consumer.answer(found[2], "-NAK")
    assert consumer.fetch().seqs == [3]


@case("JS-RET-010", config="jetstream", deliveries=False)
def test_a_deleted_message_is_no_longer_pending(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    for letter in "abab":
        js.publish(f"{foo}.{letter}")
    every, one = js.consumer(stream), js.consumer(stream, filter_subject=f"{foo}.a")
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 3})
    every.until(num_pending=3)
    one.until(num_pending=1)
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 2})
    every.until(num_pending=2)
    assert one.info()["num_pending"] == 1
    assert [(each.seq, each.token.pending) for each in every.take(2)] == [(1, 1), (4, 0)]


@case("JS-RET-011", config="jetstream", deliveries=False)
def test_a_whole_purge_leaves_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream)
    for _ in range(5):
        js.publish(stream)
    found = consumer.take(3)
    consumer.answer(found[1])
    js.request(f"STREAM.PURGE.{stream}")
    assert counts(consumer) == (0, 0, 5, 5)
    info = consumer.info()
    assert info["delivered"]["consumer_seq"] == info["ack_floor"]["consumer_seq"] == 3
    assert info["num_redelivered"] == 0
    consumer.nothing()
    js.publish(stream, "new")
    delivery = consumer.next()
    assert (delivery.seq, delivery.token.consumer_seq, delivery.token.pending) == (6, 4, 0)


@case("JS-RET-012", config="jetstream", deliveries=False)
def test_a_purge_below_a_sequence(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream)
    for _ in range(6):
        js.publish(stream)
    found = consumer.take(4)
    js.request(f"STREAM.PURGE.{stream}", {"seq": 3})
    assert counts(consumer) == (2, 2, 4, 2)
    consumer.say(found[0], "-NAK")
    consumer.answer(found[2], "-NAK")
    assert consumer.fetch().seqs == [3, 5, 6]
    behind = js.consumer(stream)
    js.request(f"STREAM.PURGE.{stream}", {"seq": 6})
    assert counts(behind) == (0, 1, 5, 5)
    assert behind.next().seq == 6


@case("JS-RET-009", "JS-RDL-015", config="jetstream", deliveries=False)
def test_a_deleted_message_makes_room(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, max_ack_pending=1)
    consumer.next()
    pull = consumer.pull(1, expires=1500 * MS)
    consumer.until(num_waiting=1)
    js.request(f"STREAM.MSG.DELETE.{consumer.stream}", {"seq": 1})
    assert pull.delivery().seq == 2


@case("JS-RET-020", config="jetstream", deliveries=False)
def test_a_deleted_message_acknowledges_no_other(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, ack_policy="all")
    consumer.take(3)
    js.request(f"STREAM.MSG.DELETE.{consumer.stream}", {"seq": 2})
    info = polling.until(consumer.info, lambda info: info["num_ack_pending"] < 3, 1.5)
    assert (info["num_ack_pending"], info["ack_floor"]["stream_seq"]) == (2, 0)


@case("JS-RET-009", config="jetstream", deliveries=False)
def test_a_deleted_message_is_not_outstanding_whatever_the_filters_are_now(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "aab")
    consumer = js.consumer(stream, filter_subject=f"{foo}.a")
    consumer.take(2)
    consumer.update(filter_subject=f"{foo}.b")
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 1})
    polling.until(consumer.info, lambda info: info["num_ack_pending"] == 1, 1.5)


@case("JS-RET-012", "JS-RDL-015", config="jetstream", deliveries=False)
def test_a_purge_makes_room(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, max_ack_pending=1)
    consumer.next()
    pull = consumer.pull(1, expires=1500 * MS)
    consumer.until(num_waiting=1)
    js.request(f"STREAM.PURGE.{consumer.stream}", {"seq": 2})
    assert pull.delivery().seq == 2


@case("JS-RET-012", "JS-ACK-014", config="jetstream", deliveries=False)
def test_a_purge_moves_the_floor_over_what_was_delivered_again(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 4)
    consumer.answer(consumer.take(2)[0], "-NAK")
    found = consumer.take(3)
    assert [each.seq for each in found] == [1, 3, 4]
    js.request(f"STREAM.PURGE.{consumer.stream}", {"seq": 3})
    consumer.answer(found[1])
    assert floor(consumer)[:2] == (4, 3)


@case("JS-INV-009", config="jetstream", deliveries=False)
def test_a_purge_takes_no_floor_back(nats: Nats) -> None:
    consumer = filled(nats.jetstream(), 5)
    found = consumer.take(4)
    for each in (found[2], found[1]):
        consumer.answer(each)
    floors = []
    for seq in (2, 4):
        consumer.js.request(f"STREAM.PURGE.{consumer.stream}", {"seq": seq})
        floors.append(floor(consumer))
    assert floors[0][:2] <= floors[1][:2]


@case("JS-RET-012", "JS-ACK-016", config="jetstream", deliveries=False)
def test_a_purge_forgets_no_refusal(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3)
    found = consumer.take(2)
    consumer.answer(found[1], "-NAK")
    js.request(f"STREAM.PURGE.{consumer.stream}", {"seq": 2})
    assert consumer.fetch().seqs == [2, 3]


@case("JS-RET-013", config="jetstream", deliveries=False)
def test_a_purge_of_a_subject_leaves_the_others(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    consumer = js.consumer(stream)
    for letter in "abababab":
        js.publish(f"{foo}.{letter}")
    found = consumer.take(4)
    js.request(f"STREAM.PURGE.{stream}", {"filter": f"{foo}.b"})
    consumer.until(num_ack_pending=2, num_pending=2)
    for delivery in found:
        consumer.answer(delivery, "-NAK")
    assert consumer.fetch().seqs == [1, 3, 5, 7]


@case("JS-RET-013", config="jetstream", deliveries=False)
def test_a_purge_of_a_subject_moves_the_floor_over_what_is_gone(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    consumer = js.consumer(stream)
    for letter in "abab":
        js.publish(f"{foo}.{letter}")
    found = consumer.take(4)
    js.request(f"STREAM.PURGE.{stream}", {"filter": f"{foo}.a"})
    consumer.until(num_ack_pending=2)
    consumer.answer(found[1])
    consumer.answer(found[3])
    info = consumer.info()
    assert info["num_ack_pending"] == 0
    assert info["ack_floor"]["stream_seq"] == info["delivered"]["stream_seq"] == 4


@case("JS-RET-013", config="jetstream", deliveries=False)
def test_a_purge_of_a_subject_and_the_consumer_of_it(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    other = js.consumer(stream, filter_subject=f"{foo}.a")
    purged = js.consumer(stream, filter_subject=f"{foo}.b")
    for letter in "ababab":
        js.publish(f"{foo}.{letter}")
    kept = other.take(2)
    purged.take(2)
    js.request(f"STREAM.PURGE.{stream}", {"filter": f"{foo}.b"})
    purged.until(num_ack_pending=0, num_pending=0)
    purged.nothing()
    assert counts(other)[:2] == (2, 1)
    for delivery in kept:
        other.answer(delivery, "-NAK")
    assert other.fetch().seqs == [1, 3, 5]


@case("JS-RET-013", config="jetstream", deliveries=False)
def test_a_purge_of_a_subject_moves_those_who_are_behind(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "aabc")
    every = js.consumer(stream)
    b, c = (js.consumer(stream, filter_subject=f"{foo}.{letter}") for letter in "bc")
    js.request(f"STREAM.PURGE.{stream}", {"filter": f"{foo}.a"})
    assert counts(every) == (0, 2, 2, 2)
    js.request(f"STREAM.PURGE.{stream}", {"filter": f"{foo}.b"})
    assert counts(every) == (0, 1, 3, 3)
    assert counts(b)[:2] == (0, 0)
    assert counts(c)[:2] == (0, 1)
    assert (every.next().seq, c.next().seq) == (4, 4)


@case("JS-RET-014", config="jetstream", deliveries=False)
def test_what_a_limit_discards_is_deleted(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(max_msgs=3)
    hear_advisories(js, stream)
    consumer = js.consumer(stream)
    assert advisory(js)["action"] == "create"
    for _ in range(3):
        js.publish(stream)
    found = consumer.take(2)
    for _ in range(2):
        js.publish(stream)
    assert sorted(advisory(js)["stream_seq"] for _ in range(2)) == [1, 2]
    consumer.until(num_ack_pending=0, num_pending=3)
    for delivery in found:
        consumer.say(delivery, "-NAK")
    assert [(each.seq, each.token.pending) for each in consumer.take(3)] == [(3, 2), (4, 1), (5, 0)]


@case("JS-RET-009", config="jetstream", deliveries=False)
def test_a_deleted_message_tells_how_often_it_was_delivered(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1)
    hear_advisories(js, consumer.stream)
    for _ in range(2):
        consumer.answer(consumer.next(), "-NAK")
        assert advisory(js)["type"].endswith(".nak")
    assert consumer.next().token.deliveries == 3
    js.request(f"STREAM.MSG.DELETE.{consumer.stream}", {"seq": 1})
    assert advisory(js)["deliveries"] == 3


@case("JS-RET-015", config="jetstream", deliveries=False)
def test_what_a_rollup_replaces_is_purged(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abaa", allow_rollup_hdrs=True)
    every, one = js.consumer(stream), js.consumer(stream, filter_subject=f"{foo}.a")
    every.take(3)
    one.take(1)
    js.publish(f"{foo}.a", "5", {"Nats-Rollup": "sub"})
    every.until(num_ack_pending=1, num_pending=1)
    one.until(num_ack_pending=0, num_pending=1)
    assert counts(every)[2:] == (3, 1)
    hear_advisories(js, stream)
    js.publish(f"{foo}.b", "6", {"Nats-Rollup": "all"})
    every.until(num_ack_pending=0, num_pending=1)
    assert counts(every) == (0, 1, 5, 5)
    assert counts(one) == (0, 0, 5, 5)
    assert every.next().seq == 6
    every.delete()
    assert advisory(js)["type"].endswith(".consumer_action")
