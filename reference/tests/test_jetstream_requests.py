"""Requests as the API reads them: JSON, subjects, levels, bodies that may be missing."""

from __future__ import annotations

import json
import random

import pytest
from asking import Asker, serve

from nats_reference.jetstream.api import decoding, dispatch, members
from nats_reference.jetstream.errors import ApiError

CREATE = "stream_create_request"


@pytest.fixture
def asker(world, tmp_path):
    return Asker(serve(world, tmp_path))


def read(body, *, strict=True):
    return decoding.decode(CREATE, body.encode(), strict=strict)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('{"name":"a"}', {"name": "a"}),
        (' {"NAME" : "a"}\n', {"name": "a"}),
        ('{"name":"a","Name":"b"}', {"name": "b"}),
        ('{"name":"a"} {"max_msgs":5}', {"name": "a", "max_msgs": 5}),
        ('{"name":"a"}{"name":"b"}null', {"name": "b"}),
        ('{"name":"a","name":null,"max_msgs":null}', {"name": "a"}),
        ('{"mirror":{"name":"a"}}{"mirror":{"opt_start_seq":4}}', {"mirror": {"name": "a", "opt_start_seq": 4}}),
        ('{"mirror":{"name":"a"},"mirror":null}', {"mirror": None}),
        ('{"consumer_limits":{"max_ack_pending":5},"consumer_limits":null}', {"consumer_limits": {"max_ack_pending": 5}}),
        ('{"sources":[null,{"name":"a"}],"subjects":["a",null]}', {"sources": [None, {"name": "a"}], "subjects": ["a", ""]}),
        ('{"metadata":{"a":"b","c":null}}{"metadata":{"a":"d"}}', {"metadata": {"a": "d", "c": ""}}),
        ('{"discard":"NEW"}', {"discard": "new"}),
        ('{"persist_mode":""}', {"persist_mode": ""}),
        ('{"description":"\\ud800 \\u00e9"}', {"description": "\ufffd \u00e9"}),
        ('{"\u017fealed":true}', {"sealed": True}),
        ('{"mirror":{"opt_start_time":"2020-01-01T00:00:00.100+01:00"}}', {"mirror": {"opt_start_time": "2020-01-01T00:00:00.1+01:00"}}),
        ("", {}),
        ("null", {}),
        ('{"max_msg_size":2147483647}', {"max_msg_size": 2147483647}),
        ('{"first_seq":18446744073709551615}', {"first_seq": 18446744073709551615}),
    ],
)  # fmt: skip
def test_what_a_body_sets(body, found):
    assert read(body) == found


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"colour":1}', 'json: unknown field "colour"'),
        ('{"placement":{"colour":1}}', 'json: unknown field "colour"'),
        ('{"sources":[{"colour":1}]}', 'json: unknown field "colour"'),
        ('{"max_msgs":"1"}', "cannot unmarshal string into max_msgs"),
        ('{"max_msgs":1.0}', "cannot unmarshal number 1.0 into max_msgs"),
        ('{"max_msgs":1e3}', "cannot unmarshal number 1e3 into max_msgs"),
        ('{"max_msgs":9223372036854775808}', "into max_msgs"),
        ('{"max_msg_size":2147483648}', "into max_msg_size"),
        ('{"first_seq":-1}', "into first_seq"),
        ('{"sealed":1}', "cannot unmarshal number 1 into sealed"),
        ('{"name":true}', "cannot unmarshal bool into name"),
        ('{"subjects":"a"}', "cannot unmarshal string into subjects"),
        ('{"metadata":[]}', "cannot unmarshal array into metadata"),
        ('{"mirror":[]}', "cannot unmarshal array into mirror"),
        ('{"description":{}}', "cannot unmarshal object into description"),
        ('{"mirror":{"opt_start_time":5}}', "cannot unmarshal number 5 into opt_start_time"),
        ('{"mirror":{"opt_start_time":"now"}}', "parsing time"),
        ('{"retention":"Limits"}', 'can not unmarshal "\\"Limits\\""'),
        ('{"retention":null}', 'can not unmarshal "null"'),
        ("[]", "cannot unmarshal array into the request"),
        ("5", "cannot unmarshal number 5 into the request"),
        ("{bad", "at offset 2"),
        ('{"name":"a"}x', "at offset 13"),
        ('{"name":"a"', "unexpected EOF"),
        ('{"max_msgs":NaN}', "invalid character 'N'"),
        ("[" * 100_000, "at offset 1"),
        ('{"max_msgs":' + "9" * 5000 + "}", "invalid JSON"),
    ],
)
def test_what_a_body_may_not_be(body, text):
    with pytest.raises(ApiError) as refused:
        read(body)
    assert refused.value.err_code == 10025
    assert text in str(refused.value)


