"""The endpoints of streams: pages, information, messages, advisories, domains; and their return."""

from __future__ import annotations

import base64

import pytest
from asking import Asker, messages, serve

from nats_reference.jetstream.api import paging, streams

WHOLE = {"messages", "bytes", "first_seq", "first_ts", "last_seq", "last_ts", "consumer_count"}


@pytest.fixture
def asker(world, tmp_path):
    return Asker(serve(world, tmp_path))


def test_pages(asker, monkeypatch):
    monkeypatch.setattr(paging, "NAMES", 4)
    monkeypatch.setattr(paging, "LISTED", 3)
    assert asker.request("STREAM.NAMES")["streams"] is None
    assert asker.request("STREAM.LIST")["streams"] == []
    for number in (5, 3, 1, 2, 4):
        asker.create(f"S{number}", subjects=[f"s.{number}"])
    asker.create("M", mirror={"name": "S1"})
    everybody = ["M", "S1", "S2", "S3", "S4", "S5"]
    for offset, begin in ((0, 0), (2, 2), (-3, 0), (99, 6)):
        names = asker.request("STREAM.NAMES", {"offset": offset})
        assert names["streams"] == (everybody[begin : begin + 4] or None)
        assert (names["total"], names["offset"], names["limit"]) == (6, begin, 4)
        listed = asker.request("STREAM.LIST", {"offset": offset})
        assert [each["config"]["name"] for each in listed["streams"]] == everybody[
            begin : begin + 3
        ]
    assert asker.request("STREAM.NAMES", "garbage")["total"] == 6
    for subject, found in (("s.1", ["S1"]), ("s.*", everybody[1:5]), ("x", None), ("s..1", None)):
        assert asker.request("STREAM.NAMES", {"subject": subject})["streams"] == found
    answer = asker.ask("STREAM.LIST", {"colour": 1})
    assert answer["error"]["err_code"] == 10025
    assert (answer["total"], answer["streams"]) == (0, [])


def test_information(asker, monkeypatch):
    monkeypatch.setattr(streams, "SUBJECTS", 2)
    asker.create("A", subjects=["a.*"])
    info = asker.request("STREAM.INFO.A")
    assert list(info) == ["type", "total", "offset", "limit", "config", "created", "state", "cluster", "ts"]  # fmt: skip
    assert info["cluster"] == {"leader": asker.world.server.name}
    assert info["state"]["first_ts"] == info["state"]["last_ts"] == "0001-01-01T00:00:00Z"
    for number in range(6):
        asker.publish(f"a.{number % 3}")
    assert set(asker.state("A")) == WHOLE | {"num_subjects"}
    for body, subjects, told in (
        ({"subjects_filter": "a.1"}, {"a.1": 2}, (1, 0, 2)),
        ({"subjects_filter": ">"}, {"a.0": 2, "a.1": 2}, (3, 0, 2)),
        ({"subjects_filter": ">", "offset": 2}, {"a.2": 2}, (3, 2, 2)),
        ({"subjects_filter": ">", "offset": 9}, None, (3, 9, 2)),
        ({"subjects_filter": ">", "offset": -9}, {"a.0": 2, "a.1": 2}, (3, 0, 2)),
        ({"subjects_filter": "x"}, None, (0, 0, 0)),
        ({"offset": 5}, None, (0, 0, 0)),
    ):
        info = asker.request("STREAM.INFO.A", body)
        assert info["state"].get("subjects") == subjects
        assert (info["total"], info["offset"], info["limit"]) == told
    asker.request("STREAM.MSG.DELETE.A", {"seq": 3})
    assert asker.state("A")["num_deleted"] == 1
    assert "deleted" not in asker.state("A")
    assert asker.state("A", deleted_details=True)["deleted"] == [3]
    assert asker.refused("STREAM.INFO.B") == 10059


def test_messages_are_read_in_json(asker):
    asker.create("A", subjects=["a.*"])
    asker.publish("a.1", "one", {"Key": "v"})
    asker.publish("a.2", "")
    asker.publish("a.1", "three")

    def got(**selector):
        return asker.request("STREAM.MSG.GET.A", selector)["message"]

    first = got(seq=1)
    assert list(first) == ["subject", "seq", "hdrs", "data", "time"]
    assert base64.b64decode(first["hdrs"]) == b"NATS/1.0\r\nKey: v\r\n\r\n"
    assert base64.b64decode(first["data"]) == b"one"
    assert list(got(seq=2)) == ["subject", "seq", "time"]
    assert "hdrs" not in got(seq=1, no_hdr=True)
    long_ago = "2020-01-01T00:00:00Z"
    for selector, seq in (
        ({"last_by_subj": "a.1"}, 3),
        ({"last_by_subj": "a.*"}, 3),
        ({"next_by_subj": "a.2"}, 2),
        ({"next_by_subj": "a.1", "seq": 2}, 3),
        ({"start_time": long_ago}, 1),
        ({"start_time": long_ago, "next_by_subj": "a.2"}, 2),
        ({"seq": 1, "multi_last": ["a.1"]}, 1),
        ({"seq": 1, "batch": -1, "max_bytes": -1}, 1),
    ):
        assert got(**selector)["seq"] == seq
    for selector in (
        {"seq": 9},
        {"last_by_subj": "x"},
        {"next_by_subj": "a.2", "seq": 3},
        {"start_time": "2099-01-01T00:00:00Z"},
    ):
        assert asker.refused("STREAM.MSG.GET.A", selector) == 10037
    for selector in (
        "",
        {"seq": 0},
        {"seq": 1, "last_by_subj": "a.1"},
        {"seq": 1, "start_time": long_ago},
        {"last_by_subj": "a.1", "next_by_subj": "a.1"},
        {"seq": 1, "batch": 2},
        {"seq": 1, "max_bytes": 2},
        {"multi_last": ["a.1"]},
    ):
        assert asker.refused("STREAM.MSG.GET.A", selector) == 10003
    assert asker.refused("STREAM.MSG.GET.B", {"seq": 1}) == 10059


