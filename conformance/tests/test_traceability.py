"""Nothing is required that nobody checks, nothing is checked that nobody requires."""

import pytest

from nats_conformance import catalogue, traceability
from nats_conformance.selftest.unbreakable import UNBREAKABLE
from nats_conformance.targets.configs import CONFIGS


@pytest.fixture(scope="module")
def faults():
    return traceability.faults()


@pytest.fixture(scope="module")
def traced(faults):
    return traceability.trace(faults)


SPECIFICATION = catalogue.specification()


def test_every_binding_requirement_has_a_case(traced):
    bare = [
        each.requirement.id
        for each in traced
        if each.requirement.level.value in {"MUST", "SHOULD"} and not each.cases
    ]
    assert bare == []


def test_every_case_covers_what_is_required():
    unknown = {
        case.id: [each for each in case.requirements if each not in SPECIFICATION.requirements]
        for case in catalogue.load()
    }
    assert {case: ids for case, ids in unknown.items() if ids} == {}


def test_case_ids_are_unique():
    ids = [case.id for case in catalogue.load()]
    assert len(ids) == len(set(ids))


def test_every_case_has_a_config_group_that_exists():
    assert {case.config for case in catalogue.load()} <= CONFIGS.keys()


def test_every_config_group_is_used():
    sources = "\n".join(
        path.read_text("utf-8")
        for folder in ("cases", "properties")
        for path in (catalogue.HERE / folder).glob("*.py")
    )
    used = {case.config for case in catalogue.load()}
    assert {
        group for group in CONFIGS if group not in used and f'"{group}"' not in sources
    } == set()


def test_every_must_has_a_fault(traced):
    """Or stands, with reason and date, in the table of those that can't be broken."""
    whole = [
        each.requirement.id
        for each in traced
        if each.requirement.level.value == "MUST"
        and each.requirement.until is None
        and not each.faults
        and each.requirement.id not in UNBREAKABLE
    ]
    assert whole == []


def test_what_is_called_unbreakable_is_a_must_without_a_fault(traced):
    musts = {t.requirement.id: t for t in traced if t.requirement.level.value == "MUST"}
    assert UNBREAKABLE.keys() <= musts.keys()
    assert [each for each in UNBREAKABLE if musts[each].faults] == []


def test_every_fault_breaks_what_is_required(faults):
    unknown = [f.id for f in faults if f.requirement not in SPECIFICATION.requirements]
    assert unknown == []
    assert len({f.id for f in faults}) == len(faults)


def test_the_sources_name_known_ids():
    known = SPECIFICATION.requirements.keys() | SPECIFICATION.excluded.keys()
    families = {identifier.rpartition("-")[0] for identifier in known}
    named = traceability.code()
    unknown = {
        identifier: places
        for identifier, places in named.items()
        if identifier.rpartition("-")[0] in families and identifier not in known
    }
    assert unknown == {}


def test_ranges_of_ids_name_each():
    assert traceability.ids("FRAME-001 .. FRAME-003, HDR-002") == {
        "FRAME-001",
        "FRAME-002",
        "FRAME-003",
        "HDR-002",
    }
