"""Chapter 100: the API level that a request requires, and what is told first."""

from __future__ import annotations

from typing import Any

from nats_conformance.cases import Nats, case
from nats_conformance.stream_rows import filled

FIELD = "Nats-Required-Api-Level"
#: No level of any server.
TOO_HIGH = ("99", "99999999999999999999", "x", "1x", "1.0", "0x1", "--1", "1 ")
#: Levels that every server has.
LOW = ("0", "1", "-1", "+1", "-99", "00")

#: What each request would do, `{s}` being a stream with a message.
REQUESTS: tuple[tuple[str, Any], ...] = (
    ("INFO", None),
    ("STREAM.CREATE.{s}x", {"name": "{s}x", "storage": "memory"}),
    ("STREAM.UPDATE.{s}", {"name": "{s}", "storage": "memory", "max_msgs": 7}),
    ("STREAM.INFO.{s}", None),
    ("STREAM.NAMES", None),
    ("STREAM.LIST", None),
    ("STREAM.MSG.GET.{s}", {"seq": 1}),
    ("STREAM.MSG.DELETE.{s}", {"seq": 1}),
    ("STREAM.PURGE.{s}", None),
    ("STREAM.DELETE.{s}", None),
)

#: Requests in which several things are wrong: which of them is told. `{s}` has no stream, `{a}` has one.
FIRST: tuple[tuple[str, Any, dict[str, str], int], ...] = (
    ("STREAM.NAMES", "{", {FIELD: "99"}, 10185),
    ("STREAM.CREATE.{s}", {"name": "{a}", "unknown": 1}, {FIELD: "99"}, 10185),
    ("STREAM.CREATE.{s}", {"name": "{a}", "unknown": 1}, {}, 10025),
    ("STREAM.CREATE.{s}", {"name": "{a}", "max_age": "1"}, {}, 10025),
    ("STREAM.CREATE.{s}", {"name": "{a}", "max_age": -1}, {}, 10056),
    ("STREAM.INFO.{s}", "{", {}, 10025),
    ("STREAM.PURGE.{s}", '{"seq":"1"}', {}, 10025),
    ("STREAM.PURGE.{s}", {"seq": 1, "keep": 1}, {}, 10003),
    ("STREAM.MSG.GET.{s}", "", {}, 10003),
    ("STREAM.MSG.GET.{s}", "{", {}, 10025),
    ("STREAM.MSG.GET.{s}", {"seq": 1, "last_by_subj": "x"}, {}, 10003),
    ("STREAM.MSG.DELETE.{s}", "", {}, 10003),
    ("STREAM.MSG.DELETE.{s}", {"seq": "1"}, {}, 10025),
    ("STREAM.DELETE.{s}", "x", {}, 10038),
)

#: The same where the stream is sealed.
FIRST_OF_SEALED: tuple[tuple[str, Any, int], ...] = (
    ("STREAM.MSG.DELETE.{a}", {"seq": 99}, 10109),
    ("STREAM.MSG.DELETE.{a}", "", 10003),
    ("STREAM.PURGE.{a}", {"seq": 1, "keep": 1}, 10003),
    ("STREAM.PURGE.{a}", {"filter": "a..b"}, 10109),
)


@case("JS-API-009", config="jetstream", deliveries=False)
def test_a_request_that_wants_a_newer_server_has_no_effect(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.goes(f"{stream}x")
    js.publish(stream, "hello")
    before = js.info(stream)
    for endpoint, body in REQUESTS:
        for level in TOO_HIGH:
            error = js.refused(
                filled(endpoint, s=stream), 10185, filled(body, s=stream), {FIELD: level}
            )["error"]
            assert error["code"] == 412, (endpoint, level)
    after = js.info(stream)
    assert (after["config"], after["state"]) == (before["config"], before["state"])
    js.refused(f"STREAM.INFO.{stream}x", 10059)


@case("JS-API-009", config="jetstream", deliveries=False)
def test_the_server_s_own_level_is_enough(nats: Nats) -> None:
    js = nats.jetstream()
    level = js.request("INFO")["api"]["level"]
    assert js.connection.info["api_lvl"] == level
    for enough in (*LOW, str(level), ""):
        js.request("STREAM.NAMES", None, {FIELD: enough})
    js.refused("STREAM.NAMES", 10185, None, {FIELD: str(level + 1)})
    js.request("STREAM.NAMES", None, {FIELD.lower(): "99"})


@case("JS-API-009", config="jetstream", deliveries=False)
def test_each_request_does_what_it_should_at_a_low_level(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.goes(f"{stream}x")
    js.publish(stream, "hello")
    for endpoint, body in REQUESTS:
        js.request(filled(endpoint, s=stream), filled(body, s=stream), {FIELD: "1"})


@case("JS-API-008", config="jetstream", deliveries=False)
def test_the_first_thing_that_is_wrong_is_told(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    none = js.name("S")
    for endpoint, body, headers, err_code in FIRST:
        names = {"s": none, "a": stream}
        js.refused(filled(endpoint, **names), err_code, filled(body, **names), headers)
    js.request(f"STREAM.UPDATE.{stream}", {"name": stream, "storage": "memory", "sealed": True})
    for endpoint, body, err_code in FIRST_OF_SEALED:
        js.refused(filled(endpoint, a=stream), err_code, body)
