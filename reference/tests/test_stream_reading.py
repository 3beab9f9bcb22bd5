"""A stream gives back what was published to it, however it is asked."""

from __future__ import annotations

from nats_reference.clock import VIRTUAL_EPOCH

SECOND = 10**9


def test_what_is_read_is_what_was_published(streams):
    stream = streams.create()
    streams.host.clock.advance(2)
    streams.put(stream, b"a.b", b"one", A=b"b")
    record = stream.get(1)
    block = b"NATS/1.0\r\nA: b\r\n\r\n"
    assert record == (1, VIRTUAL_EPOCH + 2 * SECOND, b"a.b", block, b"one")
    assert stream.get(2) is None
    assert stream.get(0) is None


def test_an_empty_payload_is_no_missing_one(streams):
    stream = streams.create()
    streams.put(stream, b"a")
    assert stream.get(1)[3:] == (None, b"")


def test_last_and_next(streams):
    stream = streams.create()
    for subject in (b"a.1", b"a.2", b"b.1", b"a.1"):
        streams.put(stream, subject)
    assert stream.last(b"a.1").seq == 4
    assert stream.last(b"a.*", upto=3).seq == 2
    assert stream.last(b"b.>").seq == 3
    assert stream.last(b"c.>") is None
    assert stream.next(b"a.2").seq == 2
    assert stream.next(b"a.*", 3).seq == 4
    assert stream.next(b"a.2", 3) is None


def test_newest_of_each_subject(streams):
    stream = streams.create()
    for subject in (b"a.1", b"a.2", b"b.1", b"a.1"):
        streams.put(stream, subject)
    assert stream.newest((b"a.*", b"a.1", b"b.1")) == [2, 3, 4]
    assert stream.newest((b">",), upto=3) == [1, 2, 3]
    assert stream.newest((b">",), since=3) == [3, 4]


def test_reading_by_time(streams):
    stream = streams.create()
    for _ in range(3):
        streams.host.clock.advance(1)
        streams.put(stream)
        stream.drain()
    assert stream.at_time(0) == 1
    assert stream.at_time(VIRTUAL_EPOCH + 2 * SECOND) == 2
    assert stream.at_time(VIRTUAL_EPOCH + 2 * SECOND + 1) == 3
    assert stream.at_time(VIRTUAL_EPOCH + 4 * SECOND) == 0


def test_times_do_not_go_back(streams):
    stream = streams.create()
    streams.put(stream)
    stream.drain()
    streams.host.clock.wall = lambda: 5
    streams.put(stream)
    assert stream.get(2).time == stream.get(1).time


def test_the_figures(streams):
    stream = streams.create()
    state = stream.state(deleted=True, subjects=b">")
    assert (state.first_seq, state.last_seq, state.first_time, state.last_time) == (0, 0, 0, 0)
    assert (state.num_deleted, state.deleted, state.subjects) == (0, (), ())
    for subject in (b"a", b"b", b"a", b"c"):
        streams.host.clock.advance(1)
        streams.put(stream, subject, b"12345")
        stream.drain()
    stream.remove(2)
    stream.remove(4)
    state = stream.state(deleted=True, subjects=b"*")
    assert (state.messages, state.num_subjects, state.num_deleted) == (2, 1, 2)
    assert (state.first_seq, state.last_seq) == (1, 4)
    assert (state.first_time, state.last_time) == (
        VIRTUAL_EPOCH + SECOND,
        VIRTUAL_EPOCH + 4 * SECOND,
    )
    assert state.deleted == (2, 4)
    assert state.subjects == ((b"a", 2),)
    assert stream.subjects(b"a") == [(b"a", 2)]
    stream.remove(1)
    assert stream.state().first_seq == 3
    stream.remove(3)
    state = stream.state(deleted=True)
    assert (state.first_seq, state.last_seq, state.first_time) == (5, 4, 0)
    assert state.last_time == VIRTUAL_EPOCH + 4 * SECOND
    assert state.deleted == ()
    assert state.subjects is None


def test_bytes_by_storage(streams):
    stream = streams.create()
    streams.put(stream, b"abc", b"12345")
    assert stream.state().bytes == {"memory": 16 + 8, "file": 30 + 8}[streams.storage]
    stream.purge()
    streams.put(stream, b"abc", b"12345", A=b"b")
    block = len(b"NATS/1.0\r\nA: b\r\n\r\n")
    assert stream.state().bytes == {"memory": 16 + 8, "file": 34 + 8}[streams.storage] + block


def test_numbering_begins_at_first_seq(streams):
    for first in (1, 100):
        stream = streams.create(name=f"S{first}", first_seq=first)
        assert (stream.state().first_seq, stream.state().last_seq) == (first, first - 1)
        assert streams.ask(stream)["seq"] == first
        assert stream.state().first_seq == first
