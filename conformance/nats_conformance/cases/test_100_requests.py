"""Chapter 100: what an answer looks like, and what is not answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case
from nats_spec.api_errors import entries

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

#: An endpoint, `{s}` being a stream; its request; the type of its answer. All of them succeed, in this order.
CALLS: tuple[tuple[str, Any, str], ...] = (
    ("INFO", None, "account_info"),
    ("STREAM.CREATE.{s}", {"name": "{s}", "storage": "memory"}, "stream_create"),
    ("STREAM.UPDATE.{s}", {"name": "{s}", "storage": "memory", "max_msgs": 9}, "stream_update"),
    ("STREAM.INFO.{s}", None, "stream_info"),
    ("STREAM.NAMES", None, "stream_names"),
    ("STREAM.LIST", None, "stream_list"),
    ("STREAM.MSG.GET.{s}", {"seq": 1}, "stream_msg_get"),
    ("STREAM.MSG.DELETE.{s}", {"seq": 1}, "stream_msg_delete"),
    ("STREAM.PURGE.{s}", None, "stream_purge"),
    ("STREAM.DELETE.{s}", None, "stream_delete"),
)

#: The same for failures, and the err_code.
FAILURES: tuple[tuple[str, Any, str, int], ...] = (
    ("STREAM.CREATE.{s}", {"name": "other"}, "stream_create", 10056),
    ("STREAM.UPDATE.{s}", {"name": "{s}"}, "stream_update", 10059),
    ("STREAM.INFO.{s}", None, "stream_info", 10059),
    ("STREAM.NAMES", "{", "stream_names", 10025),
    ("STREAM.LIST", "{", "stream_list", 10025),
    ("STREAM.MSG.GET.{s}", {"seq": 1}, "stream_msg_get", 10059),
    ("STREAM.MSG.DELETE.{s}", {"seq": 1}, "stream_msg_delete", 10059),
    ("STREAM.PURGE.{s}", None, "stream_purge", 10059),
    ("STREAM.DELETE.{s}", None, "stream_delete", 10059),
    ("STREAM.LEADER.STEPDOWN.{s}", None, "stream_leader_stepdown", 10010),
    ("STREAM.PEER.REMOVE.{s}", None, "stream_remove_peer", 10010),
    ("CONSUMER.LEADER.STEPDOWN.{s}.c", None, "consumer_leader_stepdown", 10010),
)

#: What may stand beside an error.
BESIDE = {"type", "error", "total", "offset", "limit", "streams", "purged", "success"}

#: Endpoints that there are not, `{s}` being a stream that there is.
UNKNOWN = (
    "NOTHING",
    "info",
    "INFO.{s}",
    "STREAM",
    "STREAM.NAME",
    "STREAM.NAMES.{s}",
    "STREAM.LIST.{s}",
    "STREAM.INFO",
    "STREAM.INFO.{s}.more",
    "STREAM.info.{s}",
    "STREAM.CREATE",
    "STREAM.CREATE.{s}.more",
    "STREAM.DELETE",
    "STREAM.PURGE.{s}.more",
    "STREAM.MSG.GET",
    "STREAM.MSG.{s}",
    "STREAM.LEADER.STEPDOWN",
    "CONSUMER.CREATE",
    "CONSUMER.NAMES",
)


def spelled(text: str, stream: str) -> str:
    return text.replace("{s}", stream)


def raw(js: JetStream, endpoint: str, body: Any, stream: str) -> bytes:
    """The bytes of the answer, which is the only one."""
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    message = js.ask(f"$JS.API.{spelled(endpoint, stream)}", spelled(text, stream))
    assert not message.block, "the answer has no headers"
    return message.payload


@case("JS-API-001", "JS-API-002", config="jetstream", deliveries=False)
def test_every_endpoint_answers_once_and_says_what_it_is(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.name("S")
    js.goes(stream)
    for endpoint, body, kind in CALLS:
        if kind == "stream_msg_get":
            js.publish(stream, "hello")
        answer = raw(js, endpoint, body, stream)
        head = b'{"type":"io.nats.jetstream.api.v1.%b_response",' % kind.encode()
        assert answer.replace(b" ", b"").startswith(head), (endpoint, answer)
        assert "error" not in json.loads(answer), (endpoint, answer)
    js.quiet()


@case("JS-API-002", "JS-API-003", "JS-API-004", config="jetstream", deliveries=False)
def test_a_failure_is_an_error_and_nothing_else(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.name("S")
    for endpoint, body, kind, err_code in FAILURES:
        answer = raw(js, endpoint, body, stream)
        head = b'{"type":"io.nats.jetstream.api.v1.%b_response",' % kind.encode()
        assert answer.replace(b" ", b"").startswith(head), (endpoint, answer)
        found = json.loads(answer)
        error = found["error"]
        assert set(error) == {"code", "err_code", "description"}, endpoint
        assert (error["err_code"], error["code"]) == (err_code, entries()[err_code].code), endpoint
        assert isinstance(error["description"], str)
        assert set(found) <= BESIDE, endpoint
        others = set(found) - {"type", "error"}
        assert not any(found[each] for each in others), (endpoint, answer)
    js.quiet()


@case("JS-API-041", config="jetstream", deliveries=False)
def test_a_failure_is_told_in_the_words_of_the_table(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.name("S")
    for endpoint, body, _kind, err_code in FAILURES:
        error = json.loads(raw(js, endpoint, body, stream))["error"]
        assert entries()[err_code].pattern.fullmatch(error["description"]), endpoint


@case("JS-API-001", config="jetstream", deliveries=False)
def test_a_request_without_a_reply_subject_is_carried_out_in_silence(nats: Nats) -> None:
    js, other = nats.jetstream(), nats.jetstream()
    stream = js.create(description="one")
    other.subscribe(f"$JS.EVENT.ADVISORY.STREAM.*.{stream}", "told")
    change = {"name": stream, "storage": "memory", "description": "two"}
    for endpoint, body in ((f"STREAM.UPDATE.{stream}", change), (f"STREAM.DELETE.{stream}", None)):
        js.send(f"$JS.API.{endpoint}", body)
        other.next("told")
        if body:
            assert js.info(stream)["config"]["description"] == "two"
    js.send(f"$JS.API.STREAM.INFO.{stream}")
    js.refused(f"STREAM.INFO.{stream}", 10059)
    js.quiet()


@case("JS-API-005", config="jetstream", deliveries=False)
def test_what_no_endpoint_has_is_not_answered(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for endpoint in UNKNOWN:
        js.send(f"$JS.API.{spelled(endpoint, stream)}", "", None, js.inbox())
        js.send(f"$JS.API.{spelled(endpoint, stream)}", {"name": stream}, None, js.inbox())
    js.quiet()
    outside = js.ask("$JS.API")
    assert outside.status == 503


@case("JS-API-006", deliveries=False)
def test_a_server_without_jetstream_has_no_api(nats: Nats) -> None:
    client = nats.client(headers=True, no_responders=True)
    if client.info.get("jetstream"):
        nats.not_applicable("this server has JetStream in its default configuration")
    inbox = nats.name("in")
    client.send(f"SUB {inbox} 1\r\n")
    for endpoint in ("INFO", "STREAM.NAMES", "STREAM.INFO.x", "NOTHING"):
        client.send(f"PUB $JS.API.{endpoint} {inbox} 0\r\n\r\n")
        got = client.next()
        assert getattr(got, "header", b"").startswith(b"NATS/1.0 503"), endpoint
    client.expect_nothing()
