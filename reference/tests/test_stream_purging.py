"""What is removed on request: JS-STREAM-022 .. JS-STREAM-032."""

from __future__ import annotations

import pytest

from nats_reference.jetstream.errors import ApiError


@pytest.fixture
def stream(streams):
    """Four messages, on two subjects in turns."""
    stream = streams.create()
    for number in range(4):
        streams.put(stream, b"s.%d" % (number % 2))
    stream.drain()
    return stream


def left(stream):
    state = stream.state()
    return list(stream.store.index.sequences()), state.first_seq, state.last_seq


PURGES = {
    (): (4, [], 5, 4),
    (b">",): (4, [], 5, 4),
    (b"",): (4, [], 5, 4),
    (b"s.1",): (2, [1, 3], 1, 4),
    (b"s.*",): (4, [], 5, 4),
    (b"a..b",): (0, [1, 2, 3, 4], 1, 4),
    (b"x",): (0, [1, 2, 3, 4], 1, 4),
    (None, 1): (0, [1, 2, 3, 4], 1, 4),
    (None, 3): (2, [3, 4], 3, 4),
    (None, 5): (4, [], 5, 4),
    (None, 50): (4, [], 50, 49),
    (b">", 50): (4, [], 50, 49),
    (b"s.0", 2): (1, [2, 3, 4], 2, 4),
    (b"s.0", 50): (2, [2, 4], 2, 4),
    (None, 0, 1): (3, [4], 4, 4),
    (None, 0, 4): (0, [1, 2, 3, 4], 1, 4),
    (None, 0, 9): (0, [1, 2, 3, 4], 1, 4),
    (b"s.0", 0, 1): (1, [2, 3, 4], 2, 4),
}


@pytest.mark.parametrize("arguments", PURGES)
def test_purge(stream, streams, arguments):
    count, *expected = PURGES[arguments]
    assert stream.purge(*arguments) == count
    assert list(left(stream)) == expected
    assert streams.ask(stream)["seq"] == expected[2] + 1
    if streams.storage == "file":
        stream.remove(expected[2] + 1)
        stream = streams.restart(stream)
        state = stream.state()
        assert state.last_seq == expected[2] + 1
        assert state.first_seq == (expected[1] if expected[0] else expected[2] + 2)


def test_purging_a_stream_that_was_never_used(streams):
    for seq, expected in ((0, (1, 0)), (1, (0, 0)), (2, (2, 1)), (5, (5, 4))):
        stream = streams.create(name=f"S{seq}")
        assert stream.purge(seq=seq) == 0
        assert (stream.state().first_seq, stream.state().last_seq) == expected
        if streams.storage == "file":
            stream = streams.restart(stream)
            assert (stream.state().first_seq, stream.state().last_seq) == expected
    stream = streams.create(name="T", first_seq=10)
    stream.purge()
    assert (stream.state().first_seq, stream.state().last_seq) == (10, 9)


def test_no_sequence_is_left(kept_streams):
    stream = kept_streams.create()
    stream.purge(seq=2**63)
    assert stream.state().last_seq == 2**63 - 1
    assert kept_streams.ask(stream)["error"]["err_code"] == 10077
    assert stream.state().first_seq == 2**63


def refusal(call, *arguments):
    with pytest.raises(ApiError) as refused:
        call(*arguments)
    return refused.value.err_code, str(refused.value)


def test_deleting(stream):
    stream.remove(2)
    assert left(stream) == ([1, 3, 4], 1, 4)
    assert refusal(stream.remove, 2) == (10043, "sequence 2 not found")
    stream.remove(1)
    stream.remove(4)
    assert left(stream) == ([3], 3, 4)


def test_deleting_what_was_never_there(stream, streams):
    for seq, text in ((0, "no message found"), (9999, "stream store EOF")):
        expected = (
            (10057, text) if streams.storage == "file" else (10043, f"sequence {seq} not found")
        )
        assert refusal(stream.remove, seq) == expected


def test_what_may_not_be_removed(streams):
    sealed = streams.create(name="A", sealed=True, deny_delete=True, deny_purge=True)
    assert refusal(sealed.remove, 1)[0] == refusal(sealed.purge)[0] == 10109
    denied = streams.create(name="B", deny_delete=True, deny_purge=True)
    assert refusal(denied.remove, 1) == (10057, "message delete not permitted")
    assert refusal(denied.purge)[0] == 10110


class Follower:
    """Notes what it is told."""

    def __init__(self):
        self.told = []

    def wants(self, _subject):
        return True

    def __getattr__(self, name):
        return lambda *arguments, **said: self.told.append((name, *arguments, *said.items()))


def test_observers_are_told(stream, streams):
    follower = Follower()
    stream.observers.append(follower)
    streams.put(stream, b"s.1")
    stream.drain()
    stream.remove(2)
    stream.purge(b"s.0")
    stream.purge()
    assert follower.told == [
        ("storing", 5, 5),
        ("stored", 5, 5),
        ("removed", [(2, b"s.1")], []),
        ("removed", [(1, b"s.0"), (3, b"s.0")], [b"s.0"]),
        ("purged", 4, b"s.0"),
        ("purged", 6, b">"),
    ]


def test_observers_hear_of_what_limits_drop(streams):
    stream = streams.create(max_msgs=1)
    follower = Follower()
    stream.observers.append(follower)
    for _ in range(2):
        streams.put(stream)
    stream.drain()
    assert follower.told == [
        ("storing", 1, 2),
        ("stored", 1, 2),
        ("removed", [(1, b"a")], []),
    ]


@pytest.mark.parametrize(("value", "pattern"), [(b"sub", b"s.0"), (b"all", b">")])
def test_a_rollup_is_told_as_a_purge(streams, value, pattern):
    stream = streams.create(allow_rollup_hdrs=True)
    streams.put(stream, b"s.0")
    stream.drain()
    follower = Follower()
    stream.observers.append(follower)
    streams.put(stream, b"s.0", Nats_Rollup=value)
    stream.drain()
    assert follower.told[2:] == [("removed", [(1, b"s.0")], [pattern]), ("purged", 2, pattern)]


def test_a_rollup_that_nobody_wants_replaces_all_the_same(streams):
    stream = streams.create(allow_rollup_hdrs=True, retention="interest")
    follower = Follower()
    follower.wants = lambda subject: subject == b"s.0"
    stream.observers.append(follower)
    streams.put(stream, b"s.0")
    assert streams.ask(stream, b"s.1", Nats_Rollup=b"all")["seq"] == 2
    assert left(stream) == ([], 3, 2)
