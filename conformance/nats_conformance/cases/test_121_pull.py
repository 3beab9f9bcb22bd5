"""Chapter 121: pull requests: how many messages they ask for, and how they end."""

from __future__ import annotations

from nats_conformance import polling
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Consumer, delivered
from nats_conformance.filling import filled


@case("JS-PULL-001", "JS-PULL-002", config="jetstream", deliveries=False)
def test_how_many_messages_a_request_asks_for(nats: Nats) -> None:
    js = nats.jetstream()
    table = (
        ("", 1),
        ("  ", 1),
        ("2", 2),
        (" 3 ", 3),
        ("+2", 2),
        ("0", 1),
        ("-5", 1),
        ("2x", 1),
        ("9223372036854775808", 1),
        ("9" * 5000, 1),
        ("1.5", 1),
        ("junk", 1),
        ("[]", 1),
        ('"3"', 1),
        ("{}", 1),
        ('{"batch":0}', 1),
        ('{"batch":-3}', 1),
        ('{"batch":4}', 4),
        (' {"Batch":2} ', 2),
        ('{"batch":null}', 1),
    )
    for body, count in table:
        consumer = filled(js, 6)
        pull = consumer.ask(body, count)
        assert pull.all().seqs == list(range(1, count + 1)), body
        consumer.until(num_waiting=0, num_pending=6 - count)
        barrier = consumer.pull(1)
        assert barrier.delivery().seq == count + 1, body


@case("JS-PULL-003", config="jetstream", deliveries=False)
def test_a_request_that_cannot_be_read(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1)
    for body in (
        "{",
        '{"batch":"2"}',
        '{"batch":1.5}',
        '{"batch":9223372036854775808}',
        '{"batch":1,"x":NaN}',
        '{"batch":1}x',
        '{"expires":"1s"}',
        '{"no_wait":1}',
        '{"max_bytes":true}',
        '{"idle_heartbeat":{}}',
    ):
        message = consumer.ask(body).next()
        assert message.status == 400, body
        assert message.description.startswith("Bad Request - "), body
    assert consumer.info()["delivered"]["consumer_seq"] == 0
    assert consumer.info()["num_waiting"] == 0


@case("JS-PULL-004", config="jetstream", deliveries=False)
def test_members_that_nobody_knows_are_ignored(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 4)
    no_text = b'{"zzz":"\xff"}'
    for body in ({"batch": 1, "zzz": 1}, {"failover": 5}, {"batch": 1, "headers": ["x"]}, no_text):
        assert len(consumer.ask(body).all().deliveries) == 1


@case("JS-PULL-005", config="jetstream", deliveries=False)
def test_a_request_that_is_filled_ends_without_a_word(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3)
    pull = consumer.pull(3, expires=5_000 * MS)
    assert pull.all().seqs == [1, 2, 3]
    js.publish(consumer.stream)
    assert consumer.pull(1).delivery().seq == 4
    consumer.until(num_waiting=0)
    consumer.delete()
    js.quiet()


@case("JS-PULL-006", config="jetstream", deliveries=False, waits=True)
def test_a_request_expires(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2)
    for members, count, pending in (
        ({"batch": 5}, 2, ("3", "0")),
        ({"batch": 4}, 0, ("4", "0")),
        ({"batch": 2, "max_bytes": 5000}, 0, ("2", "5000")),
    ):
        pull = consumer.ask(members | {"expires": 400 * MS}, members["batch"])
        came = pull.all()
        assert len(came.deliveries) == count
        assert came.end == "408 Request Timeout"
        assert came.status is not None
        fields = (("Nats-Pending-Messages", pending[0]), ("Nats-Pending-Bytes", pending[1]))
        assert came.status.fields == fields


@case("JS-PULL-007", config="jetstream", deliveries=False)
def test_a_request_that_has_expired_already(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1)
    assert consumer.pull(1, expires=-5).all().end == "408 Request Timeout"
    assert consumer.next().token.consumer_seq == 1


@case(
    "JS-PULL-008", "JS-PULL-028", "JS-PULL-037", "JS-INV-017", config="jetstream", deliveries=False
)
def test_a_request_waits_while_somebody_does(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0, max_waiting=3)
    pulls = [consumer.pull(2) for _ in range(3)]
    consumer.until(num_waiting=3)
    for number in range(3):
        js.publish(consumer.stream, f"{number}")
    assert sorted(pull.delivery().seq for pull in pulls) == [1, 2, 3]
    assert consumer.info()["num_waiting"] == 3
    pulls[1].abandon()
    consumer.until(num_waiting=2)
    fresh = consumer.pull(1)
    consumer.until(num_waiting=3)
    for number in range(3):
        js.publish(consumer.stream, f"{number}")
    assert sorted(pull.delivery().seq for pull in (pulls[0], pulls[2], fresh)) == [4, 5, 6]
    consumer.until(num_waiting=0)


# nats-server stays so after this: nobody's live server is put through it.
@case("JS-PULL-043", config="jetstream", deliveries=False, private=True)
def test_a_refused_subscription_hears_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0)
    c = nats.client()
    for refused in (">.a", "*.>.a", "_INBOX.>.a"):
        c.send(f"SUB {refused} 1\r\n")
        c.expect_error("Invalid Subject")
        pull = consumer.pull(1)
        consumer.until(num_waiting=1)
        pull.abandon()
        polling.until(consumer.info, lambda info: info["num_waiting"] == 0, 1)


@case("JS-PULL-029", config="jetstream", deliveries=False)
def test_requests_take_turns(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0)
    pulls = []
    for number in range(3):
        pulls.append(consumer.pull(3))
        consumer.until(num_waiting=number + 1)
    for number in range(9):
        js.publish(consumer.stream, f"{number}")
    assert [pull.all().seqs for pull in pulls] == [[1, 4, 7], [2, 5, 8], [3, 6, 9]]


