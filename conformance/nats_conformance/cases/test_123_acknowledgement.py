"""Chapter 123: what acknowledgements do, one by one."""

from __future__ import annotations

import time

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Consumer
from nats_conformance.filling import filled, floor


def forged(reply: str, place: int, token: str) -> str:
    """A reply subject with another token: -5 deliveries, -4 stream, -3 consumer sequence."""
    tokens = reply.split(".")
    tokens[place] = token
    return ".".join(tokens)


@case("JS-ACK-001", "JS-ACK-002", "JS-ACK-005", "JS-ACK-011", config="jetstream", deliveries=False)
def test_each_way_to_acknowledge(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 5)
    found = consumer.take(5)
    for number, payload, headers in (
        (3, "", None),
        (1, "+ACK", None),
        (4, "+OK", None),
        (0, "+ACK", {"A": "b"}),
    ):
        consumer.answer(found[number], payload, headers)
    assert floor(consumer) == (2, 2, 1)
    consumer.say(found[2])
    consumer.until(num_ack_pending=0, ack_floor={"consumer_seq": 5, "stream_seq": 5})
    consumer.nothing()


@case("JS-ACK-003", config="jetstream", deliveries=False)
def test_once_more_changes_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3)
    found = consumer.take(3)
    for _ in range(3):
        consumer.answer(found[1])
        assert floor(consumer) == (0, 0, 2)
    consumer.answer(found[0])
    for _ in range(2):
        consumer.answer(found[0])
        assert floor(consumer) == (2, 2, 1)


@case("JS-ACK-004", config="jetstream", deliveries=False)
def test_what_says_nothing_does_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2)
    delivery = consumer.next()
    for payload in ("junk", "+ACKfoo", "+ack", "+ACK ", "+OKAY", "-ack", "+", "+WPI ", "\0", "{}"):
        consumer.say(delivery, payload)
    consumer.answer(delivery, "+WPI")
    assert floor(consumer) == (0, 0, 1)
    assert consumer.next().seq == 2
    consumer.nothing()


@case("JS-ACK-006", config="jetstream", deliveries=False)
def test_the_stream_sequence_counts(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 5)
    found = consumer.take(5)
    for number, place, token in ((0, -5, "7"), (1, -3, "4"), (2, -2, "1"), (3, -1, "99")):
        consumer.answer(forged(found[number].reply, place, token))
        assert floor(consumer) == (number + 1, number + 1, 4 - number)
    consumer.answer(forged(found[0].reply, -4, "5"))
    assert floor(consumer) == (5, 5, 0)


@case("JS-ACK-007", config="jetstream", deliveries=False)
def test_what_was_never_delivered_cannot_be_acknowledged(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 5)
    delivery = consumer.take(2)[1]
    for seq in ("3", "5", "99", "18446744073709551615"):
        js.send(forged(delivery.reply, -4, seq), "", None, js.inbox())
    consumer.answer(delivery, "+WPI")
    js.barrier()
    assert not js.arrived
    assert floor(consumer) == (0, 0, 2)
    assert [each.seq for each in consumer.take(3)] == [3, 4, 5]


@case("JS-ACK-008", config="jetstream", deliveries=False)
def test_tokens_that_are_no_numbers(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2)
    delivery = consumer.next()
    for token in ("x", "-1", "1x", "0x1", "+1"):
        for payload in ("", "-NAK", "+TERM"):
            consumer.say(forged(delivery.reply, -4, token), payload)
        js.send(forged(delivery.reply, -4, token), "+ACK", None, js.inbox())
    consumer.answer(delivery, "+WPI")
    js.barrier()
    assert not js.arrived
    assert floor(consumer) == (0, 0, 1)
    assert consumer.next().seq == 2


@case("JS-ACK-032", config="jetstream", deliveries=False)
def test_nobody_is_told_of_sequence_0(nats: Nats) -> None:
    js = nats.jetstream()
    for retention, answers in (("workqueue", 0), ("limits", 2)):
        stream = js.create(retention=retention)
        js.publish(stream)
        consumer = js.consumer(stream)
        delivery = consumer.next()
        nothing = forged(delivery.reply, -4, "0")
        for payload in ("-NAK", "+WPI", "no such", "+ACK", "+TERM"):
            js.send(nothing, payload, None, js.inbox())
        consumer.answer(delivery, "+WPI")
        js.barrier()
        assert len(js.arrived) == answers
        assert floor(consumer) == (0, 0, 1)


@case("JS-ACK-009", config="jetstream", deliveries=False)
def test_other_subjects_are_nobody(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1)
    delivery = consumer.next()
    tokens = delivery.reply.split(".")
    for wrong in (
        [*tokens, "1"],
        tokens[:-1],
        [*tokens[:2], "_", "AAAAAAAA", *tokens[2:]],
        [*tokens[:2], "other", "szMpdrwD", *tokens[2:]],
        [*tokens[:2], "none", *tokens[3:]],
        [*tokens[:3], "none", *tokens[4:]],
    ):
        assert js.ask(".".join(wrong)).status == 503, wrong
    assert floor(consumer) == (0, 0, 1)


@case("JS-ACK-010", config="jetstream", deliveries=False)
def test_nobody_hears_what_nobody_wants(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1, ack_policy="none")
    assert js.ask(consumer.next().reply).status == 503
    assert js.ask(f"$JS.ACK.{consumer.path}.1.1.1.1.0", "+ACK").status == 503


