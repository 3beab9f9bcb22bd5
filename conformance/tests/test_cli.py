"""Exit statuses and sentences: a user's mistakes and a target's, never a traceback."""

import json
import sys
from importlib.resources import files

import jsonschema
import pytest

from nats_conformance import catalogue
from nats_conformance.results import Verdict

SMALL = ("--select", "example:FRAME-00*", "--patience", "0.5", "-n", "1")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("frobnicate",), "'frobnicate' is neither a verb nor a target"),
        (("run", "--nonsense"), "unrecognized arguments: --nonsense"),
        (("run", "reference", "--select", "NO-SUCH-*"), "no case is selected"),
        (("run", "reference", "--budget", "lavish"), "invalid choice: 'lavish'"),
        (("run", "reference", "--patience", "soon"), "invalid"),
        (("run", "reference", "--baseline", "/no/such/file"), "cannot read the baseline"),
        (("run", "reference", "--level", "PERHAPS"), "invalid choice"),
        (("explain", "FRAME-999"), "no requirement or case FRAME-999"),
        (("explain",), "required"),
        (("replay", "/no/such/file"), "cannot read /no/such/file"),
        (("list", "--cases", "--select", "NO-SUCH"), "no case is selected"),
        (("selftest", "--faults", "NO-SUCH"), "no fault is selected"),
        (("cmd:sleep",), "{port}"),
        (("tls://127.0.0.1:4222",), "nats:// only"),
        (("nats-server@soon",), "a release looks like 2.12.8"),
    ],
)
def test_wrong_usage(run, words, sentence):
    ran = run(*words)
    assert ran.status == 4
    assert sentence in ran.err


def test_a_file_that_is_no_results(run, tmp_path):
    file = tmp_path / "r.json"
    file.write_text('{"targets": 1}')
    ran = run("replay", str(file))
    assert ran.status == 4
    assert "is no results.json" in ran.err


def test_nobody_listens(run):
    ran = run("nats://127.0.0.1:1")
    assert ran.status == 3
    assert "cannot connect to 127.0.0.1:1: Connection refused" in ran.err


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("silent", "this does not look like NATS: got nothing"),
        ("http", "this does not look like NATS: got HTTP/1.1 400 Bad Request␍␊␍␊"),
    ],
)
def test_what_is_not_nats(run, a_server, name, sentence):
    ran = run(a_server(name).url, "--patience", "0.5")
    assert ran.status == 3
    assert sentence in ran.err


def test_a_server_that_is_always_wrong(run, a_server, tmp_path):
    file = tmp_path / "r.json"
    ran = run(a_server("always_wrong").url, *SMALL, "--json", str(file))
    assert ran.status == 1
    cases = json.loads(file.read_text("utf-8"))["targets"][0]["cases"]
    verdicts = [Verdict(case["verdict"]) for case in cases]
    assert verdicts.count(Verdict.FAIL) > len(verdicts) / 2
    assert Verdict.ERROR not in verdicts


def test_a_server_that_talks_nonsense_is_told_so(run, a_server):
    ran = run(a_server("garbage").url, "--select", "example:SUB-00*", "--patience", "0.5")
    assert ran.status == 1
    assert "outside its grammar" in ran.said


def test_a_slow_server_is_waited_for(run, a_server):
    ran = run(a_server("slow").url, "--select", "example:FRAME-008:1", "--patience", "2")
    assert ran.status == 0
    assert "conforms" in ran.out


def test_a_failure_is_told_with_all_its_evidence(run, a_server):
    url = a_server("always_wrong").url
    ran = run(url, "--select", "example:SUB-001:1", "--seed", "5", "--patience", "0.5")
    assert ran.status == 1
    for part in ("SUB-001 ", "C: SUB ", "because", "expected", "got", "again", "-ERR 'Wrong'␍␊"):
        assert part in ran.out
    assert f"nats-conformance run {url} --select example:SUB-001:1 --seed 5" in ran.out


def test_the_reference_conforms_and_results_follow_the_schema(run, tmp_path):
    file = tmp_path / "deep" / "r.json"
    ran = run("reference", "--select", "QUEUE-00*", "--json", str(file))
    assert ran.status == 0, ran.said
    assert "✓ reference conforms" in ran.out
    results = json.loads(file.read_text("utf-8"))
    schema = files("nats_conformance") / "results.schema.json"
    jsonschema.validate(results, json.loads(schema.read_text("utf-8")))
    assert results["targets"][0]["server"]["version"]


def test_a_trace_is_shown_whatever_the_verdict(run):
    ran = run("reference", "--select", "example:FRAME-009:1", "--trace", "FRAME-009")
    assert ran.status == 0
    assert "PASS example:FRAME-009:1 on reference" in ran.out
    assert "C: PING␍␊" in ran.out


def test_a_file_that_cannot_be_written(run):
    ran = run("reference", "--select", "example:FRAME-009:1", "--json", "/proc/no/r.json")
    assert ran.status == 4
    assert "cannot write" in ran.err


def test_a_command_is_a_target(run):
    target = f"cmd:{sys.executable} -m nats_reference -a 127.0.0.1 -p {{port}}"
    ran = run(target, "--select", "example:FRAME-00*")
    assert ran.status == 0, ran.said


def test_help_names_the_verbs(run):
    ran = run("--help")
    assert ran.status == 0
    for verb in ("run", "list", "explain", "replay", "selftest", "bench"):
        assert f"\n  {verb} " in ran.out


def test_list_and_explain_are_for_people(run):
    assert "FRAME-001" in run("list", "--select", "FRAME-001").out
    explained = run("explain", "FRAME-001")
    assert explained.status == 0
    for part in ("MUST", "example:FRAME-001:1", "faults", "code", "known from"):
        assert part in explained.out
    assert "def test_" in run("explain", case_of("FRAME-001")).out


def case_of(requirement):
    return next(
        case.id
        for case in catalogue.load()
        if requirement in case.requirements and not case.id.startswith("example:")
    )


def test_fail_fast_stops(run, a_server, tmp_path):
    file = tmp_path / "r.json"
    ran = run(a_server("always_wrong").url, *SMALL, "--fail-fast", "--json", str(file))
    assert ran.status == 1
    cases = json.loads(file.read_text("utf-8"))["targets"][0]["cases"]
    assert [case["verdict"] for case in cases].count("FAIL") == 1
