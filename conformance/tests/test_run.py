"""Decisions of a run that no output shows."""

import pytest
from rich.console import Console

from nats_conformance import running
from nats_conformance.cases import Case
from nats_conformance.engine import Settings
from nats_conformance.expect import Mismatch
from nats_conformance.probe import Probed
from nats_conformance.results import CaseResult, TargetResult, Verdict
from nats_conformance.selection import Selection
from nats_conformance.targets import resolve

CASE = Case("c", ("FRAME-001",), print)
PROPERTY = Case("p", ("FRAME-001",), print, generated=True)


@pytest.mark.parametrize(
    ("name", "go", "product"),
    [
        ("nats-server", "go1.27", "nats-server"),
        ("reference", "python3.11", "reference"),
        ("nats://h:1", "go1.27", "nats-server"),
        ("nats://h:1", "python3.11", "nats://h:1"),
        ("cmd:server {port}", "go1.27", "cmd:server {port}"),
    ],
)
def test_whose_baseline_applies(name, go, product):
    assert running._product(resolve(name), Probed("", {"go": go})) == product


@pytest.mark.parametrize(
    ("asked", "name", "cases", "workers"),
    [
        (None, "reference", [CASE] * 100, 2),
        (None, "reference", [CASE] * 3, 1),
        (None, "reference", [PROPERTY], 2),
        (None, "nats://h:1", [CASE] * 100, 1),
        (5, "nats://h:1", [CASE], 5),
    ],
)
def test_how_many_processes(asked, name, cases, workers):
    assert running._workers(asked, [resolve(name)], cases) == workers


def test_a_server_that_did_not_survive_fails():
    before = TargetResult("t", "", {}, [], [CaseResult("c", ("FRAME-001",), Verdict.PASS)])
    after = running._alive(resolve("nats://127.0.0.1:1"), before, 1.0)
    assert before.conforms
    assert not after.conforms
    assert after.cases[-1].id == "liveness:last"
    assert "Connection refused" in after.cases[-1].message


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("2.15.1", (2, 15, 1)),
        ("v2.12.0-RC.1", (2, 12, 0)),
        ("2.15.0-dev", (2, 15, 0)),
        ("mine", (999,)),
    ],
)
def test_the_announced_version_as_numbers(version, release):
    assert Probed("", {"version": version}).release == release


@pytest.mark.parametrize("luck", [1, 2])
@pytest.mark.parametrize("again", [True, False])
def test_what_fails_by_accident_is_tried_once_more(a_server, again, luck):
    tries = []

    def run(_nats):
        tries.append(1)
        if len(tries) <= luck:
            raise Mismatch("no luck")

    case = Case("c", ("FRAME-002",), run, deliveries=False)
    target = resolve(a_server("slow").url)
    order = running.Order([target], [case], Selection(), Settings(1), again=again)
    (found,) = running.run(order, Console(quiet=True)).targets
    passes = again and luck == 1
    assert found.cases[0].verdict is (Verdict.PASS if passes else Verdict.FAIL)
    assert found.requirements[0].verdict is found.cases[0].verdict
    assert found.cases[0].message == ("not at the first try: no luck" if passes else "no luck")
    assert len(tries) == (2 if again else 1)
