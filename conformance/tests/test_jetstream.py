"""The JetStream client of cases, and dialogues, on a real nats-server."""

from __future__ import annotations

import pytest

from nats_conformance import dialogue
from nats_conformance.cases import Case
from nats_conformance.engine import Settings, Subject, run_case
from nats_conformance.expect import Mismatch
from nats_conformance.jetstream import checked
from nats_conformance.message import Message
from nats_conformance.results import Verdict
from nats_conformance.targets import resolve
from nats_conformance.targets.pool import Pool

ORDERS = """
C: $JS.API.STREAM.CREATE.orders {"name":"orders","subjects":["orders.*"],"allow_direct":true}
S: {"did_create":true,"config":{"max_msgs":-1,"subjects":["orders.*"]}}
C: orders.new [Nats-Msg-Id: a] hello
S: {"stream":"orders","seq":1}
C! orders.old bye
C: $JS.API.DIRECT.GET.orders {"seq":1}
S: [Nats-Sequence: 1; Nats-Time-Stamp: {any}] hello
C: $JS.API.DIRECT.GET.orders {"seq":9}
S: [404 Message Not Found]
C: (subscribe deliver.orders)
C: $JS.API.CONSUMER.CREATE.orders {"stream_name":"orders","config":{"deliver_subject":"deliver.orders","ack_policy":"explicit"}}
S: {"config":{"ack_policy":"explicit"}}
S(orders.new): hello
C: (ack) +ACK
S: {any}
S(orders.old): bye
S: (nothing)
"""


@pytest.fixture(scope="module")
def pool():
    pool = Pool(5.0)
    yield pool
    pool.close()


@pytest.fixture
def judge(pool):
    def judge(run, *, config="jetstream", private=False):
        case = Case("x", ("X-001",), run, config=config, private=private, deliveries=False)
        return run_case(case, Subject(resolve("nats-server"), (2, 15, 1)), pool, Settings(1), {})

    return judge


def test_a_dialogue_is_held(judge):
    result = judge(lambda nats: dialogue.perform(ORDERS, nats))
    assert (result.verdict, result.message) == (Verdict.PASS, "")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('"max_msgs":-1', '"max_msgs":5', "in the answer $.config.max_msgs is -1, not 5"),
        ("[404 Message", "[408 Message", "the header status is 404 Message Not Found"),
        ("}] hello", "}] hullo", "the payload is another"),
        ("S(orders.old): bye\n", "", "something came"),
    ],
)
def test_a_dialogue_that_differs_fails(judge, right, wrong, message):
    assert ORDERS.count(right) == 1
    result = judge(lambda nats: dialogue.perform(ORDERS.replace(right, wrong), nats))
    assert (result.verdict, result.message) == (Verdict.FAIL, message)


def test_streams_go_with_the_case(judge):
    made = []
    judge(lambda nats: made.append(nats.jetstream().create()))

    def look(nats):
        nats.jetstream().refused(f"STREAM.INFO.{made[0]}", 10059)

    assert judge(look).verdict is Verdict.PASS


def test_expectations_of_the_client(judge):
    def run(nats):
        js = nats.jetstream()
        subject = nats.name()
        stream = js.create(subjects=[subject])
        assert js.publish(subject, "hello", {"A": "b"}) == {"stream": stream, "seq": 1}
        assert js.stored(stream, seq=1)["hdrs"] == b"NATS/1.0\r\nA: b\r\n\r\n"
        assert js.state(stream)["messages"] == 1
        js.publish_refused(subject, 10060, "x", {"Nats-Expected-Stream": "other"})
        for wrong in (
            lambda: js.publish(subject, "x", {"Nats-Expected-Stream": "other"}),
            lambda: js.publish_refused(subject, 10060),
            lambda: js.publish(nats.name()),
            lambda: js.request("STREAM.INFO.none"),
        ):
            with pytest.raises(Mismatch):
                wrong()
        js.quiet()

    result = judge(run)
    assert (result.verdict, result.message) == (Verdict.PASS, "")


def test_a_server_restarts_on_the_same_store(judge):
    def run(nats):
        js = nats.jetstream()
        stream = js.create(storage="file")
        js.publish(stream, "kept")
        nats.server.restart("kill")
        assert nats.jetstream().stored(stream, seq=1)["data"] == b"kept"

    result = judge(run, private=True)
    assert (result.verdict, result.message) == (Verdict.PASS, "")


def test_a_server_without_jetstream_is_not_asked(judge):
    assert judge(lambda nats: nats.jetstream(), config="default").verdict is Verdict.NA


def test_an_answer_of_a_type_that_nobody_describes_is_refused():
    body = b'{"type":"io.nats.jetstream.api.v1.unheard_of_response"}'
    answer = Message("inbox", "1", "", None, "", (), body, b"")
    with pytest.raises(Mismatch, match="no schema"):
        checked(answer)
