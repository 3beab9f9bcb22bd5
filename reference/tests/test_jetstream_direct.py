"""Direct get: messages as they are stored, and statuses."""

from __future__ import annotations

import pytest
from asking import Asker, serve

from nats_reference.jetstream import direct

LONG_AGO, FAR_OFF = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


@pytest.fixture(params=["memory", "file"])
def asker(request, world, tmp_path):
    """`a.0`, `a.1`, `a.2` and so on, ten in all; the fifth is deleted, every fourth has a header."""
    made = Asker(serve(world, tmp_path))
    made.create("S", storage=request.param, subjects=["a.*"], allow_direct=True)
    for number in range(10):
        headers = {"Key": "v"} if number % 4 == 0 else None
        made.publish(f"a.{number % 3}", f"p{number + 1}", headers)
    made.request("STREAM.MSG.DELETE.S", {"seq": 5})
    return made


def get(asker, body="", subject=""):
    """What comes back."""
    return asker.all(".".join(filter(None, ("$JS.API.DIRECT.GET.S", subject))), body)


def sequences(found):
    return [int(each.field("Nats-Sequence")) for each in found if not each.status]


def test_what_a_message_says_of_itself(asker):
    (first,) = get(asker, {"seq": 1})
    assert first.payload == b"p1"
    lines = first.headers.decode().split("\r\n")
    assert lines[:5] == ["NATS/1.0", "Key: v", "Nats-Stream: S", "Nats-Subject: a.0", "Nats-Sequence: 1"]  # fmt: skip
    stored = asker.request("STREAM.MSG.GET.S", {"seq": 1})["message"]
    assert lines[5:] == [f"Nats-Time-Stamp: {stored['time']}", "", ""]
    (bare,) = get(asker, {"seq": 1, "no_hdr": True})
    assert (bare.headers, bare.payload) == (b"", b"p1")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"seq": 2}, 2),
        ({"last_by_subj": "a.1"}, 8),
        ({"last_by_subj": "a.*"}, 10),
        ({"next_by_subj": "a.1"}, 2),
        ({"next_by_subj": "a.1", "seq": 3}, 8),
        ({"start_time": LONG_AGO}, 1),
        ({"start_time": LONG_AGO, "next_by_subj": "a.2"}, 3),
        ({"seq": 2, "colour": "red"}, 2),
        ({"SEQ": 2}, 2),
        ({"seq": 2, "max_bytes": 1}, 2),
        ({"seq": 2, "up_to_seq": 1}, 2),
    ],
)
def test_which_message_is_meant(asker, body, found):
    assert sequences(get(asker, body)) == [found]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", "408 Empty Request"),
        ("{}", "408 Empty Request"),
        ({"batch": 2}, "408 Empty Request"),
        ({"up_to_seq": 2}, "408 Empty Request"),
        ("{bad", "408 Malformed Request"),
        ({"seq": "1"}, "408 Malformed Request"),
        ('{"seq":1}{"seq":2}', "408 Malformed Request"),
        ({"seq": 1, "last_by_subj": "a.1"}, "408 Bad Request"),
        ({"seq": 1, "start_time": LONG_AGO}, "408 Bad Request"),
        ({"last_by_subj": "a.1", "start_time": LONG_AGO}, "408 Bad Request"),
        ({"last_by_subj": "a.1", "next_by_subj": "a.1"}, "408 Bad Request"),
        ({"last_by_subj": "a.1", "batch": 2}, "408 Bad Request"),
        ({"last_by_subj": "a.1", "multi_last": ["a.1"]}, "408 Bad Request"),
        ({"next_by_subj": "a.1", "multi_last": ["a.1"]}, "408 Bad Request"),
        ({"multi_last": ["a.1"], "up_to_seq": 1, "up_to_time": FAR_OFF}, "408 Bad Request"),
        ({"seq": 5}, "404 Message Not Found"),
        ({"seq": 99}, "404 Message Not Found"),
        ({"last_by_subj": "x"}, "404 Message Not Found"),
        ({"next_by_subj": "a.1", "seq": 9}, "404 Message Not Found"),
        ({"start_time": FAR_OFF}, "404 Message Not Found"),
        ({"seq": 50, "batch": 2}, "404 Message Not Found"),
        ({"multi_last": ["x"]}, "404 No Results"),
        ({"multi_last": ["a.*"], "up_to_time": LONG_AGO}, "404 No Results"),
    ],
)
def test_statuses(asker, body, status):
    (only,) = get(asker, body)
    assert (only.status, only.payload) == (status, b"")


