"""The kill matrix on a few faults; the whole of it is `nats-conformance selftest`."""

import json

import pytest

from nats_conformance.engine import Settings
from nats_conformance.selftest import matrix
from nats_conformance.selftest.matrix import Fate
from nats_conformance.targets import faulty, resolve
from nats_conformance.traceability import Fault

RELEASE = (2, 15, 1)


def fate(fault: Fault) -> Fate:
    found = matrix.run(
        [fault], RELEASE, Settings(1, "quick", 1.0), lanes=1, arrived=lambda _row: None
    )
    return found.rows[0].fate


def test_a_fault_is_killed(run, tmp_path):
    file = tmp_path / "matrix.json"
    ran = run("selftest", "--faults", "FRAME-001", "--all", "--json", str(file))
    assert ran.status == 0, ran.said
    assert "1 killed" in ran.out
    (row,) = json.loads(file.read_text("utf-8"))["faults"]
    assert (row["id"], row["fate"]) == ("FRAME-001", "KILLED")
    assert row["by"]
    assert row["seconds"] > 0


def test_a_fault_that_nothing_notices_survives(monkeypatch):
    monkeypatch.setattr(matrix, "faulty", lambda _fault: "reference")
    assert fate(Fault("FRAME-001", "nothing wrong")) is Fate.SURVIVED


def test_a_fault_that_no_case_covers():
    assert fate(Fault("FRAME-998", "nobody looks")) is Fate.UNCOVERED


def test_a_fault_that_does_not_start():
    assert fate(Fault("FRAME-001/none", "there is no such fault")) is Fate.BROKEN


@pytest.mark.parametrize(
    ("fates", "closed"),
    [
        ([Fate.KILLED], True),
        ([Fate.KILLED, Fate.SURVIVED], False),
        ([Fate.UNCOVERED], False),
        ([Fate.BROKEN], False),
    ],
)
def test_only_a_matrix_of_kills_is_closed(fates, closed):
    rows = [matrix.Row(Fault("FRAME-001", ""), each) for each in fates]
    assert matrix.Matrix(rows, []).closed is closed


def test_a_kill_by_a_case_that_fails_anyway_proves_nothing(monkeypatch):
    monkeypatch.setattr(matrix, "resolve", resolving_to("FRAME-001"))
    assert fate(Fault("FRAME-001", "no operation has lower case")) is Fate.BROKEN


def resolving_to(fault: str):
    """A reference that is never sound."""
    return lambda _name: resolve(faulty(fault))


def test_what_holds_for_other_releases_is_told_apart():
    found = matrix.run([], RELEASE, Settings(1, "quick", 1.0), lanes=1, arrived=print)
    assert "FRAME-001" in found.faultless
    assert "REQ-003" in found.outside
    assert not {*found.faultless} & {*found.outside}