def test_without_strictness_unknown_members_are_passed_over():
    assert read('{"colour":1,"name":"a","placement":{"x":1}}', strict=False) == {
        "name": "a",
        "placement": {},
    }
    assert read('{"name":"a"}{"max_msgs":1}', strict=False) == {"name": "a", "max_msgs": 1}
    for body in ('{"colour":1}{"name":"a"}', '{"max_msgs":"1"}'):
        with pytest.raises(ApiError):
            read(body, strict=False)


@pytest.mark.parametrize(
    ("body", "wanted", "empty"),
    [
        (b"", False, True),
        (b"{}", True, True),
        (b" {\n} ", True, True),
        (b"{ }{}", True, False),
        (b"[]", True, False),
        (b"null", False, False),
        (b"garbage", False, False),
        (b' \t\r\n{"a":1}', True, False),
        (b"{", True, False),
    ],
)
def test_bodies_that_may_be_missing(body, wanted, empty):
    assert (decoding.wanted(body), decoding.empty(body)) == (wanted, empty)


def test_members_are_those_of_the_schema():
    form = members.of_request(CREATE)
    assert (form["max_age"].low, form["max_age"].high) == (-(1 << 63), (1 << 63) - 1)
    assert (form["first_seq"].low, form["first_seq"].high) == (0, (1 << 64) - 1)
    assert form["discard"].caseless
    assert not form["storage"].caseless
    assert form["mirror"].form["external"].form["api"].kind == "string"
    assert "template_owner" not in form


def test_names_of_endpoints_are_those_of_the_grammar(asker):
    names = ["INFO", "STREAM.NAMES", "STREAM.LIST"]
    for subject in names:
        assert asker.all(f"$JS.API.{subject}")
    for subject in ("FOO", "INFO.x", "STREAM.INFO", "STREAM.CREATE.A.B", "STREAM", "META.LEADER.STEPDOWN", "SERVER.REMOVE"):  # fmt: skip
        assert asker.all(f"$JS.API.{subject}") == []


def test_what_streams_hear_themselves_has_no_responders_without_them(asker):
    for subject in (
        "DIRECT.GET",
        "DIRECT.GET.A",
        "DIRECT.GET.A.b",
        "CONSUMER.MSG.NEXT.A.B",
        "CONSUMER.MSG.NEXT.A",
    ):
        (only,) = asker.all(f"$JS.API.{subject}")
        assert only.status == "503"
    asker.create("A")
    assert asker.all("$JS.API.DIRECT.GET.A", {"seq": 1})[0].status == "503"
    asker.create("B", allow_direct=True)
    assert asker.all("$JS.API.DIRECT.GET.B", {"seq": 1})[0].status == "404 Message Not Found"


def test_a_request_without_a_reply_subject_is_carried_out(asker):
    assert asker.say("$JS.API.STREAM.CREATE.A", {"name": "A"}) == b""
    assert asker.request("STREAM.NAMES")["streams"] == ["A"]
    assert asker.request("INFO")["api"]["total"] == 2


@pytest.mark.parametrize(
    ("level", "refused"),
    [("6", True), ("x", True), ("5 ", True), ("99999999999999999999", True), ("9" * 5000, True), ("0" * 5000 + "5", False), ("5", False), ("+5", False), (" 5", False), ("-1", False), ("", False)],
)  # fmt: skip
def test_the_level_that_a_request_wants(asker, level, refused):
    headers = {"Nats-Required-Api-Level": level}
    assert ("error" in asker.ask("STREAM.NAMES", b"", headers)) is refused
    created = asker.ask("STREAM.CREATE.A", {"name": "A", "allow_direct": True}, headers)
    assert (created.get("error", {}).get("err_code") == 10185) is refused
    assert asker.refused("STREAM.PEER.REMOVE.A", b"", headers) == 10010
    if not refused:
        return
    asker.create("A", allow_direct=True)
    (only,) = asker.all("$JS.API.DIRECT.GET.A", {"seq": 1}, headers)
    assert only.status == "412 Required Api Level"
    assert asker.publish("A", b"x", headers) == {"stream": "A", "seq": 1}


