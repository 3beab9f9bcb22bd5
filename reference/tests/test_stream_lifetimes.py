"""Messages that say how long they live, by a clock that the test turns: JS-TTL."""

from __future__ import annotations

import sqlite3

from nats_reference.jetstream.expiry import PAUSE, RETRY

SECOND = 10**9
MARKED = {"allow_msg_ttl": True, "allow_rollup_hdrs": True, "max_msgs_per_subject": 5}


def put(streams, stream, subject, ttl):
    return streams.ask(stream, subject, b"x", Nats_TTL=ttl)


def there(stream):
    state = stream.state(deleted=True)
    gone = state.deleted or ()
    return [seq for seq in range(state.first_seq, state.last_seq + 1) if seq not in gone]


def test_each_goes_at_its_time(streams):
    stream = streams.create(allow_msg_ttl=True)
    for ttl in (b"3", b"1s", b"never", b"2"):
        put(streams, stream, b"a", ttl)
    seen = []
    for _ in range(4):
        streams.host.clock.advance(1)
        seen.append(there(stream))
    assert seen == [[1, 3, 4], [1, 3], [3], [3]]


def test_not_before(streams):
    stream = streams.create(allow_msg_ttl=True)
    put(streams, stream, b"a", b"10")
    streams.host.clock.advance(10 - 2 * PAUSE)
    assert there(stream) == [1]
    streams.host.clock.advance(3 * PAUSE)
    assert there(stream) == []


def test_never_keeps_what_is_before_it_from_nothing(streams):
    stream = streams.create(allow_msg_ttl=True, max_age=SECOND)
    for ttl in (b"never", b"1h", b"never", b"9s"):
        put(streams, stream, b"a", ttl)
    streams.host.clock.advance(2)
    assert there(stream) == [1, 3]
    put(streams, stream, b"a", b"1h")
    streams.host.clock.advance(2)
    assert there(stream) == [1, 3]


def test_a_time_that_is_not_over_for_ages_sets_no_timer_for_it(streams):
    stream = streams.create(allow_msg_ttl=True)
    put(streams, stream, b"a", b"9223372036854775807")
    streams.host.clock.advance(3 * 86400)
    assert there(stream) == [1]


def test_a_marker_takes_the_place_of_the_last(streams):
    stream = streams.create(subject_delete_marker_ttl=2 * SECOND, **MARKED)
    put(streams, stream, b"a", b"2")
    put(streams, stream, b"b", b"1h")
    put(streams, stream, b"b", b"2")
    streams.host.clock.advance(2.1)
    assert there(stream) == [2, 4]
    record = stream.get(4)
    assert (record.subject, record.payload) == (b"a", b"")
    assert record.headers == (
        b"NATS/1.0\r\nNats-Marker-Reason: MaxAge\r\nNats-TTL: 2s\r\nNats-Rollup: sub\r\n\r\n"
    )
    streams.host.clock.advance(2.1)
    assert there(stream) == [2]


def test_what_is_removed_is_forgotten_in_time(streams):
    stream = streams.create(allow_msg_ttl=True, max_msgs=10)
    for _ in range(3000):
        put(streams, stream, b"a", b"1h")
    put(streams, stream, b"b", b"1")
    streams.host.clock.advance(2)
    assert len(stream.lifetimes) < 20
    assert len(there(stream)) == 9


def test_a_restart_changes_nothing(kept_streams):
    streams = kept_streams
    stream = streams.create(allow_msg_ttl=True, max_age=60 * SECOND)
    for ttl in (b"5", b"never", b"1h"):
        put(streams, stream, b"a", ttl)
    streams.host.clock.advance(2)
    stream = streams.restart(stream)
    streams.host.clock.advance(2)
    assert there(stream) == [1, 2, 3]
    streams.host.clock.advance(2)
    assert there(stream) == [2, 3]
    streams.host.clock.advance(60)
    assert there(stream) == [2]


def test_what_could_not_be_removed_is_tried_again(kept_streams, monkeypatch):
    streams = kept_streams
    stream = streams.create(allow_msg_ttl=True)
    put(streams, stream, b"a", b"1")
    commit = stream.store._write

    def full():
        raise sqlite3.OperationalError("disk is full")

    monkeypatch.setattr(stream.store, "_write", full)
    streams.host.clock.advance(1.5)
    monkeypatch.setattr(stream.store, "_write", commit)
    assert there(stream) == [1]
    streams.host.clock.advance(RETRY)
    assert there(stream) == []
