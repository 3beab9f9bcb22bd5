"""Consumers as cases use them, on a real nats-server; and what is checked of all they send."""

from __future__ import annotations

import pytest

from nats_conformance import consuming
from nats_conformance.cases import Case
from nats_conformance.consuming import MS
from nats_conformance.engine import Settings, Subject, run_case
from nats_conformance.expect import Mismatch
from nats_conformance.message import Message
from nats_conformance.results import Verdict
from nats_conformance.targets import resolve
from nats_conformance.targets.pool import Pool


@pytest.fixture(scope="module")
def pool():
    pool = Pool(2.0)
    yield pool
    pool.close()


@pytest.fixture
def passes(pool):
    def passes(run):
        case = Case("x", ("X-001",), run, config="jetstream", deliveries=False)
        subject = Subject(resolve("nats-server"), (2, 15, 1))
        result = run_case(case, subject, pool, Settings(1, patience=2.0), {})
        assert (result.verdict, result.message) == (Verdict.PASS, "")

    return passes


def test_messages_are_pulled_and_answered(passes):
    def run(nats):
        js = nats.jetstream()
        stream = js.create()
        consumer = js.consumer(stream, ack_wait=MS * 10_000)
        assert consumer.made["config"]["ack_wait"] == 10_000_000_000
        consumer.nothing()
        for text in "abcde":
            js.publish(stream, text)
        first = consumer.next()
        assert (first.seq, first.payload, first.token.pending) == (1, b"a", 4)
        consumer.answer(first)
        second, third = consumer.take(2)
        consumer.say(second, "+WPI")
        consumer.answer(second, "-NAK")
        came = consumer.fetch()
        assert came.end == "404 No Messages"
        assert sorted(came.seqs) == [2, 4, 5]
        consumer.answer(third, "+TERM")
        consumer.until(num_ack_pending=3)
        with pytest.raises(Mismatch, match="not so after 2 s"):
            consumer.until(num_ack_pending=9)

    passes(run)


def test_a_request_has_an_inbox_of_its_own(passes):
    def run(nats):
        js = nats.jetstream()
        stream = js.create()
        consumer = js.consumer(stream)
        one = consumer.pull(1)
        two = consumer.pull(1, expires=400 * MS, idle_heartbeat=100 * MS)
        consumer.until(num_waiting=2)
        js.publish(stream, "hello")
        assert one.all().seqs == [1]
        came = two.all()
        assert (came.end, came.deliveries) == ("408 Request Timeout", [])
        assert came.heartbeats
        gone = consumer.pull(1)
        gone.abandon()
        consumer.until(num_waiting=0)
        with pytest.raises(Mismatch, match="a status came"):
            consumer.pull(no_wait=True).delivery()
        consumer.pull(no_wait=True).ends("404 No Messages")
        with pytest.raises(Mismatch, match="something else came"):
            consumer.pull(no_wait=True).ends("408 Request Timeout")
        js.publish(stream)
        with pytest.raises(Mismatch, match="something came"):
            consumer.nothing()

    passes(run)


def test_a_configuration_is_changed(passes):
    def run(nats):
        js = nats.jetstream()
        consumer = js.consumer(js.create(), description="x")
        assert "description" not in consumer.update(description=None, max_deliver=3)["config"]
        assert consumer.info()["config"]["max_deliver"] == 3
        consumer.update_refused(10012, ack_policy="none")
        consumer.delete()
        js.refused(f"CONSUMER.INFO.{consumer.path}", 10014)

    passes(run)


def test_advisories_are_heard(passes):
    def run(nats):
        js = nats.jetstream()
        stream = js.create()
        consuming.hear_advisories(js, stream)
        consumer = js.consumer(stream)
        told = consuming.advisory(js)
        assert (told["action"], told["consumer"]) == ("create", consumer.name)
        assert told["subject"].endswith(f"CREATED.{consumer.path}")

    passes(run)


def status(block, payload=b"", reply=""):
    fields = tuple(tuple(f.split(": ")) for f in block.split("\r\n")[1:] if f)
    code, _, text = block.split("\r\n")[0].partition(" ")
    return Message("i", "1", reply, int(code), text, fields, payload, b"")


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (status("418 Teapot"), "no such status"),
        (status("408 Request Timeout"), "Nats-Pending-Messages is missing"),
        (status("404 No Messages\r\nA: b"), "A does not belong to it"),
        (status("404 No Messages", b"x"), "it has a payload"),
        (status("404 No Messages", reply="x"), "it has a reply subject"),
        (status("100 FlowControl Request"), "it has no reply subject"),
    ],
)
def test_a_status_that_is_not_as_it_should_be(message, why):
    with pytest.raises(Mismatch, match=why):
        consuming.status_of(message)


def test_a_delivery_without_its_reply_subject():
    with pytest.raises(Mismatch, match="another reply subject"):
        consuming.delivered(Message("i", "1", "$JS.ACK.s", None, "", (), b"", b""))
