"""`audit consumer`: silent about sound consumers, loud about those that lie."""

import json

import pytest

from nats_conformance.audit.consumer import audit
from nats_conformance.invariants.consumer_view import Counted, Seen, violations
from nats_conformance.targets import faulty

COUNT = 60

INFO = {
    "name": "C",
    "config": {"ack_policy": "explicit", "max_waiting": 2, "max_ack_pending": 3},
    "delivered": {"consumer_seq": 4, "stream_seq": 6},
    "ack_floor": {"consumer_seq": 2, "stream_seq": 3},
    "num_ack_pending": 2,
    "num_pending": 4,
    "num_redelivered": 0,
    "num_waiting": 1,
}


def consumed(client, **config):
    """A stream of two subjects, and a consumer of one: five delivered, two acknowledged."""
    client.request("STREAM.CREATE.S", {"name": "S", "subjects": ["S.*"], **config})
    for number in range(COUNT):
        (token,) = client.ask([(f"S.{'ab'[number % 2]}", {"number": number})])
        client.reply(token)
    own = {"durable_name": "C", "ack_policy": "explicit", "filter_subject": "S.a"}
    body = {"stream_name": "S", "config": own, "action": "create"}
    client.request("CONSUMER.CREATE.S.C.S.a", body)
    pull = ("$JS.API.CONSUMER.MSG.NEXT.S.C", {"batch": 5, "no_wait": True})
    client.ask([pull])
    for _ in range(5):
        client.reply(b"a")  # they come on the subject of the message
    for number in (1, 3):
        (token,) = client.ask([(f"$JS.ACK.S.C.1.{number * 2 - 1}.{number}.1.0", {})])
        client.reply(token)


@pytest.mark.parametrize("target", ["reference", "nats-server"])
@pytest.mark.parametrize("retention", ["limits", "workqueue"])
def test_a_sound_consumer(serving, run, target, retention):
    client, url = serving(target)
    consumed(client, retention=retention)
    seen = []
    finding = audit(client, "S", "C", lambda done, of: seen.append((done, of)))
    assert (finding.shown, finding.not_judged) == ([], [])
    assert seen[-1] == (finding.read, finding.read)
    ran = run("audit", "consumer", "S", "C", "--server", url)
    assert (ran.status, "✓ consumer C of S is sound" in ran.out) == (0, True)


@pytest.mark.parametrize("fault", ["JS-INV-010", "JS-INV-012", "JS-INV-013"])
def test_a_server_that_lies_about_a_consumer_is_caught(serving, run, tmp_path, fault):
    client, url = serving(faulty(fault))
    consumed(client)
    file = tmp_path / "audit.json"
    if fault == "JS-INV-010":  # a floor that is above shows when all is acknowledged
        for number in (2, 4, 5):
            client.reply(client.ask([(f"$JS.ACK.S.C.1.{number * 2 - 1}.{number}.1.0", {})])[0])
    elif fault == "JS-INV-012":
        client.request("STREAM.PURGE.S", {"keep": 1})
    ran = run("audit", "consumer", "S", "C", "--server", url, "--json", str(file), "--strict")
    found = json.loads(file.read_text())
    assert (ran.status, found["kind"], found["stream"], found["name"]) == (1, "consumer", "S", "C")
    assert f"{fault} " in ran.out
    assert "the consumer C: " in ran.out
    assert fault in found["violations"] | found["remarks"]


def test_what_is_not_there_is_told(serving, run):
    client, url = serving("nats-server")
    client.request("STREAM.CREATE.S", {"name": "S"})
    absent = run("audit", "consumer", "S", "C", "--server", url)
    assert (absent.status, "there is no consumer C of S" in absent.err) == (4, True)
    nothing = run("audit", "consumer", "NONE", "C", "--server", url)
    assert (nothing.status, "there is no consumer C of NONE" in nothing.err) == (4, True)
    assert run("audit", "consumer", "S", "--server", url).status == 4


@pytest.mark.parametrize(
    ("before", "after", "counted", "requirement", "remark"),
    [
        ({}, {"delivered": {"consumer_seq": 4, "stream_seq": 5}}, {}, "JS-INV-008", False),
        ({}, {"ack_floor": {"consumer_seq": 2, "stream_seq": 2}}, {}, "JS-INV-009", False),
        ({"num_ack_pending": 3}, {}, {}, "JS-INV-011", False),
        ({}, {}, {"between": 1}, "JS-INV-012", False),
        ({}, {}, {"ahead": 3}, "JS-INV-013", False),
        ({}, {}, {"ahead": 5}, "JS-INV-013", True),
        ({"num_redelivered": 3}, {}, {}, "JS-INV-016", True),
        ({}, {"num_waiting": 3}, {}, "JS-INV-017", False),
        ({"config": INFO["config"] | {"max_ack_pending": 1}}, {}, {}, "JS-RDL-016", True),
    ],
)
def test_each_rule(before, after, counted, requirement, remark):
    first = INFO | before
    found = Counted(3, 6, (), **({"between": 3, "ahead": 4} | counted))
    last = first | after
    wrong = list(violations(Seen(first, last, found, last)))
    assert [(each.requirement, each.remark) for each in wrong] == [(requirement, remark)]


def test_what_a_work_queue_keeps_for_nobody():
    seen = Seen(INFO, INFO, Counted(3, 6, (), 1, 3, 4), INFO, "workqueue")
    assert [each.requirement for each in violations(seen)] == ["JS-INV-023"]
    unlisted = Seen(INFO, INFO, Counted(3, 6, (), 0, 3, 4), None)
    assert [each.requirement for each in violations(unlisted)] == ["JS-INV-026"]


def test_a_paused_consumer_rests():
    later = INFO | {"num_pending": 9, "pause_remaining": 8}
    first = INFO | {"num_pending": 9, "pause_remaining": 9}
    wrong = violations(Seen(first, later, Counted(3, 6, (), between=3, ahead=4), later))
    assert [each.requirement for each in wrong] == ["JS-INV-013"]


def test_a_busy_consumer_is_not_compared():
    later = INFO | {"num_pending": 9}
    assert list(violations(Seen(INFO, later, Counted(3, 6, ()), later))) == []
