"""schemas.py: INFO and CONNECT as JSON Schema."""

import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from nats_spec import schemas

NAMES = ("info", "connect")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one(name):
    Draft202012Validator.check_schema(schemas.schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_member_is_described(name):
    for member, described in schemas.schema(name)["properties"].items():
        missing = {"type", "description", "x-since", "x-source"} - described.keys()
        assert not missing, (member, missing)
        required = member in schemas.schema(name)["required"]
        assert ("default" in described) != required, member


def test_an_unknown_schema_is_refused():
    with pytest.raises(FileNotFoundError):
        schemas.schema("outfo")


def test_a_greeting_fits(info_fields):
    assert schemas.validate("info", info_fields) == []


def test_info_may_grow(info_fields):
    assert schemas.validate("info", info_fields | {"feature_of_2031": {"a": 1}}) == []


@pytest.mark.parametrize("member", schemas.schema("info")["required"])
def test_a_required_member_may_not_be_missing(info_fields, member):
    lacking = {name: value for name, value in info_fields.items() if name != member}
    [fault] = schemas.validate("info", lacking)
    assert member in fault


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("server_id", "N" + "a" * 55),
        ("server_id", "N" + "A" * 54),
        ("proto", 2),
        ("port", "4222"),
        ("port", 65536),
        ("headers", 1),
        ("max_payload", -2),
        ("client_id", 0),
        ("nonce", "too short"),
        ("connect_urls", "127.0.0.1:4222"),
        ("xkey", "A" * 56),
        ("api_lvl", 0),
        ("connect_info", True),
    ],
)
def test_a_wrong_member_of_info_is_named(info_fields, member, value):
    faults = schemas.validate("info", info_fields | {member: value})
    assert len(faults) == 1
    assert member in faults[0] or "connect_info" in str(faults)


@pytest.mark.parametrize(
    "value",
    [
        {},
        None,
        {"verbose": None},
        {"zzz": [1]},
        {"verbose": False, "headers": True, "no_responders": True, "protocol": 1},
        {"account": "", "new_account": False},
    ],
)
def test_what_a_server_accepts_fits(value):
    assert schemas.validate("connect", value) == []


@pytest.mark.parametrize(
    "value",
    [
        [],
        "x",
        {"verbose": "yes"},
        {"name": 1},
        {"protocol": 1.5},
        {"protocol": 2},
        {"protocol": -1},
        {"account": "x"},
        {"new_account": True},
        {"no_responders": True},
        {"no_responders": True, "headers": False},
    ],
)
def test_what_a_server_refuses_does_not_fit(value):
    assert schemas.validate("connect", value) != []


def test_the_table_has_a_row_for_each_member():
    rows = schemas.field_table("info")
    assert [row.name for row in rows] == list(schemas.schema("info")["properties"])
    assert rows[0] == schemas.Field(
        name="server_id",
        type="string",
        required=True,
        default="",
        since="2.0",
        meaning="The server's public nkey. A new one at every start.",
    )


def test_the_table_shows_types_and_defaults_as_people_read_them():
    rows = {row.name: row for name in NAMES for row in schemas.field_table(name)}
    assert rows["connect_urls"].type == "array of string"
    assert rows["connect_urls"].default == "[]"
    assert rows["verbose"].type == "boolean"
    assert rows["verbose"].default == "true"
    assert rows["import"].type == "object"
    assert not rows["verbose"].required


def test_the_schemas_load_without_a_validator():
    code = "import sys; from nats_spec import schemas; schemas.field_table('info'); sys.exit('jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