def test_messages_are_deleted_and_purged(asker):
    asker.create("A", subjects=["a.*"])
    for number in range(6):
        asker.publish(f"a.{number % 2}")
    assert asker.refused("STREAM.MSG.DELETE.A") == 10003
    assert asker.request("STREAM.MSG.DELETE.A", {"seq": 2, "no_erase": True})["success"] is True
    assert asker.refused("STREAM.MSG.DELETE.A", {"seq": 2}) == 10043
    assert asker.refused("STREAM.PURGE.B", {"seq": 1, "keep": 1}) == 10003
    assert asker.refused("STREAM.PURGE.B") == 10059
    for body, purged in (
        ({"filter": "a..b"}, 0),
        ({"filter": "a.1", "keep": 1}, 1),
        ({"seq": 3}, 1),
        ("garbage", 3),
    ):
        assert asker.request("STREAM.PURGE.A", body) == {
            "type": "io.nats.jetstream.api.v1.stream_purge_response",
            "success": True,
            "purged": purged,
        }
    asker.request(
        "STREAM.UPDATE.A",
        {"name": "A", "storage": "memory", "deny_purge": True, "deny_delete": True},
    )
    assert asker.refused("STREAM.PURGE.A") == 10110
    assert asker.refused("STREAM.MSG.DELETE.A", {"seq": 9}) == 10057


def test_deleting_streams(asker):
    asker.create("A")
    for body in ("x", "null", "[]", {"a": 1}, "{}{}"):
        assert asker.refused("STREAM.DELETE.A", body) == 10038
    assert asker.request("STREAM.DELETE.A", "{ }")["success"] is True
    assert asker.refused("STREAM.DELETE.A") == 10059
    assert asker.all("A")[0].status == "503"


def test_calls_are_counted(asker):
    def api():
        return asker.request("INFO")["api"]

    assert api() == {"level": 5, "total": 0, "errors": 0}
    asker.create("A")
    asker.publish("A")
    assert api() == {"level": 5, "total": 2, "errors": 0}
    asker.request("STREAM.MSG.GET.A", {"seq": 1})
    assert api()["total"] == 3, "reading doesn't count"
    assert asker.refused("STREAM.MSG.GET.A", {"seq": 2}) == 10037
    assert asker.refused("STREAM.MSG.DELETE.A", {"seq": 2}) == 10043
    assert asker.refused("STREAM.DELETE.B") == 10059
    assert api() == {"level": 5, "total": 7, "errors": 2}, "nothing to delete is no failure"


def test_advisories(world, tmp_path):
    served = serve(world, tmp_path)
    asker, listener = Asker(served, name="me", lang="x", version="1"), served.client()
    listener.say(b"SUB $JS.EVENT.ADVISORY.> 1\r\n")

    def heard():
        return [(each.subject.removeprefix("$JS.EVENT.ADVISORY."), each.json) for each in messages(listener.take())]  # fmt: skip

    asker.create("A")
    (made, action), (audited, audit) = heard()
    assert (made, audited) == ("STREAM.CREATED.A", "API")
    assert {"stream": "A", "action": "create"}.items() <= action.items()
    assert list(action) == ["type", "id", "timestamp", "stream", "action"]
    assert list(audit) == [
        "type",
        "id",
        "timestamp",
        "server",
        "client",
        "subject",
        "request",
        "response",
    ]
    assert audit["subject"] == "$JS.API.STREAM.CREATE.A"
    assert {"host": "127.0.0.1", "acc": "$G", "name": "me", "kind": "Client"}.items() <= audit[
        "client"
    ].items()
    asker.request("STREAM.CREATE.A", {"name": "A", "storage": "memory"})
    assert [subject for subject, _ in heard()] == ["API"]
    asker.request("STREAM.UPDATE.A", {"name": "A", "storage": "memory"})
    assert [subject for subject, _ in heard()] == ["STREAM.UPDATED.A", "API"]
    asker.publish("A")
    asker.request("STREAM.MSG.GET.A", {"seq": 1})
    asker.all("$JS.API.DIRECT.GET.A", {"seq": 1})
    asker.all("$JS.API.FOO")
    assert heard() == []
    asker.refused("STREAM.MSG.GET.A", {"seq": 2})
    asker.say("$JS.API.STREAM.DELETE.A")
    told = heard()
    assert [subject for subject, _ in told] == ["API", "STREAM.DELETED.A", "API"]
    assert "request" not in told[2][1]
    assert len({each["id"] for _, each in told}) == 3