@case("JS-PULL-030", config="jetstream", deliveries=False)
def test_nobody_pulls_from_a_push_consumer(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream)
    consumer = js.consumer(stream, deliver_subject=nats.name("d"))
    for body in ("", "1", {"batch": 1, "no_wait": True}, "{"):
        consumer.ask(body).ends("409 Consumer is push based")


@case("JS-PULL-031", config="jetstream", deliveries=False)
def test_requests_end_with_their_consumer(nats: Nats) -> None:
    js = nats.jetstream()
    for whole in (False, True):
        consumer = filled(js, 1)
        pulls = [consumer.pull(5, expires=60_000 * MS), consumer.pull(1)]
        assert pulls[0].delivery().seq == 1
        consumer.until(num_waiting=2)
        if whole:
            js.request(f"STREAM.DELETE.{consumer.stream}")
        else:
            consumer.delete()
        for pull in pulls:
            pull.ends("409 Consumer Deleted")


@case("JS-PULL-032", config="jetstream", private=True)
def test_requests_end_with_their_server(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 1)
    pull = consumer.pull(5, max_bytes=10_000, expires=60_000 * MS)
    delivery = pull.delivery()
    consumer.until(num_waiting=1)
    nats.server.signal("term")
    message = pull.ends("409 Server Shutdown")
    size = sum(
        len(part) for part in (delivery.message.subject, delivery.reply, delivery.message.payload)
    )
    assert message.fields == (
        ("Nats-Pending-Messages", "4"),
        ("Nats-Pending-Bytes", f"{10_000 - size}"),
    )


@case("JS-PULL-034", config="jetstream", deliveries=False)
def test_a_request_for_a_later_server(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2)
    for level in ("99", "x"):
        pull = consumer.ask({"batch": 1}, headers={"Nats-Required-Api-Level": level})
        pull.ends("412 Required Api Level")
    pull = consumer.ask({"batch": 1}, headers={"Nats-Required-Api-Level": "1", "A": "b"})
    assert pull.delivery().token.consumer_seq == 1


@case("JS-PULL-041", config="jetstream", deliveries=False)
def test_what_nobody_took_is_not_delivered(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 0)
    for _ in range(10):
        pull = consumer.pull(1)
        consumer.until(num_waiting=1)
        js.connection.send(f"UNSUB {pull.sid}\r\n")
        js.publish(consumer.stream)
        delivery = consumer.next()
        assert delivery.token.deliveries == 1
        consumer.answer(delivery)
    info = consumer.info()
    assert (info["num_redelivered"], info["num_ack_pending"]) == (0, 0)
    assert info["delivered"]["stream_seq"] == info["ack_floor"]["stream_seq"] == 10


@case("JS-PULL-041", config="jetstream", deliveries=False)
def test_what_came_too_late_goes_to_another(nats: Nats) -> None:
    consumer = filled(nats.jetstream(), 6, ack_policy="none")
    assert heard_once(consumer) == 1
    came = consumer.pull(5, expires=1000 * MS).all()
    assert came.seqs == [2, 3, 4, 5, 6]
    assert {each.token.deliveries for each in came.deliveries} == {1}


@case("JS-PULL-041", config="jetstream", deliveries=False)
def test_what_came_too_late_comes_at_once(nats: Nats) -> None:
    consumer = filled(nats.jetstream(), 6)
    assert heard_once(consumer) == 1
    came = consumer.pull(5, expires=2000 * MS).all()
    assert sorted(came.seqs) == [2, 3, 4, 5, 6]


@case("JS-PULL-041", config="jetstream", deliveries=False)
def test_what_came_too_late_was_not_delivered(nats: Nats) -> None:
    consumer = filled(nats.jetstream(), 6, max_deliver=1)
    assert heard_once(consumer) == 1
    came = consumer.pull(5, expires=1000 * MS).all()
    assert sorted(came.seqs) == [2, 3, 4, 5, 6]
    assert {each.token.deliveries for each in came.deliveries} == {1}


@case("JS-PULL-039", "JS-PULL-040", "JS-INV-020", config="jetstream", deliveries=False)
def test_after_a_status_comes_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 2)
    assert consumer.pull(5, no_wait=True).all().seqs == [1, 2]
    pulls = [
        consumer.pull(1, no_wait=True),
        consumer.pull(1, expires=-1),
        consumer.ask("{"),
        consumer.pull(1, max_bytes=1, expires=2_000 * MS),
        consumer.pull(1, idle_heartbeat=1_000 * MS),
    ]
    ends = [pull.all().end for pull in pulls[:3]]
    assert ends[:2] == ["404 No Messages", "408 Request Timeout"]
    assert ends[2].startswith("400 ")
    assert pulls[4].all().end.startswith("400 ")
    js.publish(consumer.stream)
    assert pulls[3].all().end == "409 Message Size Exceeds MaxBytes"
    for number in range(3):
        js.publish(consumer.stream, f"{number}")
    assert len(consumer.take(4)) == 4
    consumer.until(num_waiting=0)
    js.quiet()


def heard_once(consumer: Consumer) -> int:
    """The message that comes of a request for three by a subscription that takes only one."""
    js = consumer.js
    inbox = js.name("inbox")
    js.connection.send(f"SUB {inbox} {inbox}\r\nUNSUB {inbox} 1\r\n")
    js.send(f"{js.prefix}.CONSUMER.MSG.NEXT.{consumer.path}", "3", None, inbox)
    return delivered(js.next(inbox)).seq
