"""monitoring: the OpenAPI document is one, and tells releases apart."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from nats_spec import monitoring
from nats_spec.monitoring import tables

MEASURED = ((2, 10, 26), (2, 11, 11), (2, 12, 8), (2, 14, 6), (2, 15, 1))


@pytest.mark.parametrize("release", [None, *MEASURED], ids=str)
def test_the_document_is_openapi(release):
    OpenAPIV31SpecValidator(monitoring.document(release)).validate()


def test_every_reference_is_inside():
    text = str(monitoring.document())
    names = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert names <= monitoring.document()["components"]["schemas"].keys()
    assert "definitions" not in " ".join(re.findall(r"'\$ref': '([^']+)'", text))


def test_objects_are_closed():
    """All but those whose members are names, or that nobody describes."""
    for name, schema in monitoring.source()["components"]["schemas"].items():
        if "properties" in schema:
            assert schema["additionalProperties"] is False, name
            assert set(schema.get("required", ())) <= set(schema["properties"]), name


def test_what_came_later_is_not_there_before():
    always, known = monitoring.members("Varz", (2, 10, 26))
    assert "stalled_clients" not in known
    assert "slow_consumer_stats" in always
    always, known = monitoring.members("Varz", (2, 12, 8))
    assert "stalled_clients" in always
    assert "in_client_msgs" not in known
    assert "in_client_msgs" in monitoring.members("Varz", (2, 14, 6))[0]
    assert "/debug/vars" not in monitoring.document((2, 10, 26))["paths"]
    assert "/debug/vars" in monitoring.document((2, 11, 11))["paths"]


def test_what_is_gone_later_is_there_before():
    def limit(release):
        (found,) = (
            each
            for each in monitoring.document(release)["paths"]["/jsz"]["get"]["parameters"]
            if each["name"] == "limit"
        )
        return found["schema"]["$ref"]

    assert limit((2, 10, 26)).endswith("/Natural")
    assert limit((2, 15, 1)).endswith("/Whole")
    assert limit(None).endswith("/Whole")


def test_endpoints():
    found = {each.path: each for each in monitoring.endpoints()}
    assert len(found) == 16
    assert "state" in found["/connz"].parameters
    assert found["/debug/vars"].since == "2.11.11"
    assert monitoring.refusals("/accountz") == (r"^Account [\s\S]* does not exist$",)
    assert monitoring.refusals("/varz") == ()


def test_tables():
    table = tables.endpoints()
    assert table.count("\n") == len(monitoring.endpoints()) + 1
    assert "| `/healthz` |" in table
    parameters = tables.parameters()
    assert "| `/connz` | `sort` |" in parameters
    assert "`cid`, `start`" in parameters