def test_snapshots_are_refused_as_far_as_they_are_known(asker):
    assert asker.refused("STREAM.SNAPSHOT.A") == 10003
    assert asker.refused("STREAM.SNAPSHOT.A", {"deliver_subject": "x"}) == 10059
    asker.create("A")
    assert asker.refused("STREAM.SNAPSHOT.A", {"colour": 1}) == 10025
    assert asker.refused("STREAM.SNAPSHOT.A", {"deliver_subject": "x.*"}) == 10015
    assert asker.refused("STREAM.SNAPSHOT.A", {"deliver_subject": "x"}) == 10064
    assert asker.refused("STREAM.RESTORE.A") == 10003
    assert asker.refused("STREAM.RESTORE.B", {"config": {"name": "A"}}) == 10056
    assert asker.refused("STREAM.RESTORE.A", {"config": {"name": "A"}}) == 10130
    assert asker.refused("STREAM.RESTORE.B", {"config": {"max_age": -1}}) == 10052
    assert asker.refused("STREAM.RESTORE.B", {"config": {}}) == 10062


def anything(rng, depth=0):
    """A JSON value that may stand anywhere."""
    plain = [None, True, 0, -1, 5, 1 << 63, 1 << 70, 1.5, "", "A", "a.>", "a..b", ">", "\ud800", "2020-01-01T00:00:00Z", "limits", "file", "new"]  # fmt: skip
    if depth < 2 and rng.random() < 0.3:
        inner = [anything(rng, depth + 1) for _ in range(rng.randrange(3))]
        return inner if rng.random() < 0.5 else dict(zip("abc", inner, strict=False))
    return rng.choice(plain)


def body(rng, form, depth=0):
    """An object with some of these members, mostly of the right kinds."""
    right = {
        "string": ["", "A", "B", "a.b", "a.*", ">", "a..b"],
        "boolean": [True, False],
        "integer": [0, 1, 2, -1, 100, 1_000_000_000, 10**12],
        "moment": ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"],
    }
    found = {}
    for member in rng.sample(
        sorted(form.values(), key=lambda each: each.name), rng.randrange(len(form) + 1) // 2
    ):
        if rng.random() < 0.1:
            found[member.name] = anything(rng)
        elif member.kind == "choice":
            found[member.name] = rng.choice(sorted(member.choices))
        elif member.kind == "object":
            found[member.name] = body(rng, member.form, depth + 1)
        elif member.kind == "array" and member.items.kind == "object":
            found[member.name] = [
                body(rng, member.items.form, depth + 1) for _ in range(rng.randrange(3))
            ]
        elif member.kind in {"array", "table"}:
            values = [rng.choice(right["string"]) for _ in range(rng.randrange(3))]
            found[member.name] = (
                values if member.kind == "array" else dict(zip("ab", values, strict=False))
            )
        else:
            found[member.name] = rng.choice(right[member.kind])
    return found


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_asked_is_answered(asker, seed):
    rng = random.Random(seed)
    forms = {
        "stream_create": CREATE,
        "stream_update": "stream_update_request",
        "stream_info": "stream_info_request",
        "stream_names": "stream_names_request",
        "stream_list": "stream_list_request",
        "stream_purge": "stream_purge_request",
        "stream_msg_get": "stream_msg_get_request",
        "stream_msg_delete": "stream_msg_delete_request",
    }
    endpoints = {"stream_msg_get": "STREAM.MSG.GET", "stream_msg_delete": "STREAM.MSG.DELETE"}
    assert set(forms) <= set(dispatch.ENDPOINTS)
    asker.create("A", subjects=["a.*"], allow_direct=True)
    for number in range(20):
        asker.publish(f"a.{number % 3}")
    for _ in range(80):
        kind, schema = rng.choice(sorted(forms.items()))
        said = body(rng, members.of_request(schema))
        if kind in {"stream_create", "stream_update"}:
            said["name"] = rng.choice(["A", "B", "C"])
        endpoint = endpoints.get(kind, kind.upper().replace("_", "."))
        name = "" if kind in {"stream_names", "stream_list"} else f".{said.get('name', 'A')}"
        asker.ask(f"{endpoint}{name}", json.dumps(said))
        direct = body(rng, members.of_request("direct_get_request"))
        found = asker.all("$JS.API.DIRECT.GET.A", json.dumps(direct))
        allowed = asker.request("STREAM.INFO.A")["config"]["allow_direct"]
        assert found
        assert allowed or found[0].status == "503"
        if rng.random() < 0.2:
            asker.all("$JS.API.STREAM.DELETE." + rng.choice("BC"))