def test_the_subject_in_the_subject(asker):
    assert sequences(get(asker, "", "a.1")) == [8]
    assert sequences(get(asker, {"no_hdr": False, "max_bytes": 1, "seq": 0}, "a.*")) == [10]
    assert get(asker, {"no_hdr": True}, "a.1")[0].payload == b"p8"
    assert get(asker, "", "x")[0].status == "404 Message Not Found"
    for body in (
        {"seq": 1},
        {"batch": 1},
        {"last_by_subj": "a.1"},
        {"up_to_seq": 3},
        {"start_time": LONG_AGO},
    ):
        assert get(asker, body, "a.1")[0].status == "408 Bad Request"
    assert get(asker, "{", "a.1")[0].status == "408 Malformed Request"


@pytest.mark.parametrize(
    ("body", "found", "pending"),
    [
        ({"seq": 4, "batch": 3}, [4, 6, 7], 3),
        ({"seq": 1, "batch": 100}, [1, 2, 3, 4, 6, 7, 8, 9, 10], 0),
        ({"next_by_subj": "a.1", "batch": 2}, [2, 8], 0),
        ({"next_by_subj": "a.1", "batch": 1}, [2], 1),
        ({"next_by_subj": "a.*", "seq": 9, "batch": 5}, [9, 10], 0),
        ({"start_time": LONG_AGO, "batch": 2}, [1, 2], 7),
        ({"seq": 1, "batch": 5, "max_bytes": 1}, [1], 8),
        ({"seq": 2, "batch": 5, "max_bytes": 6}, [2, 3], 6),
        ({"seq": 2, "batch": 5, "max_bytes": -6}, [2], 7),
        ({"seq": 1, "batch": -1}, [], 9),
    ],
)
def test_several_in_a_row(asker, body, found, pending):
    *told, end = get(asker, body)
    assert sequences(told) == found
    before = [0, *found]
    assert [int(each.field("Nats-Last-Sequence")) for each in told] == before[:-1]
    assert end.status == "204 EOB"
    assert int(end.field("Nats-Num-Pending")) == pending
    assert int(end.field("Nats-Last-Sequence")) == before[-1]
    assert end.field("Nats-UpTo-Sequence") is None


def test_without_headers_the_end_says_what_is_left(asker):
    *told, end = get(asker, {"seq": 1, "batch": 3, "no_hdr": True})
    assert [(each.headers, each.payload) for each in told] == [(b"", b"p1"), (b"", b"p2"), (b"", b"p3")]  # fmt: skip
    assert end.field("Nats-Num-Pending") == "6"


@pytest.mark.parametrize(
    ("body", "found", "pending", "upto"),
    [
        ({"multi_last": ["a.*"]}, [8, 9, 10], 0, 10),
        ({"multi_last": ["a.1", "a.2", "a.*"]}, [8, 9, 10], 0, 10),
        ({"multi_last": ["a.*"], "up_to_seq": 4}, [2, 3, 4], 0, 4),
        ({"multi_last": ["a.*"], "batch": 2}, [8, 9], 1, 10),
        ({"multi_last": ["a.*"], "seq": 9}, [9, 10], 0, 10),
        ({"multi_last": ["a.*"], "seq": 11}, [], 0, 10),
        ({"multi_last": ["a.*"], "max_bytes": 1}, [8], 2, 10),
        ({"multi_last": ["a.*"], "up_to_time": FAR_OFF}, [8, 9, 10], 0, 10),
        ({"multi_last": ["a.*"], "start_time": LONG_AGO}, [8, 9, 10], 0, 10),
        ({"multi_last": ["a.*"], "no_hdr": True}, [8, 9, 10], 0, 10),
    ],
)
def test_the_last_of_each_subject(asker, body, found, pending, upto):
    *told, end = get(asker, body)
    assert sequences(told) == found
    assert end.status == "204 EOB"
    assert int(end.field("Nats-Num-Pending")) == pending
    assert int(end.field("Nats-UpTo-Sequence")) == upto


def test_too_many_subjects(asker, monkeypatch):
    monkeypatch.setattr(direct, "MOST_SUBJECTS", 2)
    (only,) = get(asker, {"multi_last": ["a.*"], "batch": 1})
    assert only.status == "413 Too Many Results"
    assert len(get(asker, {"multi_last": ["a.0", "a.1"]})) == 3


def test_nobody_is_there_unless_it_is_allowed(asker):
    config = asker.request("STREAM.INFO.S")["config"]
    update = {"name": "S", "storage": config["storage"], "subjects": ["a.*"]}
    asker.request("STREAM.UPDATE.S", update)
    assert get(asker, {"seq": 1})[0].status == "503"
    asker.request("STREAM.UPDATE.S", update | {"allow_direct": True})
    assert sequences(get(asker, {"seq": 1})) == [1]
    assert asker.say("$JS.API.DIRECT.GET.S", {"seq": 1}) == b""


def test_reads_see_what_was_published_before(asker):
    said = b"PUB a.9 3\r\nnew\r\nPUB $JS.API.DIRECT.GET.S.a.9 inbox 0\r\n\r\n"
    assert asker.client.say(said).endswith(b"\r\n\r\nnew\r\n")
