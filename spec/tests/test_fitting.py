"""What the quick check accepts fits, whatever the schema; and what fits is mostly accepted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from nats_spec import fitting, schemas

NAMES = ["info", "connect", *schemas.names("jetstream")]
NAMES.remove(schemas.DEFINITIONS)
JUNK = st.sampled_from(
    [None, True, False, 0, 1, -1, 2**63, 1.0, 1.5, "", "x", "2026-01-01T00:00:00Z", [], [1], {}]
)
BY_TYPE = {
    "string": st.text("aN>.", max_size=3),
    "integer": st.integers(-2, 2**20),
    "number": st.integers(-2, 2**20) | st.floats(0, 9, width=16),
    "boolean": st.booleans(),
    "null": st.none(),
}


def values(described, wrong):
    """Values that fit a schema, nearly; with `wrong` some members are junk, missing or unknown."""
    described = schemas.resolved(described)
    if "anyOf" in described:
        fitting_ones = st.one_of([values(each, wrong) for each in described["anyOf"]])
    elif "enum" in described:
        fitting_ones = st.sampled_from(described["enum"])
    elif "const" in described:
        fitting_ones = st.just(described["const"])
    elif described.get("format") == "date-time":
        fitting_ones = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
    else:
        kinds = described.get("type", "object")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        fitting_ones = st.one_of([of_type(kind, described, wrong) for kind in kinds])
    return st.one_of(fitting_ones, fitting_ones, fitting_ones, JUNK) if wrong else fitting_ones


def of_type(kind, described, wrong):
    if kind == "array":
        return st.lists(values(described.get("items", {"type": "null"}), wrong), max_size=2)
    if kind == "object":
        members = {
            name: st.deferred(lambda each=each: values(each, wrong))
            for name, each in described.get("properties", {}).items()
        }
        required = described.get("required", [])
        must = {name: members[name] for name in required if name in members and not wrong}
        may = {name: each for name, each in members.items() if name not in must}
        if wrong:
            may["never_heard_of"] = JUNK
        return st.fixed_dictionaries(must, optional=may)
    if kind == "integer":
        return st.integers(described.get("minimum", -2), described.get("maximum", 2**20))
    return BY_TYPE[kind]


def fits(name, value):
    return not list(schemas._validator(name).iter_errors(value))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", [True, False])
@settings(max_examples=12)
@given(data=st.data())
def test_what_is_accepted_fits(name, wrong, data):
    value = data.draw(values(schemas.schema(name), wrong))
    if schemas._quick(name)(value):
        assert fits(name, value)
    elif not wrong and name != "connect":
        assert not fits(name, value)


@pytest.mark.parametrize(
    ("schema", "accepted", "not_accepted"),
    [
        ({"type": "integer"}, [1, -(2**70)], [True, 1.5, "1", None]),
        ({"type": ["string", "null"]}, ["", None], [0, False, []]),
        ({"enum": [1, "a", None]}, [1, "a", None], [True, 1.0, "b", [1]]),
        ({"const": True}, [True], [1, "true"]),
        ({"enum": [1, 2], "const": 2}, [], [1, 2]),
        ({"minimum": 1, "maximum": 3}, [1, 3, "x"], [0, 4, 0.5]),
        ({"minLength": 1, "maxLength": 2}, ["a", "ab", 5], ["", "abc"]),
        ({"pattern": "^N"}, ["N", 1], ["xN"]),
        (
            {"format": "date-time"},
            ["0001-01-01T00:00:00Z", 1],
            ["yesterday", "2026-13-01T00:00:00Z"],
        ),
        ({"format": "e-mail"}, [], ["a@b", 1]),
        ({"items": {"type": "null"}}, [[], [None], 1], [[1]]),
        ({"required": ["a"]}, [{"a": 1}, 1], [{}]),
        ({"properties": {"a": {"const": 1}}}, [{}, {"a": 1, "b": 2}, []], [{"a": 2}]),
        ({"additionalProperties": False}, [{}], [{"a": 1}]),
        ({"additionalProperties": {"const": 1}}, [{"a": 1}], [{"a": 2}]),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, [1, 2], [3]),
        ({"dependentRequired": {"a": ["b"]}}, [{}, {"a": 1, "b": 1}, 1], [{"a": 1}]),
        ({"if": {"const": 1}, "then": {"type": "integer"}}, [1, 2], ["a"]),
        ({"if": {"const": 1}, "else": {"type": "null"}}, [], [1, None]),
        ({"if": {"const": 1}}, [1, 2], []),
        ({"oneOf": [{}]}, [], [1]),
        ({"not": {}, "title": "x"}, [], [1]),
        ({"title": "x", "x-since": "2.0"}, [1, None], []),
    ],
)
def test_keywords(schema, accepted, not_accepted):
    check = fitting.compiled(schema, schemas.schema)
    assert [value for value in accepted if not check(value)] == []
    assert [value for value in not_accepted if check(value)] == []
    judge = Draft202012Validator(schema, format_checker=schemas._validator("info").format_checker)
    assert all(judge.is_valid(value) for value in accepted)


def test_a_definition_may_refer_to_itself():
    tree = {"type": "object", "additionalProperties": {"$ref": "#tree"}}
    check = fitting.compiled(tree, lambda _pointer: tree)
    assert check({"a": {"b": {}}})
    assert not check({"a": {"b": 1}})


def test_a_time_is_checked():
    (fault,) = schemas.validate(
        "jetstream/stream_msg_get_response",
        {
            "type": "io.nats.jetstream.api.v1.stream_msg_get_response",
            "message": {"subject": "a", "seq": 1, "time": "yesterday"},
        },
    )
    assert "date-time" in fault
