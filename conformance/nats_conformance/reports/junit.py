"""JUnit XML of a run, as CI systems read it: a suite for each target, a case for each case.

FAIL, UNTESTABLE and XPASS are failures, ERROR an error, NA and XFAIL skipped with
their reason. Bytes are shown with control pictures, so the XML is always valid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from nats_conformance.results import Verdict

if TYPE_CHECKING:
    from nats_conformance.results import CaseResult, Results, TargetResult

#: The element that a verdict becomes; a PASS has none.
_ELEMENTS: Final = {
    Verdict.FAIL: "failure",
    Verdict.UNTESTABLE: "failure",
    Verdict.XPASS: "failure",
    Verdict.ERROR: "error",
    Verdict.NA: "skipped",
    Verdict.XFAIL: "skipped",
}


def render(results: Results) -> str:
    """The document."""
    root = ET.Element("testsuites", name="nats-conformance", time=f"{results.seconds:.3f}")
    for target in results.targets:
        root.append(_suite(target, results.started))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(target: TargetResult, started: str) -> ET.Element:
    kinds = [_ELEMENTS.get(case.verdict) for case in target.cases]
    suite = ET.Element(
        "testsuite",
        name=target.name,
        timestamp=started,
        tests=str(len(kinds)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=f"{sum(case.seconds for case in target.cases):.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    version = str(target.server.get("version", ""))
    ET.SubElement(properties, "property", name="server.version", value=version)
    suite.extend(_case(case, target.name) for case in target.cases)
    return suite


def _case(case: CaseResult, target: str) -> ET.Element:
    group, _, name = case.id.partition(":")
    element = ET.Element(
        "testcase", classname=f"{target}.{group}", name=name, time=f"{case.seconds:.3f}"
    )
    kind = _ELEMENTS.get(case.verdict)
    if kind is None:
        return element
    said = ET.SubElement(element, kind, message=_clean(case.message), type=case.verdict.value)
    if kind != "skipped":
        facts = [f"requirements: {', '.join(case.requirements)}"]
        facts += [f"expected: {case.expected}", f"got: {case.got}"] if case.expected else []
        said.text = _clean("\n".join([*facts, "", *case.transcript.shortest()]))
    return element


def _clean(text: str) -> str:
    """XML has no place for most controls, not even escaped."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)
