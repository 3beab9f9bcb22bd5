"""What has to go, what may not come in, and what goes by itself: JS-LIM."""

from __future__ import annotations

import sqlite3

import pytest

from nats_reference.jetstream.expiry import PAUSE, RETRY

MILLISECOND = 10**6


def refused(answer):
    return answer.get("error", {}).get("description")


def sized(streams, stream, subject, size):
    """Publish a message that counts for `size` bytes; why it was refused."""
    overhead = {"memory": 16, "file": 30}[streams.storage] + len(subject)
    return refused(streams.ask(stream, subject, b"x" * (size - overhead)))


def test_the_oldest_of_a_subject_go_before_the_oldest_of_all(streams):
    stream = streams.create(max_msgs=3, max_msgs_per_subject=2)
    seen = []
    for number in b"1212341":
        streams.put(stream, b"s.%c" % number)
        state = stream.state()
        seen.append((state.first_seq, state.messages))
    assert seen == [(1, 1), (1, 2), (1, 3), (2, 3), (3, 3), (4, 3), (5, 3)]


def test_one_replaced_in_the_middle_makes_room_enough(streams):
    stream = streams.create(max_msgs=3, max_msgs_per_subject=1)
    for subject in (b"1", b"2", b"3", b"2"):
        streams.put(stream, subject)
    state = stream.state(deleted=True)
    assert (state.messages, state.first_seq, state.deleted) == (3, 1, (2,))


def test_bytes_drop_the_oldest(streams):
    stream = streams.create(max_bytes=200)
    for size in (100, 100, 50):
        assert sized(streams, stream, b"a", size) is None
    assert (stream.state().first_seq, stream.state().bytes) == (2, 150)


def test_a_message_may_be_larger_than_all_there_is_room_for(streams):
    stream = streams.create(max_bytes=100)
    streams.put(stream, b"a")
    assert sized(streams, stream, b"a", 101) is None
    state = stream.state()
    assert (state.messages, state.first_seq, state.last_seq) == (0, 3, 2)


def test_limits_bite_message_by_message(streams):
    """All in one round: what a rollup frees comes too late for what was dropped before."""
    stream = streams.create(max_msgs=3, allow_rollup_hdrs=True)
    for subject in (b"x", b"b", b"b", b"c"):
        streams.put(stream, subject)
    streams.put(stream, b"b", Nats_Rollup=b"sub")
    assert stream.state().first_seq == 4


def test_discard_new_refuses_messages(streams):
    stream = streams.create(max_msgs=2, discard="new")
    answers = [refused(streams.ask(stream)) for _ in range(3)]
    assert answers == [None, None, "maximum messages exceeded"]
    stream.remove(1)
    assert refused(streams.ask(stream)) is None


def test_discard_new_refuses_bytes(streams):
    stream = streams.create(max_bytes=200, discard="new")
    assert sized(streams, stream, b"a.1", 150) is None
    assert sized(streams, stream, b"a.2", 51) == "maximum bytes exceeded"
    assert sized(streams, stream, b"a.2", 50) is None
    assert stream.state().bytes == 200


def test_discard_new_per_subject(streams):
    stream = streams.create(
        max_msgs_per_subject=1, discard="new", discard_new_per_subject=True, allow_rollup_hdrs=True
    )
    assert refused(streams.ask(stream)) is None
    assert refused(streams.ask(stream)) == "maximum messages per subject exceeded"
    assert refused(streams.ask(stream, Nats_Rollup=b"sub")) is None
    assert refused(streams.ask(stream, b"b", Nats_Rollup=b"all")) is None
    assert stream.state(subjects=b">").subjects == ((b"b", 1),)


def test_discard_new_lets_the_oldest_of_a_full_subject_be_replaced(streams):
    stream = streams.create(max_msgs=2, max_msgs_per_subject=1, discard="new")
    answers = [refused(streams.ask(stream, subject)) for subject in (b"1", b"2", b"1", b"3")]
    assert answers == [None, None, None, "maximum messages exceeded"]
    assert stream.state().first_seq == 2


#: Old message of the subject, another subject's, new message: whether it comes in.
REPLACED = {
    (100, 50, 110): False,
    (100, 50, 100): True,
    (100, 0, 150): False,
    (100, 0, 200): False,
    (60, 100, 100): False,
    (150, 0, 50): True,
}


@pytest.mark.parametrize("case", REPLACED)
def test_what_replaces_may_not_be_larger_if_bytes_are_short(streams, case):
    old, other, new = case
    stream = streams.create(max_bytes=200, max_msgs_per_subject=1, discard="new")
    sized(streams, stream, b"s.1", old)
    if other:
        sized(streams, stream, b"s.2", other)
    expected = None if REPLACED[case] else "maximum bytes exceeded"
    assert sized(streams, stream, b"s.1", new) == expected


def test_the_oldest_is_the_one_that_is_replaced(streams):
    stream = streams.create(max_bytes=150, max_msgs_per_subject=2, discard="new")
    assert [sized(streams, stream, b"s", size) for size in (80, 50, 81, 70)] == [
        None,
        None,
        "maximum bytes exceeded",
        None,
    ]


def changed(stream, **members):
    config = {name: getattr(stream.config, name) for name in stream.config.__slots__} | members
    stream.update(type(stream.config)(**config))
    return stream.state()


def test_new_limits_bite_at_once_unless_new_messages_are_to_be_discarded(streams):
    stream = streams.create()
    for number in range(9):
        streams.put(stream, b"s.%d" % (number % 3))
    assert changed(stream, max_msgs=5).first_seq == 5
    assert changed(stream, max_msgs_per_subject=1).first_seq == 7
    assert changed(stream, discard="new", max_msgs=1).messages == 3
    assert changed(stream, discard="old", max_msgs=1).messages == 1
    assert changed(stream, max_bytes=1).messages == 0


def test_messages_expire_without_anybody_asking(streams):
    stream = streams.create(max_age=300 * MILLISECOND)
    clock = streams.host.clock
    streams.put(stream)
    clock.advance(0.2)
    streams.put(stream)
    clock.advance(0.099)
    assert stream.state().messages == 2
    clock.advance(0.002)
    state = stream.state()
    assert (state.messages, state.first_seq) == (1, 2)
    clock.advance(0.2)
    state = stream.state()
    assert (state.messages, state.first_seq, state.last_seq) == (0, 3, 2)


def test_expiry_begins_with_an_update(streams):
    stream = streams.create()
    streams.put(stream)
    streams.host.clock.advance(1)
    streams.put(stream)
    assert changed(stream, max_age=500 * MILLISECOND).messages == 1
    streams.host.clock.advance(0.5 + PAUSE)
    assert stream.state().messages == 0


def test_expiry_goes_on_after_a_restart(kept_streams):
    stream = kept_streams.create(max_age=500 * MILLISECOND)
    kept_streams.put(stream)
    stream.drain()
    stream = kept_streams.restart(stream)
    kept_streams.host.clock.advance(0.4)
    assert stream.state().messages == 1
    kept_streams.host.clock.advance(0.1 + PAUSE)
    assert stream.state().messages == 0


def test_expiry_is_tried_again(kept_streams, monkeypatch):
    stream = kept_streams.create(max_age=500 * MILLISECOND)
    kept_streams.put(stream)
    stream.drain()

    def full(_store):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(type(stream.store), "_write", full)
        kept_streams.host.clock.advance(1)
        assert stream.state().messages == 1
    kept_streams.host.clock.advance(RETRY)
    assert stream.state().messages == 0
    assert kept_streams.host.logged.getvalue().count("disk is full") == 1
