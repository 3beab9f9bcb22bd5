"""Chapter 120: what a delivered message holds, and at which pace messages come."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Consumer
from nats_conformance.jetstream import JetStream
from nats_spec import acks


@case("JS-DLV-001", "JS-DLV-002", "JS-INV-002", config="jetstream", deliveries=False)
def test_a_message_comes_as_it_was_published(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.>"])
    sent: tuple[tuple[str, str | bytes, dict[str, str]], ...] = (
        ("a", "hello", {}),
        ("a.b", "", {"A": "1", "B": "two words", "a": "3"}),
        ("b", b"\0\r\n\xff", {"Nats-Msg-Id": "7"}),
        ("b.c.d", "x" * 5000, {"Empty": ""}),
    )
    for subject, payload, headers in sent:
        js.publish(f"{foo}.{subject}", payload, headers)
    deliver = nats.name("deliver")
    js.subscribe(deliver, "push")
    pulled = js.consumer(stream).take(len(sent))
    js.consumer(stream, deliver_subject=deliver, ack_policy="none")
    for number, (subject, payload, headers) in enumerate(sent, 1):
        data = payload.encode() if isinstance(payload, str) else payload
        for message in (pulled[number - 1].message, js.next("push")):
            assert message.subject == f"{foo}.{subject}"
            assert message.payload == data
            assert message.fields == tuple(headers.items())
            assert message.reply.startswith(f"$JS.ACK.{stream}.")
        stored = js.stored(stream, seq=number)
        assert (stored["subject"], stored["data"]) == (f"{foo}.{subject}", data)
        assert stored["hdrs"] == pulled[number - 1].message.block


@case("JS-DLV-003", "JS-DLV-007", "JS-DLV-008", "JS-INV-014", config="jetstream", deliveries=False)
def test_what_the_reply_subject_says(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for _ in range(8):
        js.publish(stream)
    consumer = js.consumer(stream, deliver_policy="by_start_sequence", opt_start_seq=4)
    found = consumer.take(5)
    for number, delivery in enumerate(found, 1):
        token = delivery.token
        assert len(delivery.reply.split(".")) == 9
        assert (token.stream.decode(), token.consumer.decode()) == (stream, consumer.name)
        assert (token.deliveries, token.stream_seq, token.consumer_seq) == (1, number + 3, number)
        assert token.pending == 5 - number
        assert token.timestamp == nanoseconds(js.stored(stream, seq=number + 3)["time"])


@case("JS-DLV-004", "JS-DLV-005", config="jetstream", private=True)
def test_the_second_form_of_the_reply_subject(nats: Nats) -> None:
    server = nats.start(
        text='jetstream { store_dir: "{store_dir}", domain: hub }\n'
        "feature_flags { js_ack_fc_v2: true }\n"
    )
    js = nats.jetstream(server=server)
    stream = js.create()
    consumer = js.consumer(stream)
    for _ in range(2):
        js.publish(stream)
    one, two = consumer.take(2)
    assert one.reply.startswith(f"$JS.ACK.hub.szMpdrwD.{stream}.{consumer.name}.1.1.1.")
    assert one.token.account == acks.account_hash(b"$G")
    assert len(one.reply.split(".")) == 11
    consumer.answer(one)
    consumer.answer(first_form(two.token))
    assert consumer.info()["num_ack_pending"] == 0


@case("JS-DLV-006", config="jetstream", deliveries=False)
def test_either_form_is_answered(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream)
    for _ in range(3):
        js.publish(stream)
    one, two, three = consumer.take(3)
    consumer.answer(one)
    consumer.answer(second_form(two.token))
    consumer.answer(second_form(three.token) + ".later")
    assert consumer.info()["num_ack_pending"] == 0


@case("JS-DLV-019", config="jetstream", deliveries=False)
def test_headers_without_payload(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream, headers_only=True)
    js.publish(stream, "hello")
    js.publish(stream, "", {"A": "b"})
    js.publish(stream, "ö", {"A": "b", "C": "d"})
    fields = [each.message.fields for each in consumer.take(3)]
    assert fields == [
        (("Nats-Msg-Size", "5"),),
        (("A", "b"), ("Nats-Msg-Size", "0")),
        (("A", "b"), ("C", "d"), ("Nats-Msg-Size", "2")),
    ]


@case("JS-DLV-020", config="jetstream", deliveries=False, waits=True)
def test_messages_come_at_the_pace_at_which_they_were_published(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for _ in range(3):
        js.publish(stream)
        time.sleep(0.2)
    stamps = [nanoseconds(js.stored(stream, seq=seq)["time"]) for seq in (1, 2, 3)]
    consumer = js.consumer(stream, replay_policy="original")
    began = time.monotonic()
    pull = consumer.pull(4)
    for stamp in stamps:
        pull.delivery()
        published = (stamp - stamps[0]) / 1e9
        assert published - 0.002 <= time.monotonic() - began <= published + 1
    began = time.monotonic()
    js.publish(stream)
    assert pull.delivery().seq == 4
    assert time.monotonic() - began < 1


@case("JS-DLV-026", config="jetstream", deliveries=False, waits=True)
def test_what_is_held_back_is_pending(nats: Nats) -> None:
    consumer = spaced(nats.jetstream())
    pull = consumer.pull(3)
    assert pull.delivery().token.pending == 2
    info = consumer.info()
    counts = info["delivered"]["stream_seq"], info["num_ack_pending"], info["num_pending"]
    assert counts == (1, 1, 2)
    assert [pull.delivery().seq for _ in range(2)] == [2, 3]


@case("JS-DLV-026", "JS-DLV-022", config="jetstream", deliveries=False, waits=True)
def test_what_is_deleted_while_it_is_held_back_does_not_come(nats: Nats) -> None:
    consumer = spaced(nats.jetstream())
    pull = consumer.pull(2)
    pull.delivery()
    consumer.js.request(f"STREAM.MSG.DELETE.{consumer.stream}", {"seq": 2})
    assert pull.delivery().seq == 3


@case("JS-DLV-026", "JS-PULL-021", "JS-INV-022", config="jetstream", deliveries=False, waits=True)
def test_a_request_waits_for_what_is_held_back(nats: Nats) -> None:
    consumer = spaced(nats.jetstream())
    came = consumer.pull(3, expires=700 * MS, idle_heartbeat=150 * MS).all()
    assert (came.seqs, came.end) == ([1], "408 Request Timeout")
    assert came.heartbeats
    assert consumer.pull(2).delivery().seq == 2


@case("JS-DLV-021", config="jetstream", deliveries=False, waits=True)
def test_a_push_consumer_has_its_rate(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(max_msg_size=1000)
    for _ in range(6):
        js.publish(stream, "x" * 900)
    deliver = nats.name("d")
    js.subscribe(deliver, "d")
    began = time.monotonic()
    js.consumer(stream, deliver_subject=deliver, ack_policy="none", rate_limit_bps=80_000)
    sizes = 0
    for _ in range(6):
        message = js.next("d")
        sizes += len(message.subject) + len(message.reply) + len(message.payload)
    took = time.monotonic() - began
    least = (sizes - 2000) / 10_000
    assert least <= took <= least + 2


@case("JS-DLV-023", config="jetstream", deliveries=False)
def test_headers_of_the_server_are_delivered(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(allow_msg_ttl=True)
    js.publish(stream, "x", {"Nats-TTL": "1h", "Nats-Expected-Stream": stream})
    js.publish(stream, "x", {"Nats-Msg-Id": "a", "Nats-Expected-Last-Sequence": "1"})
    one, two = js.consumer(stream).take(2)
    assert one.message.fields == (("Nats-TTL", "1h"), ("Nats-Expected-Stream", stream))
    assert two.message.fields == (
        ("Nats-Msg-Id", "a"),
        ("Nats-Expected-Last-Sequence", "1"),
    )


def spaced(js: JetStream) -> Consumer:
    """A consumer that gets the second of three messages 1 s after the first."""
    stream = js.create()
    js.publish(stream)
    time.sleep(1)
    for _ in range(2):
        js.publish(stream)
    return js.consumer(stream, replay_policy="original")


def nanoseconds(stamp: str) -> int:
    """A time of the API, nanoseconds since 1970."""
    head, _, fraction = stamp.rstrip("Z").partition(".")
    seconds = datetime.fromisoformat(head).replace(tzinfo=UTC).timestamp()
    return int(seconds) * 1_000_000_000 + int(fraction.ljust(9, "0"))


def first_form(token: acks.Reply) -> str:
    """Its reply subject in the first form."""
    return replace(token, domain=b"", account=b"").subject.decode()


def second_form(token: acks.Reply) -> str:
    """Its reply subject in the second form, without domain."""
    return replace(token, domain=b"_", account=acks.account_hash(b"$G")).subject.decode()
