import pytest

from nats_conformance.cases import Case
from nats_conformance.selection import Selection
from nats_spec.requirements import Level, Requirement


def requirement(identifier: str, level: Level, profile: str = "core") -> Requirement:
    return Requirement(
        identifier, level, "It does.", profile, "2.0", None, "p", None, "", (), "10-x", (1, 2)
    )


KNOWN = {
    "FRAME-001": requirement("FRAME-001", Level.MUST),
    "FRAME-002": requirement("FRAME-002", Level.MAY),
    "LDM-001": requirement("LDM-001", Level.SHOULD, "operations"),
}
CASES = [
    Case("10_framing:one", ("FRAME-001",), print),
    Case("example:FRAME-002:1", ("FRAME-002",), print),
    Case("51_lame_duck:two", ("LDM-001", "FRAME-002"), print),
]


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (Selection(), [0, 1, 2]),
        (Selection(select=("FRAME-*",)), [0, 1, 2]),
        (Selection(select=("frame-001",)), [0]),
        (Selection(select=("example:*",)), [1]),
        (Selection(select=("10_*", "51_*")), [0, 2]),
        (Selection(deselect=("LDM-*",)), [0, 1]),
        (Selection(select=("FRAME-*",), deselect=("example:*",)), [0, 2]),
        (Selection(level="MUST"), [0]),
        (Selection(level="SHOULD"), [0, 2]),
        (Selection(profiles=("operations",)), [2]),
        (Selection(profiles=("core",), level="MUST"), [0]),
        (Selection(select=("nothing",)), []),
    ],
)
def test_selected(selection, chosen):
    assert selection.cases(CASES, KNOWN) == [CASES[index] for index in chosen]


def test_generated_cases_can_be_left_out():
    cases = [*CASES, Case("10_framing:any", ("FRAME-001",), print, generated=True)]
    assert Selection().cases(cases, KNOWN) == cases
    assert Selection(properties=False).cases(cases, KNOWN) == CASES
