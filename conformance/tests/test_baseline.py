"""The truth table of expected failures, and files that can't be read."""

import pytest

from nats_conformance.baseline import BadBaseline, Baseline, Entry, read, shipped
from nats_conformance.results import CaseResult, Verdict

EVIDENCE = {"releases": ("2.15.*",), "evidence": "seen", "date": "2026-11-22"}
BY_CASE = Baseline((Entry(**EVIDENCE, case="c"),))
BY_REQUIREMENT = Baseline((Entry(**EVIDENCE, requirement="FRAME-001"),))
RACE = Baseline((Entry(**EVIDENCE, case="c", sometimes=True),))
RACES = Baseline((Entry(**EVIDENCE, requirement="FRAME-001", sometimes=True),))
NONE = Baseline()


@pytest.mark.parametrize(
    ("baseline", "verdict", "judged"),
    [
        (NONE, Verdict.PASS, Verdict.PASS),
        (NONE, Verdict.FAIL, Verdict.FAIL),
        (BY_CASE, Verdict.PASS, Verdict.XPASS),
        (BY_CASE, Verdict.FAIL, Verdict.XFAIL),
        (BY_CASE, Verdict.UNTESTABLE, Verdict.XFAIL),
        (BY_CASE, Verdict.NA, Verdict.NA),
        (BY_CASE, Verdict.ERROR, Verdict.ERROR),
        (RACE, Verdict.PASS, Verdict.PASS),
        (RACE, Verdict.FAIL, Verdict.XFAIL),
        (BY_REQUIREMENT, Verdict.PASS, Verdict.PASS),
        (BY_REQUIREMENT, Verdict.FAIL, Verdict.XFAIL),
        (BY_REQUIREMENT, Verdict.NA, Verdict.NA),
        (BY_REQUIREMENT, Verdict.ERROR, Verdict.ERROR),
    ],
)
def test_what_becomes_of_a_case(baseline, verdict, judged):
    assert baseline.judge(CaseResult("c", ("FRAME-001",), verdict)).verdict is judged


def test_other_cases_are_left_alone():
    other = CaseResult("d", ("FRAME-002",), Verdict.FAIL)
    assert BY_CASE.judge(other) is other
    assert BY_REQUIREMENT.judge(other) is other


@pytest.mark.parametrize(
    ("verdicts", "stale"),
    [
        ([Verdict.PASS], True),
        ([Verdict.PASS, Verdict.NA], True),
        ([Verdict.PASS, Verdict.XFAIL], False),
        ([Verdict.XFAIL], False),
        ([Verdict.NA], False),
    ],
)
def test_an_entry_whose_requirement_holds_is_stale(verdicts, stale):
    assert BY_REQUIREMENT.stale("FRAME-001", verdicts) is stale
    assert not BY_REQUIREMENT.stale("FRAME-002", verdicts)
    assert not RACES.stale("FRAME-001", verdicts)


GOOD = """
[[expected]]
requirement = "FRAME-001"
releases = ["2.15.*", "2.10.26"]
evidence = "does otherwise"
date = 2026-11-22
"""


def test_only_the_releases_that_it_names(tmp_path):
    file = tmp_path / "b.toml"
    file.write_text(GOOD)
    assert len(read(file, "2.15.1").entries) == 1
    assert len(read(file, "2.10.26").entries) == 1
    assert read(file, "2.12.8").entries == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[expected", "is no baseline"),
        (GOOD.replace('evidence = "does otherwise"', ""), "lacks 'evidence'"),
        (GOOD + 'case = "c"\n', "either requirement or case"),
        (GOOD + 'colour = "red"\n', "unknown colour"),
        ("[known]\n", "unknown known"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path, text, why):
    file = tmp_path / "b.toml"
    file.write_text(text)
    with pytest.raises(BadBaseline, match=why):
        read(file, "2.15.1")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadBaseline, match="cannot read"):
        read(tmp_path / "none.toml", "2.15.1")


def test_the_reference_has_no_baseline():
    assert shipped("reference", "2.15.1") == Baseline()


@pytest.mark.parametrize("version", ["2.10.26", "2.11.11", "2.12.8", "2.14.6", "2.15.1"])
def test_the_shipped_ones_can_be_read(version):
    assert isinstance(shipped("nats-server", version), Baseline)