def test_a_stream_may_keep_advisories(asker):
    asker.create("E", subjects=["$JS.EVENT.ADVISORY.STREAM.>"])
    asker.create("A")
    assert asker.state("E", subjects_filter=">")["subjects"] == {
        "$JS.EVENT.ADVISORY.STREAM.CREATED.A": 1,
        "$JS.EVENT.ADVISORY.STREAM.CREATED.E": 1,
    }


def test_a_domain(world, tmp_path):
    served = serve(world, tmp_path, domain="HUB")
    asker = Asker(served)
    assert (asker.client.info["jetstream"], asker.client.info["domain"]) == (True, "HUB")

    def there(endpoint, body=b""):
        (only,) = asker.all(f"$JS.HUB.API.{endpoint}", body)
        return only

    created = there("STREAM.CREATE.A", {"name": "A", "allow_direct": True}).json
    assert "domain" not in created
    assert there("STREAM.INFO.A").json["domain"] == "HUB"
    assert asker.request("STREAM.UPDATE.A", {"name": "A", "allow_direct": True})["domain"] == "HUB"
    assert there("STREAM.LIST").json["streams"][0]["domain"] == "HUB"
    assert asker.request("INFO")["domain"] == "HUB"
    assert asker.publish("A") == {"stream": "A", "domain": "HUB", "seq": 1}
    assert there("DIRECT.GET.A", {"seq": 1}).field("Nats-Sequence") == "1"
    assert there("DIRECT.GET.B", {"seq": 1}).field("Nats-Subject") == "$JS.API.DIRECT.GET.B"
    assert there("FOO").field("Nats-Subject") == "$JS.HUB.API.FOO"
    assert asker.all("$JS.HUB.API.STREAM.FOO") == []
    assert asker.all("$JS.OTHER.API.INFO")[0].status == "503"
    asker.create("K", subjects=["$KV.K.>"])
    assert there("$KV.K.key", "v").json == {"stream": "K", "domain": "HUB", "seq": 1}


def test_streams_come_back(world, tmp_path):
    served = serve(world, tmp_path)
    asker = Asker(served)
    asker.create("A", storage="file", subjects=["a.*"], max_bytes=5000, metadata={"a": "b"})
    asker.create("M")
    asker.publish("a.1", "one")
    before = asker.request("STREAM.INFO.A")
    served.server.close_jetstream()
    again = Asker(serve(world, tmp_path))
    assert again.request("STREAM.NAMES")["streams"] == ["A"]
    after = again.request("STREAM.INFO.A")
    for member in ("config", "created", "state"):
        assert after[member] == before[member]
    assert again.request("INFO")["reserved_storage"] == 5000
    assert again.publish("a.2") == {"stream": "A", "seq": 2}
    assert again.refused("STREAM.CREATE.B", {"name": "B", "subjects": ["a.x"]}) == 10065


def test_a_damaged_stream_is_told_of_and_left_alone(world, tmp_path):
    served = serve(world, tmp_path)
    asker = Asker(served)
    for name in "AB":
        asker.create(name, storage="file")
        asker.publish(name)
    served.server.close_jetstream()
    file = tmp_path / "jetstream" / "$G" / "streams" / "A" / "stream.db"
    file.write_bytes(b"nonsense" + file.read_bytes()[8:])
    damaged = file.read_bytes()
    served = serve(world, tmp_path)
    again = Asker(served)
    listed = again.request("STREAM.LIST")
    assert [each["config"]["name"] for each in listed["streams"]] == ["B"]
    assert (listed["total"], listed["missing"]) == (2, ["A"])
    assert again.request("STREAM.NAMES")["streams"] == ["A", "B"]
    assert again.request("STREAM.NAMES", {"subject": ">"})["streams"] == ["B"]
    again.world.server.jetstream.accounts["$G"].streams["B"].offline = "broken"
    assert again.request("STREAM.LIST")["offline"].keys() == {"A", "B"}
    assert again.refused("STREAM.INFO.B") == 10194
    again.world.server.jetstream.accounts["$G"].streams["B"].offline = ""
    assert str(file) in listed["offline"]["A"]
    assert str(file) in served.logged.getvalue()
    for endpoint in ("STREAM.INFO.A", "STREAM.PURGE.A", "STREAM.DELETE.A"):
        assert again.refused(endpoint) == 10194
    assert again.refused("STREAM.CREATE.A", {"name": "A"}) == 10194
    served.server.close_jetstream()
    assert file.read_bytes() == damaged
