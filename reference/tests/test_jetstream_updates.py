"""What of a stream may change, and what comes of it."""

from __future__ import annotations

import pytest
from asking import Asker, serve

S = 1_000_000_000


@pytest.fixture
def asker(world, tmp_path):
    return Asker(serve(world, tmp_path))


UPDATES = [
    ({}, {"storage": "file"}, "stream configuration update can not change storage type"),
    ({}, {"retention": "workqueue"}, "stream configuration update can not change retention policy to/from workqueue"),
    ({"retention": "workqueue"}, {}, "stream configuration update can not change retention policy to/from workqueue"),
    ({"deny_delete": True}, {}, "stream configuration update can not cancel deny message deletes"),
    ({"deny_purge": True}, {}, "stream configuration update can not cancel deny purge"),
    ({"allow_msg_ttl": True}, {}, "message TTL status can not be disabled"),
    ({}, {"allow_msg_counter": True}, "stream configuration update can not change message counter setting"),
    ({"allow_msg_schedules": True}, {"allow_rollup_hdrs": True}, "message schedules can not be disabled"),
    ({"storage": "file"}, {"storage": "file", "persist_mode": "async"}, "stream configuration update can not change persist mode"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "text"), UPDATES)
def test_what_can_not_change(asker, before, after, text):
    config = asker.create("A", **before)
    said = {"name": "A", "storage": "memory"} | after
    assert asker.why("STREAM.UPDATE.A", said) == (10052, text)
    assert asker.request("STREAM.INFO.A")["config"] == config


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"retention": "interest"}),
        ({"retention": "interest"}, {}),
        ({}, {"subjects": ["x", "y"], "max_msgs": 5, "max_consumers": 6, "discard": "new"}),
        ({"allow_rollup_hdrs": True}, {}),
        ({"allow_atomic": True}, {"allow_batched": True}),
        ({"subject_delete_marker_ttl": 5 * S}, {"subject_delete_marker_ttl": S}),
        ({}, {"mirror_direct": True}),
        ({}, {"consumer_limits": {"max_ack_pending": 5}, "compression": "s2", "description": "x"}),
        ({"mirror": {"name": "O"}}, {"subjects": ["x"]}),
        ({"mirror": {"name": "O"}}, {"mirror": {"name": "O"}}),
    ],
)
def test_what_can_change(asker, before, after):
    asker.create("A", **before)
    config = asker.request("STREAM.UPDATE.A", {"name": "A", "storage": "memory"} | after)["config"]
    assert {name: config[name] for name in after} == after


def test_a_mirror_is_not_added_or_changed(asker):
    asker.create("A", mirror={"name": "O"})
    said = {"name": "A", "storage": "memory"}
    assert asker.refused("STREAM.UPDATE.A", said | {"mirror": {"name": "P"}}) == 10055
    assert asker.request("STREAM.UPDATE.A", said)["config"]["subjects"] == ["A"]
    assert asker.refused("STREAM.UPDATE.A", said | {"mirror": {"name": "O"}}) == 10055


def test_an_update_replaces_everything(asker):
    asker.create("A", subjects=["x"], max_msgs=5, description="d", metadata={"a": "b"})
    config = asker.request("STREAM.UPDATE.A", {"name": "A", "storage": "memory"})["config"]
    assert config["subjects"] == ["A"]
    assert config["max_msgs"] == -1
    assert "description" not in config
    assert "a" not in config["metadata"]
    assert asker.publish("A") == {"stream": "A", "seq": 1}
    assert asker.all("x")[0].status == "503"


def test_sealing(asker):
    asker.create("A", allow_rollup_hdrs=True, max_age=S)
    said = {
        "name": "A",
        "storage": "memory",
        "sealed": True,
        "max_age": S,
        "allow_rollup_hdrs": True,
    }
    config = asker.request("STREAM.UPDATE.A", said)["config"]
    told = ("max_age", "discard", "deny_delete", "deny_purge", "allow_rollup_hdrs")
    assert [config[name] for name in told] == [0, "new", True, True, False]
    unsealed = said | {
        "sealed": False,
        "deny_delete": True,
        "deny_purge": True,
        "allow_rollup_hdrs": False,
    }
    assert asker.refused("STREAM.UPDATE.A", unsealed) == 10052
    assert asker.publish("A")["error"]["err_code"] == 10109
    assert asker.request("STREAM.DELETE.A") == {"type": "io.nats.jetstream.api.v1.stream_delete_response", "success": True}  # fmt: skip


def test_limits_bite_at_once(asker):
    asker.create("A", subjects=["a.*"])
    for number in range(10):
        asker.publish(f"a.{number % 3}")
    said = {"name": "A", "storage": "memory", "subjects": ["a.*"], "max_msgs": 4}
    state = asker.request("STREAM.UPDATE.A", said)["state"]
    assert (state["messages"], state["first_seq"], state["last_seq"]) == (4, 7, 10)
