"""Bytes in: framing at any cut, limits, refusals, and the language that the grammar says."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nats_spec import grammars

SCRIPT = (
    b'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n'
    b"PING\r\nsub  foo.* q\t 1 \r\nSUB foo.bar 2\nSUB in 7\r\n"
    b"PUB foo.bar 4\r\na\r\nb\r\nPUB foo.bar 4\r\na\r\nb\r\nPUB foo.bar 4\r\nPING\r\n"
    b"HPUB foo.bar re 12 14\r\nNATS/1.0\r\n\r\nhi\r\npub nobody in 2\r\nhi\r\nPINGxyz\r\n"
    b"UNSUB 2 3\r\nPUB foo.bar 0\r\n\r\nPUB foo.bar 0\r\n\r\nUNSUB 1\r\nPONG\r\n+OK\r\nPING\r\n"
)
CONNECT = b'CONNECT {"verbose":false,"pedantic":false}\r\n'
UNKNOWN = b"-ERR 'Unknown Protocol Operation'\r\n"
TOO_LONG = b"-ERR 'maximum control line exceeded'\r\n"


def test_the_script_in_one_piece(world):
    out = world().stranger().say(SCRIPT)
    assert out.startswith(b"PONG\r\nMSG foo.bar 2 4\r\na\r\nb\r\nMSG foo.bar 1 4\r\na\r\nb\r\n")
    assert b"HMSG foo.bar 2 re 12 14\r\nNATS/1.0\r\n\r\nhi\r\n" in out
    assert b"HMSG in 7 38 38\r\nNATS/1.0 503\r\nNats-Subject: nobody\r\n\r\n\r\n" in out
    assert out.count(b"PONG\r\n") == 3


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, len(SCRIPT) - 1), max_size=40))
def test_cuts_make_no_difference(world, cuts):
    places = [0, *sorted(cuts), len(SCRIPT)]
    pieces = [SCRIPT[a:b] for a, b in pairwise(places)]
    assert world().stranger().say(*pieces) == world().stranger().say(SCRIPT)


def test_byte_by_byte(world):
    pieces = [bytes([byte]) for byte in SCRIPT]
    assert world().stranger().say(*pieces) == world().stranger().say(SCRIPT)


@pytest.mark.parametrize(
    "said",
    [b" PING\r\n", b"\r\n", b"\n", b"X", b"SUB\r\n", b"MSG foo 1 2\r\nhi\r\n", b"RS+ a b\r\n",
     b"GET / HTTP/1.1\r\n\r\n", b"PUB foo 2\r\nhi\n", b"PUB foo 1\r\nhi\r\n", b"PUB foo 3\r\nhi\r\nP"],
)  # fmt: skip
def test_unknown(world, said):
    client = world().client()
    assert client.say(said) == UNKNOWN
    assert client.ended


@pytest.mark.parametrize(
    "said",
    [b"PUB foo\r\n", b"PUB \r\n", b"PUB foo x\r\n", b"SUB a b c d\r\n", b"UNSUB 1 2 3\r\n",
     b"PUB foo 0000000001\r\n", b"HPUB foo 5 1\r\n", b"-ERR 'x'\r\n", b"INFO x\r\n",
     b"INFO []\r\n", b'INFO {"port":"x"}\r\n', b"CONNECT\r\n", b"CONNECT []\r\n",
     b'CONNECT {"verbose":1}\r\n', b"CONNECT {} x\r\n", b'CONNECT {"x":NaN}\r\n',
     b'CONNECT {"protocol":99999999999999999999}\r\n', b'CONNECT {"import":1}\r\n'],
)  # fmt: skip
def test_silent_close(world, said):
    client = world().client()
    assert client.say(said) == b""
    assert client.ended


@pytest.mark.parametrize(
    "said", [b"INFO {}\r\n", b"INFO null\r\n", b'INFO{"port":1,"x":2}\r\n', b"+OKx\n"]
)
def test_ignored(world, said):
    assert world().client().say(said, b"PING\r\n") == b"PONG\r\n"


@pytest.mark.parametrize("size", [4095, 4096, 4097])
def test_control_line_limit_counts_the_arguments(world, size):
    client = world().client()
    line = b"SUB \t" + b"a" * (size - 2) + b" 1\r\n"
    assert client.say(line, b"PING\r\n") == (b"PONG\r\n" if size <= 4096 else TOO_LONG)


def test_control_line_limit_before_the_end(world):
    client = world(max_control_line=10).stranger()
    assert client.say(b"SUB " + b"a" * 10) == b""
    assert client.say(b"a") == TOO_LONG
    assert client.ended


def test_junk_of_ping_is_not_kept(world):
    client = world(max_control_line=10).stranger()
    for _ in range(50):
        assert client.say(b"PING" if _ == 0 else b"x" * 1000) == b""
    assert len(client.connection.rest) < 1100
    assert client.say(b"\r\nPING\r\n") == b"PONG\r\nPONG\r\n"


def test_max_payload_and_one_more(world):
    client = world(max_payload=5).client()
    client.say(b"SUB foo 1\r\n")
    assert client.say(b"PUB foo 5\r\n12345\r\n") == b"MSG foo 1 5\r\n12345\r\n"
    assert client.say(b"PUB foo 6\r\n") == b"-ERR 'Maximum Payload Violation'\r\n"
    assert client.ended


def test_no_payload_limit(world):
    client = world(max_payload=-1).client()
    assert client.say(b"PUB foo 9999999\r\n" + b"x" * 9999999 + b"\r\nPING\r\n") == b"PONG\r\n"


def test_a_wrong_end_of_a_payload_in_pieces(world):
    client = world().client()
    assert client.say(b"PUB foo 3\r\nab", b"c") == b""
    assert client.say(b"x") == UNKNOWN


def test_the_server_speaks_the_grammar(world):
    grammars.edit("client", '"PING"i', '"PENG"i')
    client = world().client()
    assert client.say(b"PeNG\r\n") == b"PONG\r\n"
    assert client.say(b"PI") == UNKNOWN


def test_a_fault_is_gone_afterwards(world, fault):
    fault("FRAME-001")
    assert world().client().say(b"ping\r\n") == UNKNOWN
    grammars.restore()
    assert world().client().say(b"ping\r\n") == b"PONG\r\n"


@pytest.mark.parametrize("payload", [b"0123", b"\r\n\r\n", b"", b"PUB a 4\r\nPUB a 4\r\n"])
def test_runs_of_one_line(world, payload):
    world = world()
    client, other = world.client(), world.client()
    other.say(b"SUB a x\r\nSUB * y\r\n")
    client.say(b"SUB a 1\r\n")
    size = b"%d\r\n" % len(payload)
    said = b"PUB a " + size + payload + b"\r\n"
    got = b"MSG a 1 " + size + payload + b"\r\n"
    for _ in range(3):
        assert client.say(said * 100 + b"PUB b 1\r\nx\r\n" + said * 50) == got * 150
        assert client.say(said * 60 + said[:-1], said[-1:] + said * 40) == got * 101
    sent = client.connection
    assert sent.in_msgs == 3 * 252
    assert sent.out_msgs == 3 * 251
    assert sent.out_bytes == 3 * 251 * len(payload)
    assert other.take().count(b"MSG a x") == 3 * 251
    assert other.connection.out_msgs == 2 * 3 * 251 + 3


def test_a_run_ends_where_a_payload_ends_wrongly(world):
    client = world().client()
    client.say(b"SUB a 1\r\n")
    said = b"PUB a 1\r\nx\r\n" * 100
    assert client.say(said + said + b"PUB a 1\r\nxy\r\n").endswith(b"x\r\n" + UNKNOWN)
    assert client.ended


def test_random_bytes_never_raise(world):
    rng = random.Random(1)
    world = world()
    words = [
        b"PUB ",
        b"SUB ",
        b"foo",
        b" 1",
        b"\r\n",
        b"HPUB ",
        b"CONNECT ",
        b"{}",
        b"\n",
        b" ",
        b"9",
    ]
    for _ in range(300):
        client = world.stranger()
        for _ in range(20):
            client.say(rng.choice(words) if rng.random() < 0.9 else rng.randbytes(5))
        client.connection.lost()
    assert not world.server.connections
    assert world.server.interest.index.count == 0


def test_tracing_shows_both_directions(world):
    world = world(tracing=True)
    client = world.client()
    assert client.say(b"SUB foo 1\r\nPUB foo 2\r\nhi\r\n") == b"MSG foo 1 2\r\nhi\r\n"
    text = world.logged.getvalue()
    assert "<<- [b'PUB foo 2" in text
    assert "->> [b'MSG foo 1 2" in text
