"""What comes twice is stored once, for a while: JS-PUB-017 .. JS-PUB-023."""

from __future__ import annotations

from nats_reference.jetstream.dedupe import Dedupe

MILLISECOND = 10**6


def test_an_id_is_remembered_for_its_window(streams):
    stream = streams.create(duplicate_window=300 * MILLISECOND)
    clock = streams.host.clock
    assert "duplicate" not in streams.ask(stream, Nats_Msg_Id=b"1")
    clock.advance(0.299)
    answer = streams.ask(stream, b"other", b"payload", Nats_Msg_Id=b"1")
    assert answer == {"stream": "S", "seq": 1, "duplicate": True}
    clock.advance(0.001)
    assert streams.ask(stream, Nats_Msg_Id=b"1") == {"stream": "S", "seq": 2}
    clock.advance(1)
    assert len(stream.dedupe) == 0


def test_duplicates_in_one_round(streams):
    stream = streams.create()
    for _ in range(2):
        streams.put(stream, Nats_Msg_Id=b"1")
    assert [answer["seq"] for answer in streams.answers(stream)] == [1, 1]


def test_only_stored_messages_are_remembered(streams):
    stream = streams.create(max_msgs=1, discard="new")
    streams.put(stream)
    assert "error" in streams.ask(stream, Nats_Msg_Id=b"1")
    stream.remove(1)
    assert streams.ask(stream, Nats_Msg_Id=b"1") == {"stream": "S", "seq": 2}


def test_removed_messages_are_remembered(streams):
    stream = streams.create()
    for name in (b"1", b"2"):
        streams.put(stream, Nats_Msg_Id=name)
    stream.drain()
    stream.remove(1)
    stream.purge()
    for name, seq in ((b"1", 1), (b"2", 2)):
        assert streams.ask(stream, Nats_Msg_Id=name) == {
            "stream": "S",
            "seq": seq,
            "duplicate": True,
        }


def test_no_window_no_duplicates(streams):
    stream = streams.create(duplicate_window=0)
    assert [streams.ask(stream, Nats_Msg_Id=b"1")["seq"] for _ in range(2)] == [1, 2]


def test_a_restart_remembers_what_is_stored_and_young(kept_streams):
    stream = kept_streams.create(duplicate_window=1000 * MILLISECOND)
    for name in (b"old", b"gone", b"young"):
        kept_streams.put(stream, Nats_Msg_Id=name)
        stream.drain()
        kept_streams.host.clock.advance(0.6)
    stream.remove(2)
    stream = kept_streams.restart(stream)
    assert len(stream.dedupe) == 1
    assert kept_streams.ask(stream, Nats_Msg_Id=b"young")["duplicate"]
    assert "error" not in kept_streams.ask(stream, Nats_Expected_Last_Msg_Id=b"young")
    assert kept_streams.ask(stream, Nats_Msg_Id=b"gone")["seq"] == 5


def test_what_was_not_kept_is_forgotten_again():
    table = Dedupe(10)
    table.remember(b"1", 1, 0)
    table.remember(b"2", 2, 0)
    table.remember(b"", 3, 0)
    table.forget_from(2, b"1")
    assert (table.find(b"1", 0), table.find(b"2", 0), table.last_id) == (1, 0, b"1")


def test_an_id_that_comes_again_later_is_remembered_anew():
    table = Dedupe(10)
    table.remember(b"1", 1, 0)
    assert table.find(b"1", 10) == 0
    table.remember(b"1", 2, 10)
    assert table.find(b"1", 19) == 2
    assert table.due() == 20
