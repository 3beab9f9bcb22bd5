"""Chapter 110: what is told of a stream."""

from __future__ import annotations

import json
from typing import Any

from nats_conformance.cases import Nats, case

ZERO = {"total": 0, "offset": 0, "limit": 0}
LIMIT = 100_000


def paging(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in ZERO}


@case("JS-STREAM-009", config="jetstream", deliveries=False)
def test_info_tells_all_of_a_stream(nats: Nats) -> None:
    js = nats.jetstream()
    told = js.created(description="d", subjects=[js.name()])
    stream = told["config"]["name"]
    info = js.info(stream)
    assert set(info) - {"ts", "alternates"} == {
        "type",
        "config",
        "created",
        "state",
        "cluster",
        *ZERO,
    }
    assert (info["config"], info["created"]) == (told["config"], told["created"])
    assert paging(info) == ZERO
    greeting = js.connection.info
    assert info["cluster"] == {"leader": greeting.get("server_name", greeting["server_id"])}
    js.publish(info["config"]["subjects"][0], "hello")
    js.consumer(stream, "c", ack_policy="explicit")
    state = js.state(stream)
    assert (state["messages"], state["first_seq"], state["last_seq"]) == (1, 1, 1)
    assert (state["num_subjects"], state["consumer_count"]) == (1, 1)
    assert state["first_ts"] == state["last_ts"] > told["created"]


@case("JS-STREAM-009", config="jetstream", deliveries=False)
def test_created_stays_what_it_is(nats: Nats) -> None:
    js = nats.jetstream()
    told = js.created()
    stream = told["config"]["name"]
    body = {"name": stream, "storage": "memory", "max_msgs": 5}
    updated = js.request(f"STREAM.UPDATE.{stream}", body)
    assert updated["created"] == told["created"] == js.info(stream)["created"]
    listed = js.request("STREAM.LIST", {"subject": stream})["streams"][0]
    assert listed["created"] == told["created"]
    assert listed["config"]["max_msgs"] == updated["config"]["max_msgs"] == 5


@case("JS-STREAM-010", config="jetstream", deliveries=False)
def test_metadata_tells_version_and_level(nats: Nats) -> None:
    js = nats.jetstream()
    told = js.created(metadata={"a": "b"}, allow_msg_ttl=True)
    stream = told["config"]["name"]
    wanted = {
        "a": "b",
        "_nats.ver": js.connection.info["version"],
        "_nats.level": str(js.request("INFO")["api"]["level"]),
        "_nats.req.level": "1",
    }
    body = {"name": stream, "storage": "memory", "metadata": {"a": "b"}, "allow_msg_ttl": True}
    for answer in (told, js.request(f"STREAM.UPDATE.{stream}", body), js.info(stream)):
        assert answer["config"]["metadata"] == wanted
    listed = js.request("STREAM.LIST", {"subject": stream})["streams"][0]
    assert listed["config"]["metadata"] == {"a": "b", "_nats.req.level": "1"}


@case("JS-STREAM-012", config="jetstream", deliveries=False)
def test_subjects_are_counted_that_a_filter_matches(nats: Nats) -> None:
    js = nats.jetstream()
    word = js.name()
    stream = js.create(subjects=[f"{word}.>"])
    for tail in ("a", "a", "a.x", "b.x", "b.y", "a"):
        js.publish(f"{word}.{tail}")
    for pattern, counts in (
        (">", {"a": 3, "a.x": 1, "b.x": 1, "b.y": 1}),
        (f"{word}.*", {"a": 3}),
        (f"{word}.*.x", {"a.x": 1, "b.x": 1}),
        (f"{word}.a.>", {"a.x": 1}),
        (f"{word}.b.y", {"b.y": 1}),
    ):
        info = js.info(stream, subjects_filter=pattern)
        whole = {f"{word}.{tail}": count for tail, count in counts.items()}
        assert info["state"]["subjects"] == whole, pattern
        assert paging(info) == {"total": len(counts), "offset": 0, "limit": LIMIT}
    for pattern in (f"{word}.c", word, f"{word}.b", "a..b", ""):
        info = js.info(stream, subjects_filter=pattern, offset=7)
        assert "subjects" not in info["state"], pattern
        assert paging(info) == ZERO, pattern
    js.request(f"STREAM.PURGE.{stream}", {"filter": f"{word}.a"})
    subjects = js.state(stream, subjects_filter=f"{word}.>")["subjects"]
    assert subjects == {f"{word}.{tail}": 1 for tail in ("a.x", "b.x", "b.y")}


@case("JS-STREAM-013", config="jetstream", deliveries=False, limit=120)
def test_subjects_come_sorted_and_in_pages(nats: Nats) -> None:
    js = nats.jetstream()
    word = js.name()
    stream = js.create(subjects=[f"{word}.*"])
    total = 100_010 if nats.budget == "thorough" else 60
    subjects = [f"{word}.{number:06}" for number in range(total)]
    nats.random.shuffle(subjects)
    for start in range(0, total, 5000):
        part = subjects[start : start + 5000]
        js.connection.send("".join(f"PUB {subject} 0\r\n\r\n" for subject in part))
        js.barrier()
    subjects.sort()
    for offset in (0, 3, total - 4, total, total + 1, 10**9):
        page = js.info(stream, subjects_filter=f"{word}.*", offset=offset)
        assert paging(page) == {"total": total, "offset": offset, "limit": LIMIT}
        shown = list(page["state"].get("subjects", ()))
        assert shown == subjects[offset : offset + LIMIT]
        assert ("subjects" in page["state"]) is bool(shown)


@case("JS-STREAM-014", config="jetstream", deliveries=False)
def test_deleted_sequences_are_listed_on_request(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(storage=storage)
        for _ in range(12):
            js.publish(stream)
        assert "num_deleted" not in js.state(stream)
        for seq in (9, 4, 12, 3, 1):
            js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": seq})
        deleted = [3, 4, 9, 12]
        state = js.state(stream, deleted_details=True)
        assert (state["num_deleted"], state["deleted"]) == (4, deleted)
        assert (state["first_seq"], state["last_seq"], state["messages"]) == (2, 12, 7)
        for body in ({}, {"deleted_details": False}):
            state = js.state(stream, **body)
            assert state["num_deleted"] == 4
            assert "deleted" not in state
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 2})
        assert js.state(stream, deleted_details=True)["deleted"] == [9, 12]
        js.request(f"STREAM.PURGE.{stream}")
        state = js.state(stream, deleted_details=True)
        assert not {"deleted", "num_deleted"} & set(state), json.dumps(state)
