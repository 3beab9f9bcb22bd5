"""Chapter 121: limits in bytes, and limits that a consumer sets to requests."""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Delivery
from nats_conformance.filling import filled, lettered

LARGE = "x" * 100


def size(delivery: Delivery) -> int:
    """What counts of a delivery: subject, reply subject, headers and payload."""
    message = delivery.message
    parts = (message.subject, message.reply, message.block, message.payload)
    return sum(len(part) for part in parts)


def pending(messages: int, size: int) -> tuple[tuple[str, str], ...]:
    """The fields of a status that say what a request still asked for."""
    return (("Nats-Pending-Messages", f"{messages}"), ("Nats-Pending-Bytes", f"{size}"))


@case("JS-PULL-015", "JS-PULL-016", "JS-INV-021", config="jetstream", deliveries=False)
def test_bytes_are_those_of_the_whole_message(nats: Nats) -> None:
    js = nats.jetstream()
    one = size(filled(js, 1, LARGE).next())
    for budget, count in ((one * 2, 2), (one * 2 + 50, 2), (one * 3 - 1, 2), (one, 1)):
        consumer = filled(js, 5, LARGE)
        came = consumer.pull(5, max_bytes=budget, expires=5_000 * MS, no_wait=True)
        found = [came.delivery() for _ in range(count)]
        assert sum(map(size, found)) == one * count
        left = budget - one * count
        if left:
            message = came.ends("409 Message Size Exceeds MaxBytes")
            assert message.fields == pending(5 - count, left)
        assert consumer.next().seq == count + 1
        consumer.until(num_waiting=0)


