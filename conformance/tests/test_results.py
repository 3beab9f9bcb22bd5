import json
from importlib.resources import files

import jsonschema
import pytest

from nats_conformance.results import (
    PRECEDENCE,
    CaseResult,
    RequirementResult,
    Results,
    TargetResult,
    Verdict,
    worst,
)
from nats_conformance.transcript import Transcript

SCHEMA = json.loads((files("nats_conformance") / "results.schema.json").read_text("utf-8"))


def results(*verdicts: Verdict) -> Results:
    transcript = Transcript()
    transcript.add(1, "C", b"PING\r\n")
    transcript.note("we close", 1)
    cases = [
        CaseResult(f"c{n}", ("FRAME-001",), verdict, 0.1, recorded=transcript.as_json())
        for n, verdict in enumerate(verdicts)
    ]
    requirement = RequirementResult("FRAME-001", "MUST", "core", worst(verdicts))
    target = TargetResult("t", "somewhere", {"version": "2.15.1"}, [requirement], cases)
    return Results("0.1", "2026-11-22T10:00:00+00:00", 1.5, 7, "standard", [target])


@pytest.mark.parametrize("verdict", Verdict)
def test_results_follow_their_schema(verdict):
    jsonschema.validate(results(verdict).as_json(), SCHEMA)


def test_the_schema_is_one_and_refuses_what_it_does_not_know():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    data = results(Verdict.PASS).as_json()
    data["targets"][0]["cases"][0]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)


def test_a_case_survives_the_way_through_json():
    case = results(Verdict.FAIL).targets[0].cases[0]
    assert CaseResult.from_json(json.loads(json.dumps(case.as_json()))) == case
    assert case.transcript.render() == ["C: PING␍␊", "#  (we close)"]


def test_the_verdict_of_many_cases():
    assert worst([Verdict.PASS, Verdict.NA]) is Verdict.PASS
    assert worst([Verdict.PASS, Verdict.XFAIL]) is Verdict.XFAIL
    assert worst([Verdict.XFAIL, Verdict.FAIL, Verdict.PASS]) is Verdict.FAIL
    assert worst([Verdict.FAIL, Verdict.ERROR]) is Verdict.ERROR
    assert worst([]) is Verdict.NA
    assert set(PRECEDENCE) == set(Verdict)


@pytest.mark.parametrize(
    ("verdict", "conforms"),
    [
        (Verdict.PASS, True),
        (Verdict.NA, True),
        (Verdict.XFAIL, True),
        (Verdict.XPASS, False),
        (Verdict.FAIL, False),
        (Verdict.UNTESTABLE, False),
        (Verdict.ERROR, False),
    ],
)
def test_what_conforms(verdict, conforms):
    assert results(verdict).targets[0].conforms is conforms


def test_no_case_is_no_conformance():
    assert not TargetResult("t", "", {}, [], []).conforms
