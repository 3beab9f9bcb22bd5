"""`list --json` is a contract: these members, these types."""

import json

import jsonschema
import pytest

STRINGS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
CONTRACT = {
    "type": "object",
    "required": ["requirements", "excluded"],
    "additionalProperties": False,
    "properties": {
        "requirements": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": [
                    *("id", "text", "level", "profile", "chapter", "since", "provenance"),
                    *("cases", "faults", "code"),
                ],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string"},
                    "text": {"type": "string"},
                    "level": {"enum": ["MUST", "SHOULD", "MAY", "OBSERVED"]},
                    "profile": {"type": "string"},
                    "chapter": {"type": "string"},
                    "since": {"type": "string"},
                    "provenance": {"type": "string"},
                    "cases": STRINGS,
                    "faults": STRINGS,
                    "code": STRINGS,
                },
            },
        },
        "excluded": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "reason"],
                "additionalProperties": False,
                "properties": {"id": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}


@pytest.mark.parametrize("words", [(), ("--select", "FRAME-001"), ("--level", "MUST")])
def test_the_contract(run, words):
    ran = run("list", "--json", *words)
    assert ran.status == 0
    jsonschema.validate(json.loads(ran.out), CONTRACT)


def test_a_selection_selects(run):
    listed = json.loads(run("list", "--json", "--select", "FRAME-001").out)
    (only,) = listed["requirements"]
    assert only["id"] == "FRAME-001"
    assert any(place.startswith("nats_reference/") for place in only["code"])


def test_cases_faults_and_targets(run):
    assert "FRAME-001" in run("list", "--cases").out
    assert "FRAME-001" in run("list", "--faults").out
    assert "nats-server" in run("list", "--targets").out


def test_names_and_texts_are_apart(run):
    every = run("list", "--faults").out.splitlines()
    assert "JS-MIRROR-001/expected" in [line.split()[0] for line in every]
    assert len({line.index(line.split("  ", 1)[1].lstrip()) for line in every}) == 1


def test_faults_can_be_selected(run):
    selected = run("list", "--faults", "--select", "JS-DLV-026").out.splitlines()
    assert [line.split()[0] for line in selected] == ["JS-DLV-026", "JS-DLV-026/pending"]
    assert run("list", "--faults", "--select", "NO-*").status == 4