@case("JS-PULL-015", config="jetstream", deliveries=False)
def test_headers_count(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for _ in range(2):
        js.publish(stream, "", {"A": "x" * 300})
    consumer = js.consumer(stream)
    pull = consumer.pull(2, max_bytes=300, no_wait=True)
    pull.ends("409 Message Size Exceeds MaxBytes")
    bare = js.consumer(stream, headers_only=True)
    js.publish(stream, "x" * 400)
    assert len(bare.pull(3, max_bytes=1500, no_wait=True).all().deliveries) == 3


@case("JS-PULL-016", config="jetstream", deliveries=False)
def test_what_does_not_fit_stays(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, LARGE)
    tight = consumer.pull(5, max_bytes=10, expires=5_000 * MS)
    assert tight.ends("409 Message Size Exceeds MaxBytes").fields == pending(5, 10)
    info = consumer.info()
    assert (info["delivered"]["consumer_seq"], info["num_ack_pending"]) == (0, 0)
    assert (info["num_pending"], info["num_waiting"]) == (1, 0)
    delivery = consumer.next()
    assert (delivery.token.deliveries, delivery.token.consumer_seq) == (1, 1)


@case("JS-PULL-016", "JS-RDL-007", config="jetstream", deliveries=False)
def test_what_does_not_fit_again_stays_too(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2, LARGE)
    found = consumer.take(2)
    consumer.answer(found[0], "-NAK")
    consumer.pull(1, max_bytes=10, expires=5_000 * MS).ends("409 Message Size Exceeds MaxBytes")
    info = consumer.info()
    assert (info["num_redelivered"], info["num_ack_pending"]) == (0, 2)
    delivery = consumer.next()
    assert (delivery.seq, delivery.token.deliveries, delivery.token.consumer_seq) == (1, 2, 3)
    assert consumer.info()["num_redelivered"] == 1


@case("JS-PULL-016", "JS-DLV-014", config="jetstream", deliveries=False)
def test_what_does_not_fit_stays_selected(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcab")
    last = {"deliver_policy": "last_per_subject", "filter_subject": f"{foo}.*"}
    consumer = js.consumer(stream, **last)
    consumer.pull(1, max_bytes=3, no_wait=True).ends("409 Message Size Exceeds MaxBytes")
    assert consumer.info()["num_pending"] == 3
    assert consumer.fetch().seqs == [3, 4, 5]


@case("JS-PULL-017", config="jetstream", deliveries=False)
def test_a_batch_that_is_filled_before_its_bytes(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, LARGE)
    pull = consumer.pull(2, max_bytes=1000, expires=5_000 * MS)
    found = [pull.delivery(), pull.delivery()]
    message = pull.ends("409 Batch Completed")
    assert message.fields == pending(0, 1000 - sum(map(size, found)))
    exact = consumer.pull(1, max_bytes=size(found[0]), expires=5_000 * MS)
    assert exact.delivery().seq == 3
    js.publish(consumer.stream)
    assert consumer.next().seq == 4
    js.quiet()


@case("JS-PULL-044", config="jetstream", deliveries=False)
def test_bytes_that_are_used_up_end_a_request(nats: Nats) -> None:
    js = nats.jetstream()
    one = size(filled(js, 1, LARGE).next())
    for members in ({"expires": 5_000 * MS}, {"no_wait": True}):
        consumer = filled(js, 3, LARGE)
        pull = consumer.pull(5, max_bytes=one * 2, **members)
        assert [pull.delivery().seq, pull.delivery().seq] == [1, 2]
        consumer.until(num_waiting=0)
        js.publish(consumer.stream, LARGE)
        assert consumer.take(2)[-1].seq == 4
        js.quiet()


@case("JS-PULL-018", config="jetstream", deliveries=False)
def test_negative_bytes_are_no_limit(nats: Nats) -> None:
    js = nats.jetstream()
    for number in (-1, 0):
        consumer = filled(js, 2, LARGE)
        assert consumer.pull(3, max_bytes=number, no_wait=True).all().seqs == [1, 2]


@case("JS-PULL-045", config="jetstream", deliveries=False)
def test_the_rest_is_counted_from_what_was_written(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, LARGE)
    pull = consumer.ask({"max_bytes": 1000})
    left = 1000 - size(pull.delivery())
    assert pull.ends("409 Batch Completed").fields == pending(-1, left)
    for body, messages, count in (
        ({}, 0, 0),
        ({"batch": -2}, -2, 0),
        ({"batch": 2, "max_bytes": -7}, 2, -7),
    ):
        pull = consumer.ask({"expires": 10 * MS} | body)
        assert pull.ends("408 Request Timeout").fields == pending(messages, count)


@case("JS-PULL-024", config="jetstream", deliveries=False)
def test_more_messages_than_allowed(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 5, LARGE, max_batch=3)
    for body in ({"batch": 4}, "4", " 100 "):
        consumer.ask(body).ends("409 Exceeded MaxRequestBatch of 3")
    assert consumer.pull(3).all().seqs == [1, 2, 3]


@case("JS-PULL-025", config="jetstream", deliveries=False)
def test_longer_than_allowed(nats: Nats) -> None:
    js = nats.jetstream()
    for limit, shown in (
        (1000 * MS, "1s"),
        (1500 * MS, "1.5s"),
        (90_000 * MS, "1m30s"),
        (500 * MS, "500ms"),
    ):
        consumer = filled(js, 3, LARGE, max_expires=limit)
        consumer.pull(1, expires=limit * 2).ends(f"409 Exceeded MaxRequestExpires of {shown}")
        assert consumer.pull(1, expires=limit).delivery().seq == 1
        assert consumer.pull(1).delivery().seq == 2
        assert consumer.info()["num_waiting"] == 0


@case("JS-PULL-026", config="jetstream", deliveries=False)
def test_more_bytes_than_allowed(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, LARGE, max_bytes=300)
    consumer.pull(1, max_bytes=301).ends("409 Exceeded MaxRequestMaxBytes of 300")
    pull = consumer.pull(1, max_bytes=300)
    assert pull.delivery().seq == 1
    pull.ends("409 Batch Completed")
    assert consumer.pull(2).all().seqs == [2, 3]


@case("JS-PULL-027", config="jetstream", deliveries=False)
def test_more_requests_than_may_wait(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0, LARGE, max_waiting=2)
    waiting = [consumer.pull(1, expires=60_000 * MS) for _ in range(2)]
    consumer.until(num_waiting=2)
    for body in ("", "3", {"batch": 1, "expires": 1_000 * MS}):
        consumer.ask(body).ends("409 Exceeded MaxWaiting")
    assert consumer.info()["num_waiting"] == 2
    js.publish(consumer.stream)
    js.publish(consumer.stream)
    assert sorted(pull.delivery().seq for pull in waiting) == [1, 2]


@case("JS-PULL-042", config="jetstream", deliveries=False)
def test_a_request_with_a_heartbeat_is_dropped_silently(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0, LARGE, max_waiting=1)
    waiting = consumer.pull(1, expires=60_000 * MS)
    consumer.until(num_waiting=1)
    dropped = consumer.pull(1, expires=60_000 * MS, idle_heartbeat=10_000 * MS)
    consumer.pull(1).ends("409 Exceeded MaxWaiting")
    js.publish(consumer.stream)
    assert waiting.delivery().seq == 1
    js.publish(consumer.stream)
    assert consumer.next().seq == 2
    assert dropped.sid
    js.quiet()
