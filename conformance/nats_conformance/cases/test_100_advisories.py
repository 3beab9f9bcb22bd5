"""Chapter 100: what is told on $JS.EVENT."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case
from nats_conformance.jetstream import checked

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

AUDIT = "$JS.EVENT.ADVISORY.API"

#: Requests about a stream, all of them told; the last one ends it.
TOLD: tuple[tuple[str, Any], ...] = (
    ("STREAM.INFO.{s}", None),
    ("STREAM.INFO.{s}", {"deleted_details": True}),
    ("STREAM.INFO.{s}", "{"),
    ("STREAM.UPDATE.{s}", {"name": "{s}", "storage": "memory"}),
    ("STREAM.UPDATE.{s}", {"name": "other"}),
    ("STREAM.MSG.GET.{s}", {"seq": 99}),
    ("STREAM.MSG.DELETE.{s}", {"seq": 1}),
    ("STREAM.PURGE.{s}", " {} "),
    ("STREAM.LEADER.STEPDOWN.{s}", None),
    ("CONSUMER.NAMES.{s}", None),
    ("STREAM.DELETE.{s}", None),
    ("STREAM.DELETE.{s}", None),
)


def spelled(body: Any, stream: str) -> str:
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return text.replace("{s}", stream)


def audit(js: JetStream, stream: str) -> dict[str, Any]:
    """The next audit of a request that names this stream."""
    while True:
        told = checked(js.next("audit"))
        if stream in told["subject"]:
            return told


def advisory(js: JetStream) -> tuple[str, dict[str, Any]]:
    """Subject and object of the next advisory about a stream."""
    message = js.next("told")
    return message.subject.removeprefix("$JS.EVENT.ADVISORY.STREAM."), checked(message)


@case("JS-EVENT-002", config="jetstream", deliveries=False)
def test_the_life_of_a_stream_is_told(nats: Nats) -> None:
    js, ears = nats.jetstream(), nats.jetstream()
    stream = js.name("S")
    js.goes(stream)
    ears.subscribe(f"$JS.EVENT.ADVISORY.STREAM.*.{stream}", "told")
    config = {"name": stream, "storage": "memory"}
    for call, body, kind, action in (
        ("CREATE", config, "CREATED", "create"),
        ("UPDATE", config | {"max_msgs": 5}, "UPDATED", "modify"),
        ("UPDATE", config | {"max_msgs": 5}, "UPDATED", "modify"),
        ("DELETE", None, "DELETED", "delete"),
        ("CREATE", config, "CREATED", "create"),
    ):
        js.request(f"STREAM.{call}.{stream}", body)
        subject, told = advisory(ears)
        assert (subject, told["type"]) == (
            f"{kind}.{stream}",
            "io.nats.jetstream.advisory.v1.stream_action",
        )
        assert (told["stream"], told["action"]) == (stream, action)
    ears.barrier()
    assert not ears.arrived


@case("JS-EVENT-002", config="jetstream", deliveries=False)
def test_what_changes_nothing_is_not_told(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.subscribe(f"$JS.EVENT.ADVISORY.STREAM.*.{stream}", "told")
    config = {"name": stream, "storage": "memory"}
    js.request(f"STREAM.CREATE.{stream}", config)
    js.refused(f"STREAM.CREATE.{stream}", 10058, config | {"max_msgs": 5})
    js.refused(f"STREAM.UPDATE.{stream}", 10052, {"name": stream, "storage": "file"})
    js.refused(f"STREAM.DELETE.{stream}", 10038, "x")
    js.publish(stream, "x")
    js.request(f"STREAM.PURGE.{stream}")
    js.request(f"STREAM.UPDATE.{stream}", config)
    assert advisory(js)[0] == f"UPDATED.{stream}", "and nothing before"
    js.quiet()


@case("JS-EVENT-001", config="jetstream", deliveries=False)
def test_an_advisory_has_type_id_and_time(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.subscribe(f"$JS.EVENT.ADVISORY.STREAM.*.{stream}", "told")
    js.subscribe(AUDIT, "audit")
    ids = set()
    for number in range(1, 4):
        js.request(f"STREAM.UPDATE.{stream}", {"name": stream, "storage": "memory"})
        for told in (advisory(js)[1], audit(js, stream)):
            assert told["type"].startswith("io.nats.jetstream.advisory.v1.")
            ids.add(told["id"])
            assert told["timestamp"].endswith("Z"), "in UTC"
            when = dt.datetime.fromisoformat(told["timestamp"][:19] + "+00:00")
            now = dt.datetime.now(dt.UTC)
            assert abs((now - when).total_seconds()) < 60
        assert len(ids) == 2 * number, "no advisory has the id of another"


@case("JS-API-036", "JS-EVENT-003", config="jetstream", deliveries=False)
def test_each_answer_is_told_word_by_word(nats: Nats) -> None:
    js = nats.jetstream(name="a client", lang="python", version="1.2.3")
    stream = js.create()
    js.publish(stream, "x")
    js.subscribe(AUDIT, "audit")
    for endpoint, body in TOLD:
        subject, text = f"$JS.API.{endpoint}".replace("{s}", stream), spelled(body, stream)
        answer = js.ask(subject, text)
        told = audit(js, stream)
        assert told["type"] == "io.nats.jetstream.advisory.v1.api_audit"
        assert (told["subject"], told.get("request", "")) == (subject, text)
        assert told["response"] == answer.payload.decode()
        client = told["client"]
        assert (client["acc"], client["name"], client["lang"], client["ver"]) == (
            "$G",
            "a client",
            "python",
            "1.2.3",
        )
        assert client["id"] == js.connection.info["client_id"]
        info = js.connection.info
        assert told["server"] == info.get("server_name", info["server_id"])


@case("JS-API-036", config="jetstream", deliveries=False)
def test_an_answer_that_nobody_waits_for_is_told_and_a_read_message_is_not(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(allow_direct=True)
    js.publish(stream, "x")
    js.subscribe(AUDIT, "audit")
    js.send(f"$JS.API.STREAM.PURGE.{stream}", {"seq": 1})
    assert json.loads(audit(js, stream)["response"])["purged"] == 0
    js.request(f"STREAM.MSG.GET.{stream}", {"seq": 1})
    assert js.direct(stream, {"seq": 1}).payload == b"x"
    assert js.direct(stream, {"seq": 9}).status == 404
    js.send(f"$JS.API.STREAM.INFO.{stream}.more", "", None, js.inbox())
    js.request(f"STREAM.PURGE.{stream}", {"seq": 1})
    assert audit(js, stream)["subject"] == f"$JS.API.STREAM.PURGE.{stream}"


@case("JS-EVENT-008", config="jetstream", deliveries=False)
def test_a_stream_may_keep_advisories(nats: Nats) -> None:
    js = nats.jetstream()
    kept = js.create(subjects=["$JS.EVENT.ADVISORY.>"])
    stream = js.create()
    js.request(f"STREAM.DELETE.{stream}")
    js.subscribe(AUDIT, "audit")
    js.refused(f"STREAM.INFO.{stream}", 10059)
    audit(js, stream)
    subjects = js.state(kept, subjects_filter="$JS.EVENT.ADVISORY.STREAM.>")["subjects"]
    for kind in ("CREATED", "DELETED"):
        assert subjects[f"$JS.EVENT.ADVISORY.STREAM.{kind}.{stream}"] == 1
    message = js.stored(kept, last_by_subj=f"$JS.EVENT.ADVISORY.STREAM.DELETED.{stream}")
    assert json.loads(message["data"])["action"] == "delete"
