"""Chapter 120: changes of a consumer take effect, on what is outstanding too."""

from __future__ import annotations

import time

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS
from nats_conformance.filling import lettered

SECOND = 1000 * MS


@case("JS-CONS-UPD-008", config="jetstream", deliveries=False)
def test_room_for_more_is_used_at_once(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream, max_ack_pending=1)
    for text in "abc":
        js.publish(stream, text)
    pull = consumer.pull(3)
    assert pull.delivery().payload == b"a"
    assert consumer.info()["num_ack_pending"] == 1
    consumer.update(max_ack_pending=3)
    assert [pull.delivery().payload for _ in range(2)] == [b"b", b"c"]


@case("JS-CONS-UPD-009", config="jetstream", deliveries=False, waits=True)
def test_a_shorter_wait_holds_for_what_is_outstanding(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream, ack_wait=60 * SECOND)
    js.publish(stream, "a")
    consumer.next()
    consumer.update(ack_wait=200 * MS)
    began = time.monotonic()
    again = consumer.next()
    assert again.token.deliveries == 2
    assert time.monotonic() - began < 2


@case("JS-CONS-UPD-010", config="jetstream", deliveries=False)
def test_other_filters_go_on_from_here(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    for subject in "aabbab":
        js.publish(f"{foo}.{subject}")
    consumer = js.consumer(stream, filter_subject=f"{foo}.a")
    assert consumer.made["num_pending"] == 3
    assert [each.seq for each in consumer.take(2)] == [1, 2]
    answer = consumer.update(filter_subject=f"{foo}.b")
    assert (answer["num_pending"], answer["delivered"]["stream_seq"]) == (3, 2)
    assert [each.token.pending for each in consumer.take(2)] == [2, 1]
    answer = consumer.update(filter_subject=None, filter_subjects=[f"{foo}.a", f"{foo}.b"])
    assert answer["num_pending"] == 2
    assert consumer.fetch().seqs == [5, 6]
    assert consumer.update(filter_subjects=[f"{foo}.a"])["num_pending"] == 0


@case("JS-CONS-UPD-010", config="jetstream", deliveries=False)
def test_other_filters_count_what_is_to_be_delivered(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "a")
    a, b = f"{foo}.a", f"{foo}.b"
    consumer = js.consumer(stream, deliver_policy="last_per_subject", filter_subjects=[a])
    assert consumer.next().seq == 1
    for subject in (a, b, b, b):
        js.publish(subject)
    assert consumer.update(filter_subjects=[a, b])["num_pending"] == 4
    found = [(each.seq, each.token.pending) for each in consumer.take(4)]
    assert found == [(2, 3), (3, 2), (4, 1), (5, 0)]


@case("JS-INV-013", config="jetstream", deliveries=False)
def test_a_purge_leaves_the_number_of_what_is_to_be_delivered(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abc")
    policy = {"deliver_policy": "last_per_subject", "filter_subject": f"{foo}.*"}
    consumer = js.consumer(stream, **policy)
    assert len(consumer.take(3)) == 3
    for _ in range(3):
        js.publish(f"{foo}.a")
    consumer.until(num_pending=3)
    js.request(f"STREAM.PURGE.{stream}", {"seq": 3})
    assert consumer.info()["num_pending"] == 3


@case("JS-CONS-UPD-011", config="jetstream", deliveries=False)
def test_without_its_filter_a_consumer_sees_what_is_stored(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    for subject in "abc":
        js.publish(f"{foo}.{subject}")
    consumer = js.consumer(stream, filter_subject=f"{foo}.a")
    consumer.next()
    assert consumer.update(filter_subject=None)["num_pending"] == 2
    assert [each.seq for each in consumer.take(2)] == [2, 3]


@case("JS-CONS-UPD-011", config="jetstream", deliveries=False)
def test_without_its_filter_a_consumer_sees_what_comes(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    consumer = js.consumer(stream, filter_subject=f"{foo}.a")
    consumer.update(filter_subject=None)
    pull = consumer.pull(1, expires=500 * MS)
    consumer.until(num_waiting=1)
    js.publish(f"{foo}.b", "one")
    assert pull.delivery().payload == b"one"
    js.publish(f"{foo}.c", "two")
    consumer.until(num_pending=1)
    assert consumer.next().payload == b"two"


@case("JS-CONS-UPD-013", config="jetstream", deliveries=False, waits=True)
def test_what_is_exhausted_stays_so(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream, ack_wait=100 * MS, max_deliver=2)
    js.publish(stream, "a")
    consumer.take(2)
    pull = consumer.pull(1, expires=700 * MS)
    assert pull.all().end == "408 Request Timeout"
    consumer.until(num_ack_pending=0)
    consumer.update(max_deliver=5)
    js.publish(stream, "b")
    assert consumer.next().payload == b"b"
    pull = consumer.pull(2, expires=400 * MS)
    assert {each.payload for each in pull.all().deliveries} <= {b"b"}


@case("JS-RET-013", "JS-CONS-UPD-010", config="jetstream", deliveries=False)
def test_a_purge_of_what_other_filters_want_leaves_what_is_outstanding(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abc")
    consumer = js.consumer(stream, filter_subject=f"{foo}.*")
    first = consumer.take(3)[0]
    consumer.update(filter_subject=f"{foo}.b")
    js.request(f"STREAM.PURGE.{stream}", {"filter": f"{foo}.b"})
    consumer.answer(first, "-NAK")
    assert consumer.fetch().seqs == [1]
    assert consumer.info()["num_ack_pending"] == 2
