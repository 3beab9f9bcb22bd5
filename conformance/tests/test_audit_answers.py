"""`audit`: servers whose answers are none, lack something, or are of another stream by the end."""

import json
import re

import pytest

from nats_conformance.audit import kv, objects, stream
from nats_conformance.expect import Unreachable
from nats_spec import kv as buckets
from nats_spec import objects as stores

STATE = {"messages": 1, "bytes": 40, "first_seq": 1, "last_seq": 1}
TIMES = {"first_ts": "2026-01-01T00:00:00Z", "last_ts": "2026-01-01T00:00:00Z"}
INFO = {
    "config": {"name": "S", "retention": "limits"},
    "created": "2026-01-01T00:00:00Z",
    "ts": "2026-01-01T00:00:01Z",
}
KINDS = {"stream": ["S"], "kv": ["B"], "object": ["B"], "consumer": ["S", "C"]}


def answering(payload):
    """A server that answers every request with this."""

    def talk(client):
        client.sendall(b'INFO {"server_id":"N","version":"2.15.1","max_payload":1048576}\r\n')
        with client.makefile("rb") as reader:
            for line in reader:
                if line.startswith(b"PING"):
                    client.sendall(b"PONG\r\n")
                if asked := re.match(rb"PUB (\S+) (\S+) (\d+)", line):
                    reader.read(int(asked[3]) + 2)
                    text = payload(asked[1]) if callable(payload) else payload
                    client.sendall(b"MSG %b 1 %d\r\n%b\r\n" % (asked[2], len(text), text))

    return talk


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "is no answer of JetStream"),
        (b"[]", "is no answer of JetStream"),
        (b"5", "is no answer of JetStream"),
        (b"[" * 100_000, "is no answer of JetStream"),
        (b'{"error":5}', "is no answer of JetStream"),
        (b"{}", "' is a required property"),
        (b'{"config":{},"state":[]}', "can't be read: $"),
    ],
)
def test_an_answer_that_is_none_is_told_in_a_sentence(miniature, run, kind, payload, words):
    server = miniature(answering(payload))
    ran = run("audit", kind, *KINDS[kind], "--server", server.url)
    assert (ran.status, words in ran.err) == (3, True), ran.err


def test_an_error_may_be_without_words(miniature, run):
    server = miniature(answering(b'{"error":{}}'))
    ran = run("audit", "stream", "S", "--server", server.url)
    assert (ran.status, "an error without words (0)" in ran.err) == (4, True), ran.err


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({}, "MSG.GET answers with no message"),
        ({"message": {"seq": "1"}}, "MSG.GET answers with no message"),
        ({"message": {"seq": 1, "time": "yesterday"}}, "message 1 can't be read"),
        ({"message": {"seq": 1, "time": TIMES["first_ts"], "data": "x"}}, "message 1 can't"),
    ],
)
def test_a_message_that_is_none_is_told_in_a_sentence(miniature, run, message, words):
    def payload(subject):
        told = message if b".MSG.GET." in subject else INFO | {"state": STATE | TIMES}
        return json.dumps(told).encode()

    ran = run("audit", "stream", "S", "--server", miniature(answering(payload)).url)
    assert (ran.status, words in ran.err) == (3, True), ran.err


def published(client, subject):
    """Publish a message, and wait until it is stored."""
    client._asked += 1
    token = b"%d" % client._asked
    client._send(b"PUB %b %b.%b 0\r\n\r\n" % (subject.encode(), client._inbox, token))
    assert b'"seq"' in client.reply(token).payload


ANEW = {
    "stream": (stream, "S", {"name": "S", "subjects": ["S.*"]}, "S.a"),
    "kv": (kv, "B", buckets.config("B"), "$KV.B.a"),
    "object": (objects, "B", stores.config("B"), "$O.B.C.n"),
}


@pytest.mark.parametrize("kind", ANEW)
def test_a_stream_that_is_made_anew_meanwhile_is_not_judged(serving, monkeypatch, kind):
    module, name, config, subject = ANEW[kind]
    monkeypatch.setattr(module, "_STEP", 1)
    client, _ = serving("reference")
    config = config | {"allow_direct": False}
    client.request(f"STREAM.CREATE.{config['name']}", config)
    for _ in range(20):
        published(client, subject)

    def anew(done, _of):
        if done == 1:
            client.request(f"STREAM.DELETE.{config['name']}")
            client.request(f"STREAM.CREATE.{config['name']}", config)

    with pytest.raises(Unreachable, match="was deleted and made anew"):
        module.audit(client, name, anew)