@case("JS-ACK-012", config="jetstream", deliveries=False)
def test_all_up_to_here(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 6, ack_policy="all")
    found = consumer.take(5)
    consumer.answer(found[2])
    assert floor(consumer) == (3, 3, 2)
    for number in (1, 2, 0):
        consumer.answer(found[number])
        assert floor(consumer) == (3, 3, 2)
    consumer.answer(found[4], "+OK")
    assert floor(consumer) == (5, 5, 0)
    assert consumer.next().seq == 6


@case("JS-ACK-013", config="jetstream", deliveries=False)
def test_nak_and_term_among_all(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 5, ack_policy="all")
    found = consumer.take(5)
    consumer.answer(found[2], "-NAK")
    assert floor(consumer) == (0, 0, 5)
    came = consumer.fetch()
    assert [(each.seq, each.token.deliveries) for each in came.deliveries] == [(3, 2)]
    consumer.answer(found[3], "+TERM")
    assert floor(consumer)[1:] == (4, 1)
    consumer.nothing()


@case("JS-ACK-014", "JS-ACK-015", config="jetstream", deliveries=False)
def test_the_floor_is_below_all_that_is_outstanding(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 6)
    found = consumer.take(6)
    for number, wanted in (
        (1, (1, 1, 5)),
        (3, (1, 1, 4)),
        (4, (1, 1, 3)),
        (2, (4, 4, 2)),
        (6, (4, 4, 1)),
        (5, (6, 6, 0)),
    ):
        consumer.answer(found[number - 1])
        assert floor(consumer) == wanted, number
    info = consumer.info()
    for member in ("consumer_seq", "stream_seq"):
        assert info["ack_floor"][member] == info["delivered"][member]


@case("JS-ACK-015", config="jetstream", deliveries=False)
def test_the_floor_reaches_what_was_delivered_again(nats: Nats) -> None:
    js = nats.jetstream()
    for policy in ("explicit", "all"):
        consumer = filled(js, 2, ack_policy=policy)
        first = consumer.take(2)
        for delivery in first:
            consumer.answer(delivery, "-NAK")
        again = consumer.take(2)
        for delivery in again:
            consumer.answer(delivery)
        assert floor(consumer) == (4, 2, 0), policy


@case("JS-ACK-015", "JS-ACK-026", config="jetstream", deliveries=False)
def test_the_floor_reaches_it_by_an_earlier_reply_too(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2, ack_policy="all")
    first = consumer.take(2)
    for delivery in first:
        consumer.answer(delivery, "-NAK")
    consumer.take(2)
    consumer.answer(first[1])
    assert floor(consumer) == (4, 2, 0)


@case("JS-ACK-026", config="jetstream", deliveries=False)
def test_earlier_replies_are_as_good(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3)
    found = consumer.take(3)
    for delivery in found:
        consumer.answer(delivery, "-NAK")
    again = consumer.take(3)
    consumer.answer(found[0])
    assert floor(consumer)[2] == 2
    consumer.answer(found[1], "-NAK")
    assert consumer.next().token.deliveries == 3
    consumer.answer(again[1], "+TERM")
    consumer.answer(found[2], "+TERM")
    assert floor(consumer) == (7, 3, 0)
    consumer.nothing()


@case("JS-ACK-026", "JS-ACK-012", config="jetstream", deliveries=False)
def test_earlier_replies_are_as_good_for_all(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3, ack_policy="all")
    one, two = consumer.take(2)
    consumer.answer(one, "-NAK")
    consumer.answer(consumer.next())
    assert floor(consumer)[1:] == (1, 1)
    consumer.answer(two)
    assert floor(consumer)[1:] == (2, 0)


@case("JS-ACK-028", config="jetstream", deliveries=False)
def test_an_acknowledgement_comes_before_what_was_queued(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 4)
    found = consumer.take(4)
    for delivery in found:
        consumer.answer(delivery, "-NAK")
    consumer.answer(found[0])
    consumer.answer(found[1], "+TERM")
    again = consumer.next()
    assert (again.seq, consumer.info()["num_redelivered"]) == (3, 1)
    consumer.answer(found[2])
    assert consumer.info()["num_redelivered"] == 0
    assert consumer.fetch().seqs == [4]


@case("JS-ACK-027", config="jetstream", deliveries=False)
def test_acknowledgements_need_no_request(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2)
    pull = consumer.pull(2)
    found = [pull.delivery(), pull.delivery()]
    js.connection.close()
    other = nats.jetstream()
    consumer = Consumer(other, consumer.stream, consumer.name)
    assert consumer.info()["num_waiting"] == 0
    consumer.answer(found[1])
    consumer.answer(found[0])
    assert floor(consumer) == (2, 2, 0)


@case("JS-ACK-021", config="jetstream", deliveries=False, waits=True)
def test_progress_starts_the_wait_anew(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2, ack_wait=1500 * MS)
    one, _ = consumer.take(2)
    pull = consumer.pull(1, expires=10_000 * MS)
    began = time.monotonic()
    for _ in range(5):
        time.sleep(0.4)
        consumer.answer(one, "+WPI")
    other = pull.delivery()
    assert other.seq == 2
    consumer.answer(other)
    again = consumer.next()
    assert (again.seq, again.token.deliveries) == (1, 2)
    assert time.monotonic() - began >= 3.5
