"""A stream takes what is published, acknowledges it, and gives it back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from nats_reference.clock import VIRTUAL_EPOCH, VirtualClock
from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.store.memory import MemoryStore
from nats_reference.jetstream.stream import Stream


def make(**config):
    clock = VirtualClock()
    published = []
    host = SimpleNamespace(
        clock=clock,
        domain="",
        publish=lambda *message: published.append(message),
        exhausted=lambda _storage, _size: 0,
    )
    config = StreamConfig("S", storage="memory", **config)
    return Stream(config, MemoryStore(), host, clock.wall()), clock, published


def publish(stream, subject, payload=b"", headers=b"", reply=None):
    size = len(headers) + len(payload)
    message = (subject, reply, b"%d" % len(headers) if headers else None, b"%d" % size, size)
    stream.ingest(None, message, headers + payload + b"\r\n")


def test_an_ack_names_stream_and_sequence():
    stream, clock, published = make()
    publish(stream, b"a", b"one", reply=b"inbox")
    assert published == []
    clock.advance(0)
    assert published == [(b"inbox", None, None, b'{"stream":"S", "seq":1}')]


def test_what_is_read_is_what_was_published():
    stream, clock, _ = make()
    clock.advance(2)
    publish(stream, b"a.b", b"one", headers=b"NATS/1.0\r\nA: b\r\n\r\n")
    publish(stream, b"a.c", b"two")
    record = stream.get(1)
    assert record == (
        1,
        VIRTUAL_EPOCH + 2 * 10**9,
        b"a.b",
        b"NATS/1.0\r\nA: b\r\n\r\n",
        b"one",
    )
    assert stream.last(b"a.*").seq == 2
    assert stream.next(b"a.*", 2).seq == 2
    assert stream.get(3) is None


def test_the_oldest_go():
    stream, _, _ = make(max_msgs=2)
    for payload in (b"1", b"2", b"3"):
        publish(stream, b"a", payload)
    state = stream.state(deleted=True, subjects=b">")
    assert (state.messages, state.first_seq, state.last_seq) == (2, 2, 3)
    assert state.subjects == ((b"a", 2),)


def test_deleting_twice_is_refused():
    stream, _, _ = make()
    publish(stream, b"a")
    stream.remove(1)
    with pytest.raises(ApiError) as refused:
        stream.remove(1)
    assert refused.value.err_code == 10043
