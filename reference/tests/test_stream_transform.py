"""Subjects made from subjects, and messages published again."""

from __future__ import annotations

import json

import pytest

from nats_reference.jetstream import times
from nats_reference.jetstream.config import Republish, SubjectTransform
from nats_reference.jetstream.transform import InvalidTransform, compiled

#: Source, destination, subject, what becomes of it: as nats-server 2.15.1 has it.
MADE = [
    ("t.*.*", "T.{{wildcard(2)}}.{{wildcard(1)}}", "t.a.b", "T.b.a"),
    ("t.*.*", "T.$2.$1", "t.a.b", "T.b.a"),
    ("t.*.*", "T.$1.$1", "t.a.b", "T.a.a"),
    ("t.*", "T.{{ Wildcard( 1 ) }}", "t.q", "T.q"),
    ("t.*", "T.x$1", "t.a", "T.x$1"),
    ("t.*", "T.$x", "t.a", "T.$x"),
    ("t.*", "T.{{}}", "t.a", "T.{{}}"),
    ("t.*", "T.x{{wildcard(1)}}", "t.a", "T.x{{wildcard(1)}}"),
    ("t.*", "T.$0", "t.a", "T.t"),
    ("t.*", "T.a", "t.q", "T.a"),
    ("t", "T.x", "t", "T.x"),
    ("t.*.>", "T.$1.z.>", "t.a.b.c", "T.a.z.b.c"),
    ("t.>", "T.k.>", "t", None),
    (">", "U.>", "t.a", "U.t.a"),
    ("", "U.>", "t.a", "U.t.a"),
    ("t.*", "T.{{split(1,-)}}", "t.a-b-c", "T.a.b.c"),
    ("t.*", "T.{{split(1,-)}}", "t.a", "T.a"),
    ("t.*", "T.{{split(1,-)}}", "t.-", "T."),
    ("t.*", "T.{{split(1,-)}}", "t.---", "T."),
    ("t.*", "T.{{split(1,-)}}", "t.-a-", "T.a"),
    ("t.*", "T.{{split(1,-)}}", "t.a--b", "T.a.b"),
    ("t.*", "T.{{split(1,-)}}", "t.--a--b-", "T..a.b"),
    ("t.*", "T.{{split(1,--)}}", "t.a---b", "T.a.-b"),
    ("t.*", "T.{{splitfromleft(1,2)}}", "t.abcde", "T.ab.cde"),
    ("t.*", "T.{{splitFromLeft(1,2)}}", "t.ab", "T.ab"),
    ("t.*", "T.{{splitfromleft(1,9)}}", "t.abc", "T.abc"),
    ("t.*", "T.{{SplitFromRight(1,2)}}", "t.abcde", "T.abc.de"),
    ("t.*", "T.{{SplitFromRight(1,2)}}", "t.a", "T.a"),
    ("t.*", "T.{{SliceFromLeft(1,2)}}", "t.abcde", "T.ab.cd.e"),
    ("t.*", "T.{{SliceFromLeft(1,0)}}", "t.abc", "T.abc"),
    ("t.*", "T.{{SliceFromRight(1,2)}}", "t.abcde", "T.a.bc.de"),
    ("t.*", "T.{{SliceFromRight(1,2)}}", "t.abcd", "T.ab.cd"),
    ("t.*", "T.{{SliceFromRight(1,0)}}", "t.abc", "T.abc"),
    ("t.*", "T.{{left(1,2)}}", "t.abcde", "T.ab"),
    ("t.*", "T.{{left(1,9)}}", "t.abc", "T.abc"),
    ("t.*", "T.{{left(1,-1)}}", "t.abc", "T.abc"),
    ("t.*", "T.{{right(1,2)}}", "t.abcde", "T.de"),
    ("t.*", "T.{{right(1,0)}}", "t.abc", "T.abc"),
    ("t.*", "T.{{partition(5,1)}}", "t.abc", "T.1"),
    ("t.*.*", "T.{{partition(5,1,2)}}", "t.abc.d", "T.3"),
    ("t.*", "T.{{partition(0,1)}}", "t.abc", "T.0"),
    (
        "a.*.*.*",
        "{{partition(100)}}.{{partition(100,2,1)}}.{{partition(100,3)}}",
        "a.x.y.z",
        "51.44.33",
    ),
    (
        "a.*.*.*",
        "{{partition(100)}}.{{partition(100,2,1)}}.{{partition(100,3)}}",
        "a.1.2.3",
        "34.44.82",
    ),
    ("a", "T.{{partition(3)}}", "a", "T.1"),
    ("a", "T.{{partition(3,1)}}", "a", "T.1"),
    ("t.>", "T.{{random(3)}}.>", "t.a", "T.2.a"),
    ("t.*", "T.{{random(0)}}", "t.a", "T.0"),
]


@pytest.mark.parametrize(("source", "destination", "subject", "expected"), MADE)
def test_what_becomes_of_a_subject(source, destination, subject, expected):
    made = compiled(source, destination, lambda bound: bound - 1)(subject.encode())
    assert made == (expected and expected.encode())


def test_without_destination_there_is_no_transform():
    assert compiled("a", "", lambda _bound: 0) is None


