"""Workers find what one process finds, and a run survives them."""

import dataclasses
import os
import time

import pytest

from nats_conformance.cases import Case
from nats_conformance.engine import Settings, Subject
from nats_conformance.expect import Mismatch
from nats_conformance.plan import plan
from nats_conformance.results import Verdict
from nats_conformance.session import Session, _covered
from nats_conformance.targets import resolve

SUBJECT = Subject(resolve("nats://127.0.0.1:1"), (2, 15, 1))


def passes(_nats):
    pass


def fails(_nats):
    raise Mismatch("other", "this", "that")


def case(name, function=passes, **more):
    return Case(name, ("FRAME-001",), function, **({"deliveries": False} | more))


def run(cases, workers, subject=SUBJECT, **more):
    heard = []
    todo = plan(cases, [subject], Settings(1, patience=0.2), {})

    def arrived(target, result):
        heard.append((target, result.id))

    with Session(todo, workers=workers, arrived=arrived, **more) as session:
        outcome = session.run()
    assert sorted(heard) == sorted((t, r.id) for t, found in outcome.cases.items() for r in found)
    return outcome


def verdicts(outcome):
    return {result.id: result.verdict for found in outcome.cases.values() for result in found}


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_case_is_run_once_by_however_many(workers):
    cases = [case(f"p{n}") for n in range(20)]
    cases += [case(f"w{n}", waits=True) for n in range(3)]
    cases += [case(f"f{n}", fails, private=True) for n in range(3)]
    cases += [case("g", generated=True)]
    outcome = run(cases, workers)
    assert outcome.errors == []
    assert verdicts(outcome) == {
        each.id: Verdict.FAIL if each.run is fails else Verdict.PASS for each in cases
    }
    assert outcome.spent(SUBJECT.target.name).written >= 0


def test_only_cases_that_wait():
    assert len(verdicts(run([case("a", waits=True), case("b", waits=True)], 2))) == 2


def test_evidence_comes_out_of_a_worker():
    def talks(nats):
        nats.exchange.transcript.add(1, "S", b"PONG\r\n")
        fails(nats)

    outcome = run([case("a", talks), case("b", talks)], 2)
    (result, _) = outcome.cases[SUBJECT.target.name]
    assert (result.expected, result.got) == ("this", "that")
    assert result.transcript.received(1) == b"PONG\r\n"


def test_a_worker_that_is_lost_is_told_of_and_the_others_go_on():
    def dies(_nats):
        os._exit(3)

    cases = [case("dies", dies, private=True), *(case(f"p{n}") for n in range(40))]
    outcome = run(cases, 2)
    assert outcome.errors == ["a worker ended with status 3; not told of: dies"]
    assert len(verdicts(outcome)) == 40


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_failure_may_stop_it(workers):
    def slow(_nats):
        time.sleep(0.01)

    cases = [case("f", fails, private=True), *(case(f"p{n}", slow) for n in range(200))]
    outcome = run(cases, workers, fail_fast=True)
    assert len(verdicts(outcome)) < 100
    assert outcome.errors == []


@pytest.mark.parametrize("known", ["f", "FRAME-001"])
def test_a_known_failure_stops_nothing(known):
    subject = dataclasses.replace(SUBJECT, known=frozenset({known}))
    cases = [case("f", fails, private=True), *(case(f"p{n}") for n in range(200))]
    outcome = run(cases, 1, subject, fail_fast=True)
    assert len(verdicts(outcome)) == 201


def test_time_is_counted_once():
    assert _covered(None) == 0
    assert _covered([(1.0, 3.0), (2.0, 4.0), (2.5, 2.6), (6.0, 7.0)]) == 4.0


def test_written_and_generated_cases_are_timed_apart():
    def slow(_nats):
        time.sleep(0.05)

    began = time.monotonic()
    spent = run([case("p", slow), case("g", slow, generated=True)], 1).spent(SUBJECT.target.name)
    assert spent.written >= 0.05
    assert spent.generated >= 0.05
    # What belongs to both would be counted twice.
    assert spent.written + spent.generated <= time.monotonic() - began
