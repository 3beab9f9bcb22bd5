"""Chapter 122: flow control, and acknowledging by it."""

from __future__ import annotations

from typing import Any

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Consumer, delivered, status_of
from nats_conformance.jetstream import JetStream
from nats_conformance.message import Message

SECOND = 1000 * MS
LARGE = b"x" * 60_000


def flowing(
    js: JetStream, count: int, payload: bytes = LARGE, **config: Any
) -> tuple[Consumer, str]:
    """A push consumer with flow control of a stream with so many messages, and its subject."""
    stream = js.create()
    for _ in range(count):
        js.send(stream, payload)
    js.publish(stream, payload)
    deliver = js.name("deliver")
    flow: dict[str, Any] = {
        "flow_control": True,
        "idle_heartbeat": SECOND,
        "deliver_subject": deliver,
    }
    return js.consumer(stream, **(flow | config)), deliver


def until_request(js: JetStream, sid: str) -> tuple[int, Message]:
    """How many messages come before the next request of flow control, and that request."""
    count = 0
    while (message := js.next(sid)).status is None:
        delivered(message)
        count += 1
    assert status_of(message).id == "flow-control-request"
    return count, message


def until_stalled(js: JetStream, sid: str) -> tuple[int, Message]:
    """How many more messages come before a heartbeat, and that heartbeat."""
    count = 0
    while (message := js.next(sid)).status is None:
        count += 1
    assert status_of(message).id == "idle-heartbeat"
    return count, message


@case("JS-PUSH-005", config="jetstream", deliveries=False)
def test_what_a_request_of_flow_control_is(nats: Nats) -> None:
    js = nats.jetstream()
    consumer, deliver = flowing(js, 100, ack_policy="none")
    js.subscribe(deliver, "d")
    count, request = until_request(js, "d")
    assert 0 < count < 100
    assert request.reply.startswith(f"$JS.FC.{consumer.path}.")
    assert len(request.reply.split(".")) == 5
    assert (request.subject, request.fields, request.payload) == (deliver, (), b"")


@case("JS-PUSH-006", config="jetstream", deliveries=False, waits=True)
def test_the_window_doubles(nats: Nats) -> None:
    js = nats.jetstream()
    consumer, deliver = flowing(js, 160, ack_policy="none")
    js.subscribe(deliver, "d")
    before, first = until_request(js, "d")
    more, beat = until_stalled(js, "d")
    assert 15 <= before <= 20
    assert 30 <= before + more <= 40
    assert beat.header("Nats-Consumer-Stalled") == first.reply
    assert consumer.info()["delivered"]["consumer_seq"] == before + more
    js.send(first.reply)
    after, second = until_request(js, "d")
    assert second.reply != first.reply
    more_again, _ = until_stalled(js, "d")
    assert after + more_again > 1.5 * (before + more)


@case("JS-PUSH-007", "JS-PUSH-008", config="jetstream", deliveries=False, waits=True)
def test_a_stalled_consumer_says_so_until_it_is_answered(nats: Nats) -> None:
    js = nats.jetstream()
    consumer, deliver = flowing(js, 60, ack_policy="none")
    js.subscribe(deliver, "d")
    _, request = until_request(js, "d")
    _, beat = until_stalled(js, "d")
    assert [name for name, _ in beat.fields] == [
        "Nats-Last-Consumer",
        "Nats-Last-Stream",
        "Nats-Consumer-Stalled",
    ]
    assert beat.header("Nats-Consumer-Stalled") == request.reply
    stalled_at = consumer.info()["delivered"]["consumer_seq"]
    for wrong in (f"$JS.FC.{consumer.path}.zzzz", f"{request.reply}0"):
        js.send(wrong)
    assert js.next("d").header("Nats-Consumer-Stalled") == request.reply
    assert consumer.info()["delivered"]["consumer_seq"] == stalled_at
    js.send(request.reply, "anything")
    assert delivered(js.next("d")).token.consumer_seq == stalled_at + 1


@case("JS-PUSH-008", config="jetstream", deliveries=False, waits=True)
def test_an_answer_to_an_earlier_request_is_ignored(nats: Nats) -> None:
    js = nats.jetstream()
    consumer, deliver = flowing(js, 160, ack_policy="none")
    js.subscribe(deliver, "d")
    _, first = until_request(js, "d")
    js.send(first.reply)
    _, second = until_request(js, "d")
    _, beat = until_stalled(js, "d")
    assert beat.header("Nats-Consumer-Stalled") == second.reply
    stalled_at = consumer.info()["delivered"]["consumer_seq"]
    js.send(first.reply)
    assert js.next("d").header("Nats-Consumer-Stalled") == second.reply
    assert consumer.info()["delivered"]["consumer_seq"] == stalled_at


@case("JS-PUSH-016", "JS-PUSH-017", config="jetstream", deliveries=False, waits=True)
def test_acknowledging_by_flow_control(nats: Nats) -> None:
    js = nats.jetstream()
    consumer, deliver = flowing(js, 6, b"hi", ack_policy="flow_control")
    js.subscribe(deliver, "d")
    for _ in range(7):
        delivered(js.next("d"))
    assert consumer.info()["num_ack_pending"] == 7
    message = js.next("d")
    while message.description == "Idle Heartbeat":
        message = js.next("d")
    assert status_of(message).id == "flow-control-request"
    js.send(message.reply, "", {"Nats-Last-Consumer": "3", "Nats-Last-Stream": "3"})
    consumer.until(num_ack_pending=4, ack_floor={"consumer_seq": 3, "stream_seq": 3})
    again = js.next("d")
    while again.description == "Idle Heartbeat":
        again = js.next("d")
    js.send(again.reply)
    js.send(message.reply, "", {"Nats-Last-Consumer": "7", "Nats-Last-Stream": "7"})
    assert js.next("d").status == 100
    assert consumer.info()["num_ack_pending"] == 4


@case("JS-PUSH-016", config="jetstream", deliveries=False)
def test_a_full_consumer_asks_for_its_acknowledgement(nats: Nats) -> None:
    js = nats.jetstream()
    consumer, deliver = flowing(js, 9, b"hi", ack_policy="flow_control", max_ack_pending=4)
    js.subscribe(deliver, "d")
    count, request = until_request(js, "d")
    assert count == 4
    assert consumer.info()["num_ack_pending"] == 4
    js.send(request.reply, "", {"Nats-Last-Consumer": "4", "Nats-Last-Stream": "4"})
    count, _ = until_request(js, "d")
    assert count == 4


@case("JS-PUSH-017", config="jetstream", deliveries=False)
def test_only_that_policy_is_acknowledged_by_flow_control(nats: Nats) -> None:
    js = nats.jetstream()
    consumer, deliver = flowing(js, 40)
    js.subscribe(deliver, "d")
    count, request = until_request(js, "d")
    js.send(request.reply, "", {"Nats-Last-Consumer": "3", "Nats-Last-Stream": "3"})
    js.next("d")
    info = consumer.info()
    assert info["ack_floor"]["stream_seq"] == 0
    assert info["num_ack_pending"] >= count