MAPPING = "invalid mapping destination: "
REFUSED = {
    ("a.*", "T.{{wildcard()}}"): MAPPING
    + "not enough arguments passed to the function in {{wildcard()}}",
    ("a.*", "T.{{wildcard(x)}}"): MAPPING
    + "function argument is invalid or in the wrong format in {{wildcard(x)}}",
    ("a.*", "T.{{wildcard(1,2)}}"): MAPPING
    + "too many arguments passed to the function in {{wildcard(1,2)}}",
    ("a.*", "T.{{wildcard(2)}}"): MAPPING + "wildcard index out of range in {{wildcard(2)}}: [2]",
    ("a.*", "T.$2"): MAPPING + "wildcard index out of range in $2: [2]",
    ("a", "T.$1"): MAPPING + "wildcard index out of range in $1",
    ("a.*", "T.{{partition()}}"): MAPPING
    + "function argument is invalid or in the wrong format in {{partition()}}",
    ("a.*", "T.{{partition(3,x)}}"): MAPPING
    + "function argument is invalid or in the wrong format in {{partition(3,x)}}",
    ("a.*", "T.{{partition(99999999999,1)}}"): MAPPING
    + "function argument is invalid or in the wrong format in {{partition(99999999999,1)}}",
    ("a.*", "T.{{split(1)}}"): MAPPING
    + "not enough arguments passed to the function in {{split(1)}}",
    ("a.*", "T.{{split(1,-,-)}}"): MAPPING
    + "too many arguments passed to the function in {{split(1,-,-)}}",
    ("a.*", "T.{{split(1,a b)}}"): MAPPING
    + "function argument is invalid or in the wrong format in {{split(1,a b)}}",
    ("a.*", "T.{{left(1,x)}}"): MAPPING
    + "function argument is invalid or in the wrong format in {{left(1,x)}}",
    ("a.*", "T.{{random(1,2)}}"): MAPPING
    + "not enough arguments passed to the function in {{random(1,2)}}",
    ("a.*", "T.{{SPLIT(1,-)}}"): MAPPING + "unknown function in {{SPLIT(1,-)}}",
    ("a.*", "T.{{foo}}"): MAPPING + "unknown function in {{foo}}",
    ("a.*", "T..b"): MAPPING + "invalid transform",
    ("a.*", "T b"): MAPPING + "invalid transform",
    ("a.*", "T.*"): "invalid subject",
    ("a.>", "T.k"): "invalid subject",
    ("a.k", "T.>"): "invalid subject",
}


@pytest.mark.parametrize(("source", "destination"), REFUSED)
def test_what_is_no_transform(source, destination):
    with pytest.raises(InvalidTransform) as refused:
        compiled(source, destination, lambda _bound: 0)
    assert str(refused.value) == REFUSED[source, destination]
    assert not refused.value.source


@pytest.mark.parametrize("source", ["a..b", "a.>.b", "a b"])
def test_what_is_no_source(source):
    with pytest.raises(InvalidTransform) as refused:
        compiled(source, "T", lambda _bound: 0)
    assert (str(refused.value), refused.value.source) == (f"invalid subject {source}", True)


def test_a_stream_stores_under_the_new_subject_and_checks_that(streams):
    stream = streams.create(subject_transform=SubjectTransform("a.x.*", "a.y.{{wildcard(1)}}"))
    streams.put(stream, b"a.x.1")
    streams.put(stream, b"a.z")
    assert stream.subjects(b">") == [(b"a.y.1", 1), (b"a.z", 1)]
    said = {"Nats_Expected_Last_Subject_Sequence": b"9"}
    answer = streams.ask(stream, b"a.x.1", **said)
    assert answer["error"]["description"] == "wrong last sequence: 1"
    said["Nats_Expected_Last_Subject_Sequence_Subject"] = b"a.x.1"
    answer = streams.ask(stream, b"a.x.1", **said)
    assert answer["error"]["description"] == "wrong last sequence: 0"


def test_stored_messages_are_published_again_before_their_acks(streams):
    stream = streams.create(republish=Republish("a.>", "rp.>"))
    streams.put(stream, b"a.1", b"pay")
    streams.put(stream, b"b", b"pay")
    streams.put(stream, b"a.1", b"pay", K=b"v", Nats_Msg_Id=b"m")
    streams.put(stream, b"a.1", b"pay", Nats_Msg_Id=b"m")
    streams.put(stream, b"a.1", b"pay", Nats_Expected_Stream=b"X")
    stream.drain()
    time = times.rfc3339(stream.get(1).time).encode()
    copy, ack, other, second, second_ack, *rest = streams.host.published
    assert copy == (
        b"rp.1",
        None,
        b"NATS/1.0\r\nNats-Stream: S\r\nNats-Subject: a.1\r\nNats-Sequence: 1\r\n"
        b"Nats-Time-Stamp: %b\r\nNats-Last-Sequence: 0\r\n\r\n" % time,
        b"pay",
    )
    assert [json.loads(each[3])["seq"] for each in (ack, other, second_ack, *rest)] == [
        1,
        2,
        3,
        3,
        0,
    ]
    assert second[2] == (
        b"NATS/1.0\r\nK: v\r\nNats-Msg-Id: m\r\nNats-Stream: S\r\nNats-Subject: a.1\r\n"
        b"Nats-Sequence: 3\r\nNats-Time-Stamp: %b\r\nNats-Last-Sequence: 1\r\n\r\n" % time
    )
    assert stream.get(1).headers is None


def test_headers_alone_are_published_again(streams):
    stream = streams.create(republish=Republish("*", "rp.{{wildcard(1)}}", headers_only=True))
    streams.put(stream, b"a", b"pay", reply=None)
    stream.drain()
    ((subject, _, headers, payload),) = streams.host.published
    assert (subject, payload) == (b"rp.a", b"")
    assert headers.endswith(b"Nats-Last-Sequence: 0\r\nNats-Msg-Size: 3\r\n\r\n")


def test_what_nobody_wants_is_not_published_again(streams):
    stream = streams.create(retention="interest", republish=Republish(">", "rp.>"))
    streams.put(stream, b"a", b"pay")
    stream.drain()
    assert [each[0] for each in streams.host.published] == [b"inbox"]
