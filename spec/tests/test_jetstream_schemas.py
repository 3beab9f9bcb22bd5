"""The schemas of JetStream's messages."""

import re

import pytest
from jsonschema import Draft202012Validator

from nats_spec import schemas

NAMES = schemas.names("jetstream")
MESSAGES = [name for name in NAMES if name != schemas.DEFINITIONS]
ACK = {"stream": "S", "seq": 1}
STATE = {
    "messages": 0,
    "bytes": 0,
    "first_seq": 0,
    "first_ts": "0001-01-01T00:00:00Z",
    "last_seq": 0,
    "last_ts": "0001-01-01T00:00:00Z",
    "consumer_count": 0,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one(name):
    Draft202012Validator.check_schema(schemas.schema(name))


def objects(described):
    """Every object in a schema, with its members."""
    if isinstance(described, dict):
        if "properties" in described:
            yield described
        for value in described.values():
            yield from objects(value)


@pytest.mark.parametrize("name", NAMES)
def test_every_member_is_described(name):
    for each in objects(schemas.schema(name)):
        for member, described in each["properties"].items():
            if member in {"error", "config"} and "$ref" not in described:
                continue
            assert described.get("description"), member
            if member != "error":
                assert re.fullmatch(r"2\.\d+", described.get("x-since", "2.2")), member


@pytest.mark.parametrize("name", MESSAGES)
def test_references_lead_somewhere(name):
    assert isinstance(schemas.validate(name, {}), list)


@pytest.mark.parametrize(
    "name", [name for name in MESSAGES if "getnext" not in name and "direct" not in name]
)
def test_an_unknown_member_is_news(name):
    assert any(
        "Additional properties" in fault for fault in schemas.validate(name, {"new_member": 1})
    )


def test_an_answer_is_an_error_or_a_success():
    name = "jetstream/stream_delete_response"
    head = {"type": "io.nats.jetstream.api.v1.stream_delete_response"}
    assert schemas.validate(name, head | {"success": True}) == []
    assert schemas.validate(name, head | {"error": {"code": 404, "err_code": 10059}}) == []
    assert schemas.validate(name, head)
    assert schemas.validate(name, {"success": True})


def test_values_have_their_types():
    assert schemas.validate("jetstream/pub_ack", ACK) == []
    assert schemas.validate("jetstream/pub_ack", ACK | {"seq": "1"})
    definition = Draft202012Validator(schemas.definition("stream_state"))
    assert not list(definition.iter_errors(STATE))
    assert list(definition.iter_errors(STATE | {"messages": -1}))


def test_a_reference_is_resolved():
    described = schemas.schema("jetstream/stream_create_request")["properties"]["republish"]
    assert "dest" in schemas.resolved(described)["properties"]
    assert schemas.resolved({"type": "string"}) == {"type": "string"}
