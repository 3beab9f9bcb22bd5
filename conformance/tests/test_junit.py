from xml.etree import ElementTree as ET

from nats_conformance.reports import junit
from nats_conformance.results import CaseResult, Results, TargetResult, Verdict


def test_every_verdict_has_its_element():
    cases = [
        CaseResult(f"10_framing:{v.value}", ("FRAME-001",), v, message="why \x00\x1b <&>")
        for v in Verdict
    ]
    target = TargetResult("nats-server", "", {"version": "2.15.1"}, [], cases)
    text = junit.render(Results("0", "2026-11-22T10:00:00+00:00", 1.0, 1, "quick", [target]))
    root = ET.fromstring(text)  # noqa: S314
    suite = root.find("testsuite")
    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "7", "failures": "3", "errors": "1", "skipped": "2"}
    children = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert children["PASS"] == []
    assert children["XPASS"] == ["failure"]
    assert children["XFAIL"] == ["skipped"]


def test_a_run_writes_it(run, tmp_path):
    file = tmp_path / "out" / "junit.xml"
    assert run("reference", "--select", "example:FRAME-009:1", "--junit", str(file)).status == 0
    assert ET.parse(file).getroot().tag == "testsuites"  # noqa: S314
