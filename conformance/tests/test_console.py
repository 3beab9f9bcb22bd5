"""What a person sees: targets side by side, and each failure with its evidence."""

import dataclasses
import io

import pytest
from rich.console import Console

from nats_conformance import catalogue, console
from nats_conformance.results import (
    CaseResult,
    RequirementResult,
    Results,
    Spent,
    TargetResult,
    Verdict,
)
from nats_conformance.transcript import Transcript


def shown(*targets, width=100, traced=(), errors=()):
    output = io.StringIO()
    results = Results("0", "2026-11-22T10:00:00+00:00", 1.0, 7, "quick", targets, errors)
    plain = Console(file=output, width=width, highlight=False)
    console.report(plain, results, catalogue.specification(), traced)
    return output.getvalue()


def target(name, verdict, **more):
    transcript = Transcript()
    transcript.add(1, "C", b"PING\n")
    transcript.add(1, "S", b"+OK\r\n")
    fields = {"message": "no", "expected": "PONG␍␊", "got": "+OK␍␊"} | more
    case = CaseResult("c:one", ("FRAME-002",), verdict, recorded=transcript.as_json(), **fields)
    requirement = RequirementResult("FRAME-002", "MUST", "core", verdict)
    return TargetResult(name, "", {"version": "2.15.1"}, [requirement], [case])


def test_targets_stand_side_by_side():
    text = shown(target("one", Verdict.PASS), target("two", Verdict.XFAIL))
    assert text.split("\n")[1].split() == ["one", "2.15.1", "two", "2.15.1"]
    assert "10 framing" in text
    assert "✓ one conforms\n" in text
    assert "✓ two conforms, with 1 known failure: FRAME-002\n" in text


def test_deterministic_and_generated_cases_are_timed_apart():
    both = dataclasses.replace(target("one", Verdict.PASS), spent=Spent(4.26, 17.04))
    assert "✓ one conforms  (deterministic cases 4.3 s, generated ones 17.0 s)\n" in shown(both)
    written = dataclasses.replace(both, spent=Spent(4.26, 0))
    assert "✓ one conforms  (deterministic cases 4.3 s)\n" in shown(written)


def test_many_targets_fit_a_terminal():
    text = shown(*(target(f"nats-server@2.{n}.0", Verdict.PASS) for n in range(4)), width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "– not claimed" in text


def test_a_failure_has_sentence_transcript_and_command():
    text = shown(target("one", Verdict.FAIL))
    sentence = catalogue.specification().requirements["FRAME-002"].text
    assert sentence[:60] in text
    for part in ("C: PING␊", "S: +OK␍␊", "expected PONG␍␊", "got      +OK␍␊", "✗ one does not"):
        assert part in text
    assert "nats-conformance run one --select c:one --seed 7 --budget quick" in text


@pytest.mark.parametrize("verdict", [Verdict.UNTESTABLE, Verdict.ERROR, Verdict.XPASS])
def test_all_that_speaks_against_a_target_is_told(verdict):
    text = shown(target("one", verdict))
    assert "c:one  on one" in text
    assert "does not conform" in text


def test_what_is_wrong_with_the_suite_is_told():
    assert "suite error  it broke" in shown(target("one", Verdict.PASS), errors=("it broke",))


def test_transcripts_that_were_asked_for():
    assert "C: PING␍␊" in shown(target("one", Verdict.PASS), traced=("    C: PING␍␊",))


def test_generated_cases_tell_how_much_they_tried():
    text = shown(target("one", Verdict.PASS, examples=1234, met="60 kills"))
    assert "1,234 in 0.0 s" in text
    assert "c:one on one: 60 kills" in text


def test_what_many_cases_met_stands_in_the_results_alone():
    many = [target(f"t{n}", Verdict.PASS, examples=2, met="60 kills") for n in range(13)]
    text = shown(*many, width=300)
    assert "2 in 0.0 s" in text
    assert "60 kills" not in text


def test_plain_cases_are_not_told_of_as_generated():
    assert "generated" not in shown(target("one", Verdict.PASS))
