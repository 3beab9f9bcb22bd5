"""Chapter 122: push consumers: who is heard as interest, what is delivered to whom."""

from __future__ import annotations

import time
from typing import Any

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.consuming import MS, Consumer, delivered, status_of
from nats_conformance.jetstream import JetStream


def pushed(js: JetStream, stream: str, **config: Any) -> tuple[Consumer, str]:
    """A push consumer, and its deliver subject, which nobody hears yet."""
    deliver = js.name("deliver")
    return js.consumer(stream, deliver_subject=deliver, **config), deliver


def seqs(js: JetStream, sid: str, count: int) -> list[int]:
    """The stream sequences of the next deliveries to a subscription."""
    return [delivered(js.next(sid)).seq for _ in range(count)]


@case(
    "JS-PUSH-001", "JS-PUSH-002", "JS-PUSH-003", "JS-PUSH-018", config="jetstream", deliveries=False
)
def test_messages_wait_for_somebody_who_hears(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for _ in range(3):
        js.publish(stream)
    consumer, deliver = pushed(js, stream)
    assert "push_bound" not in consumer.made
    assert consumer.info()["delivered"]["consumer_seq"] == 0
    js.subscribe(deliver, "a")
    assert seqs(js, "a", 3) == [1, 2, 3]
    consumer.until(push_bound=True)
    js.connection.send("UNSUB a\r\n")
    consumer.until(push_bound=None)
    for _ in range(3):
        js.publish(stream)
    assert consumer.info()["delivered"]["consumer_seq"] == 3
    js.subscribe(deliver, "b")
    assert seqs(js, "b", 3) == [4, 5, 6]
    assert consumer.info()["num_pending"] == 0


@case("JS-PUSH-002", config="jetstream", deliveries=False)
def test_nothing_is_lost_when_somebody_hears_so_many(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for _ in range(5):
        js.publish(stream)
    consumer, deliver = pushed(js, stream, ack_policy="none")
    js.connection.send(f"SUB {deliver} a\r\nUNSUB a 2\r\n")
    assert seqs(js, "a", 2) == [1, 2]
    info = consumer.until(push_bound=None)
    assert (info["num_pending"], info["delivered"]["consumer_seq"]) == (3, 2)
    js.subscribe(deliver, "b")
    assert seqs(js, "b", 3) == [3, 4, 5]


@case("JS-PUSH-002", config="jetstream", deliveries=False)
def test_nothing_is_lost_when_somebody_stops_hearing(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer, deliver = pushed(js, stream, ack_policy="none")
    burst = f"PUB {stream} 2\r\nhi\r\n" * 30
    sent = 0
    heard: set[int] = set()
    for attempt in range(3):
        for number in range(60):
            js.subscribe(deliver, f"n{attempt}-{number}")
            js.connection.send(f"{burst}UNSUB n{attempt}-{number}\r\n{burst}")
        js.publish(stream)
        sent += 60 * 60 + 1
        js.subscribe(deliver, f"rest{attempt}")
        consumer.until(num_pending=0)
        js.barrier()
        heard |= {delivered(js.next()).seq for _ in range(len(js.arrived))}
        js.connection.send(f"UNSUB rest{attempt}\r\n")
        if missing := sorted(set(range(1, sent + 1)) - heard):
            shown = f"{len(missing)} of {sent} are missing, {missing[0]} the first"
            raise Mismatch("messages were delivered to nobody", "each message", shown)


@case("JS-PUSH-004", config="jetstream", deliveries=False, waits=True)
def test_an_idle_consumer_says_so(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer, deliver = pushed(js, stream, idle_heartbeat=150 * MS)
    js.publish(stream)
    time.sleep(0.4)
    began = time.monotonic()
    js.subscribe(deliver, "d")
    assert delivered(js.next("d")).token.consumer_seq == 1
    for _ in range(2):
        beat = js.next("d")
        assert status_of(beat).id == "idle-heartbeat"
        assert (beat.subject, beat.reply) == (deliver, "")
        assert beat.fields == (("Nats-Last-Consumer", "1"), ("Nats-Last-Stream", "1"))
    assert time.monotonic() - began >= 0.28
    assert consumer.info()["delivered"]["consumer_seq"] == 1


@case("JS-PUSH-004", config="jetstream", deliveries=False, waits=True)
def test_a_busy_consumer_does_not(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    _, deliver = pushed(js, stream, idle_heartbeat=1500 * MS)
    js.subscribe(deliver, "d")
    last = began = time.monotonic()
    while last - began < 1.7:
        js.publish(stream)
        # A machine that stood still for so long has a heartbeat to come.
        assert js.next("d").status is None or time.monotonic() - last > 1.4
        last = time.monotonic()
        time.sleep(0.3)
    while js.next("d").status is None:
        pass


@case("JS-PUSH-012", config="jetstream", deliveries=False)
def test_without_acknowledgements_sent_is_done(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer, deliver = pushed(js, stream, ack_policy="none")
    js.subscribe(deliver, "d")
    for _ in range(3):
        js.publish(stream)
    assert seqs(js, "d", 3) == [1, 2, 3]
    info = consumer.info()
    for pair in ("delivered", "ack_floor"):
        assert (info[pair]["consumer_seq"], info[pair]["stream_seq"]) == (3, 3)
    assert (info["num_ack_pending"], info["num_redelivered"]) == (0, 0)


@case("JS-PUSH-013", config="jetstream", deliveries=False, waits=True)
def test_messages_come_again_unasked(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.subscribe(f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.>", "told")
    consumer, deliver = pushed(js, stream, ack_wait=200 * MS, max_deliver=3)
    js.subscribe(deliver, "d")
    began = time.monotonic()
    js.publish(stream)
    found = [delivered(js.next("d")) for _ in range(3)]
    assert time.monotonic() - began >= 0.4
    assert [each.token.deliveries for each in found] == [1, 2, 3]
    assert [each.token.consumer_seq for each in found] == [1, 2, 3]
    assert js.next("told").json["stream_seq"] == 1
    assert time.monotonic() - began < 0.6 + 2
    consumer.until(num_ack_pending=0)
    js.publish(stream)
    assert delivered(js.next("d")).seq == 2


@case("JS-PUSH-014", config="jetstream", deliveries=False, waits=True)
def test_an_ephemeral_goes_when_nobody_hears(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    ephemeral = {"durable_name": None, "inactive_threshold": 500 * MS}
    heard, deliver = pushed(js, stream, **ephemeral)
    js.subscribe(deliver, "d")
    heard.until(push_bound=True)
    began = time.monotonic()
    js.connection.send("UNSUB d\r\n")
    while "error" not in js.answer(f"CONSUMER.INFO.{heard.path}"):
        time.sleep(0.02)
        assert time.monotonic() - began < 0.5 + 2
    assert time.monotonic() - began >= 0.48


@case("JS-PUSH-014", "JS-PUSH-015", config="jetstream", deliveries=False, waits=True)
def test_an_ephemeral_stays_while_somebody_hears(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    bound, deliver = pushed(js, stream, durable_name=None, inactive_threshold=200 * MS)
    js.subscribe(deliver, "d")
    usual, _ = pushed(js, stream, durable_name=None)
    began = time.monotonic()
    while "error" not in js.answer(f"CONSUMER.INFO.{usual.path}"):
        time.sleep(0.05)
        assert time.monotonic() - began < 6 + 3
    assert time.monotonic() - began >= 4.9
    assert bound.info()["push_bound"] is True


@case("JS-PUSH-009", config="jetstream", deliveries=False)
def test_only_members_of_the_group_are_heard(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream)
    consumer, deliver = pushed(js, stream, deliver_group="g")
    js.subscribe(deliver, "plain")
    js.subscribe(deliver, "other", "h")
    js.publish(stream)
    info = consumer.info()
    assert ("push_bound" in info, info["delivered"]["consumer_seq"]) == (False, 0)
    js.subscribe(deliver, "member", "g")
    assert seqs(js, "member", 2) == [1, 2]
    consumer.until(push_bound=True)
    js.connection.send("UNSUB member\r\n")
    consumer.until(push_bound=None)
    js.publish(stream)
    assert consumer.info()["delivered"]["consumer_seq"] == 2


@case("JS-PUSH-010", config="jetstream", deliveries=False)
def test_without_a_group_members_of_groups_are_not_heard(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream)
    consumer, deliver = pushed(js, stream)
    js.subscribe(deliver, "member", "g")
    info = consumer.info()
    assert ("push_bound" in info, info["delivered"]["consumer_seq"]) == (False, 0)
    js.subscribe(deliver, "plain")
    assert seqs(js, "plain", 1) == [1]


@case("JS-PUSH-019", config="jetstream", deliveries=False)
def test_a_wildcard_is_not_heard(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream)
    for group in ("", "g"):
        words = js.name("deliver")
        config = {"deliver_group": group} if group else {}
        for pattern in ("*", ">"):
            js.subscribe(f"{words}.{pattern}", f"{pattern}{group}", group)
        js.create(subjects=[f"{words}.*"])
        consumer = js.consumer(stream, deliver_subject=f"{words}.x", **config)
        js.publish(stream)
        info = consumer.info()
        assert ("push_bound" in info, info["delivered"]["consumer_seq"]) == (False, 0)
        js.subscribe(f"{words}.x", f"itself{group}", group)
        info = consumer.until(num_pending=0)
        assert info["push_bound"] is True
        count = info["delivered"]["consumer_seq"]
        if group:
            assert len([js.next() for _ in range(count)]) == count
        else:
            for sid in ("itself", "*", ">"):
                assert seqs(js, sid, count) == list(range(1, count + 1))
        js.connection.send(f"UNSUB itself{group}\r\n")
        consumer.until(push_bound=None)


@case("JS-PUSH-011", config="jetstream", deliveries=False)
def test_one_member_gets_each_message(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer, deliver = pushed(js, stream, deliver_group="g")
    for member in ("a", "b", "c"):
        js.subscribe(deliver, member, "g")
    for _ in range(60):
        js.publish(stream)
    messages = [js.next() for _ in range(60)]
    assert [delivered(each).seq for each in messages] == list(range(1, 61))
    assert len({each.sid for each in messages}) > 1
    assert consumer.info()["delivered"]["consumer_seq"] == 60
    js.quiet()
