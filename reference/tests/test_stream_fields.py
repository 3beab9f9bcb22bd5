"""What of a header block is kept, and what its fields say: JS-PUB, JS-TTL."""

from __future__ import annotations

import pytest

from nats_reference.jetstream import fields, ttl

STORED = {
    b"NATS/1.0\r\nnats-expected-stream: X\r\nNATS-MSG-ID: 1\r\n\r\n": ...,
    b"NATS/1.0\r\nNats-Msg-Id:1\r\n\r\n": ...,
    b"NATS/1.0 503\r\n\r\n": None,
    b"NATS/1.0 503 No\r\nA: b\r\n\r\n": b"NATS/1.0\r\nA: b\r\n\r\n",
    b"NATS/1.0\r\n\r\n": ...,
    b"NATS/1.0\r\nNats-Request-Info: x\r\n\r\n": None,
    b"NATS/1.0\r\nA: b\r\nNats-Request-Info: x\r\n\r\n": b"NATS/1.0\r\nA: b\r\n\r\n",
    b"NATS/1.0\r\nnope": ...,
    b"junk": ...,
}


@pytest.mark.parametrize("block", STORED)
def test_header_blocks_are_kept_as_they_are_but_for_status_and_request_info(streams, block):
    stream = streams.create()
    streams.raw(stream, b"a", block)
    expected = STORED[block]
    assert stream.get(1).headers == (block if expected is ... else expected)


FIELDS = {
    b"NATS/1.0\r\nNats-Msg-Id:x\r\n\r\n": b"x",
    b"NATS/1.0\r\nNats-Msg-Id:   x\r\n\r\n": b"x",
    b"NATS/1.0\r\nNats-Msg-Id: x \r\n\r\n": b"x ",
    b"NATS/1.0\r\nNats-Msg-Id:\tx\r\n\r\n": b"\tx",
    b"NATS/1.0\r\nNats-Msg-Id : x\r\n\r\n": b"",
    b"NATS/1.0\r\nNats-Msg-Id: x\r\nNats-Msg-Id: y\r\n\r\n": b"x",
    b"NATS/1.0\r\nNats-Msg-Id:\r\nNats-Msg-Id: y\r\n\r\n": b"",
    b"NATS/1.0\r\nX-Nats-Msg-Id: x\r\nNats-Msg-Id: y\r\n\r\n": b"y",
    b"NATS/1.0\r\nNats-Msg-Id: x": b"",
    b"NATS/1.0\nNats-Msg-Id: x\n\n": b"",
    b"Nats-Msg-Id: x\r\n\r\n": b"",
}


@pytest.mark.parametrize("block", FIELDS)
def test_how_fields_are_found(block):
    assert fields.parse(block).get(b"Nats-Msg-Id", b"") == FIELDS[block]


TTLS = {
    b"1": 1,
    b"1s": 1,
    b"1.5s": 1,
    b"1500ms": 1,
    b"1h2m3s": 3723,
    b"never": ttl.NEVER,
    b"NEVER": ttl.NEVER,
    b"0": None,
    b"0s": None,
    b"999ms": None,
    b"-1s": None,
    b"-1": None,
    b"1d": None,
    b"x": None,
    b"": None,
    b"9" * 5000: None,
    b"0" * 5000 + b"1": 1,
}


@pytest.mark.parametrize("value", TTLS)
def test_times_to_live(value):
    assert ttl.seconds(value) == TTLS[value]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (b"12", 12),
        (b"0", 0),
        (b"0" * 5000 + b"12", 12),
        (b"9223372036854775807", (1 << 63) - 1),
        (b"9223372036854775808", None),
        (b"9" * 5000, None),
        (b"+1", None),
        (b"", None),
    ],
)
def test_sequences_in_fields(value, number):
    assert fields.number(value) == number
