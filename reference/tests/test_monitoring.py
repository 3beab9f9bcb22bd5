"""Monitoring without a socket: parameters as Go reads them, paths, spans of time."""

import json

import pytest

from nats_reference.monitoring import writing
from nats_reference.monitoring.asking import Query, Refused
from nats_reference.monitoring.endpoints import Endpoints, within


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (5e-9, "5ns"),
        (916.4e-6, "916µs"),
        (0.0015, "1.5ms"),
        (0.02, "20ms"),
        (2.25, "2.25s"),
        (61, "1m1s"),
    ],
)
def test_a_duration(seconds, text):
    assert writing.duration(seconds) == text


@pytest.mark.parametrize(
    ("query", "read", "found"),
    [
        ("a=1", "flag", True),
        ("a=T&a=x", "flag", True),
        ("a=", "flag", False),
        ("b=1", "flag", False),
        ("a=%2B5", "whole", 5),
        ("a=-7", "whole", -7),
        ("a=007", "natural", 7),
        ("a=x%zz", "whole", 0),
        ("a=x;b=1", "whole", 0),
        ("a=x+y%21", "text", "x y!"),
    ],
)
def test_a_parameter(query, read, found):
    assert getattr(Query(query), read)("a") == found


@pytest.mark.parametrize(
    ("query", "read", "text"),
    [
        ("yes", "flag", "Error decoding boolean for 'a': strconv.ParseBool: parsing \"yes\":"),
        ("1.5", "whole", "Error decoding int for 'a': strconv.Atoi: parsing \"1.5\": invalid"),
        ("9" * 20, "whole", f'parsing "{"9" * 20}": value out of range'),
        ("-1", "natural", "Error decoding uint64 for 'a': strconv.ParseUint: parsing \"-1\""),
        ("9" * 21, "natural", "value out of range"),
        ("%22", "flag", 'parsing "\\"": invalid syntax'),
        ("٣", "whole", "invalid syntax"),
    ],
)
def test_a_parameter_that_cannot_be_read(query, read, text):
    with pytest.raises(Refused) as refused:
        getattr(Query(f"a={query}"), read)("a")
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("path", "base", "local"),
    [
        ("/varz", "", "/varz"),
        ("/", "", "/"),
        ("/nats/varz", "/nats", "/varz"),
        ("/nats", "/nats", "/"),
        ("/nats/", "/nats", None),
        ("/natsvarz", "/nats", None),
        ("/varz", "/nats", None),
    ],
)
def test_a_path(path, base, local):
    assert within(path, base) == local


@pytest.fixture
def monitored(world):
    return Endpoints(world().server)


def test_targets_of_other_forms(monitored):
    assert monitored.answer("/%76arz").status == 200
    assert monitored.answer("http://host/healthz?details=1").status == 200
    assert monitored.answer("http://[a/varz").status == 400
    assert monitored.answer("//varz").status == 404
    assert monitored.answer("*").status == 404


def test_every_parameter_is_read(monitored):
    assert monitored.answer("/healthz?js-enabled-only=1&js-enabled=00").status == 400
    assert monitored.answer("/jsz?acc=NOBODY&raft=x").status == 400
    assert monitored.answer("/connz?cid=1&offset=x").status == 400


def test_what_is_not_counted(monitored):
    for path in ("/stacksz", "/raftz", "/ipqueuesz", "/debug/vars", "/subscriptionsz", "/nope"):
        monitored.answer(path)
    assert monitored.requests == {"/subsz": 1}


def test_traffic_of_those_who_left_still_counts(world):
    made = world()
    client, monitored = made.client(), Endpoints(made.server)
    client.say(b"SUB foo 1\r\nPUB foo 2\r\nhi\r\n")
    client.connection.lost()
    assert json.loads(monitored.answer("/accstatz").body)["account_statz"] == []
    numbers = json.loads(monitored.answer("/accstatz?unused=1").body)["account_statz"]
    (account,) = (each for each in numbers if each["acc"] == "$G")
    assert [account[way]["msgs"] for way in ("sent", "received")] == [1, 1]
    (gone,) = json.loads(monitored.answer("/connz?state=closed&subs=detail").body)["connections"]
    assert gone["subscriptions_list_detail"] == [
        {"subject": "foo", "sid": "1", "msgs": 1, "cid": gone["cid"]}
    ]


def test_rtt_is_that_of_the_last_ping(world):
    made = world()
    client, monitored = made.client(), Endpoints(made.server)
    made.clock.advance(5)
    assert client.take() == b"PING\r\n"
    before = client.connection.last_pinged
    client.say(b"PONG\r\n")
    (shown,) = json.loads(monitored.answer("/connz").body)["connections"]
    assert shown["rtt"] == writing.duration(made.clock.now() - before)
    assert shown["rtt"] != "0s"
