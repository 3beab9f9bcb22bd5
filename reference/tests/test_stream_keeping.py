"""A stream and its file: when the disk is full, when the file is damaged, and when it comes back."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3

import pytest
import stores

from nats_reference.jetstream import keeping
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.store import Damaged, Unfinished, wal
from nats_reference.jetstream.store.sqlite import SQLiteStore

path = stores.path


def limit(stream, pages):
    """Have the disk be full at so many pages."""
    stream.store._database.execute(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_refuses_what_it_can_not_keep(kept_streams):
    stream = kept_streams.create(duplicate_window=10**12)
    kept_streams.ask(stream, b"a", b"first", Nats_Msg_Id=b"first")
    before = stream.state(deleted=True, subjects=b">")
    limit(stream, 8)
    for number in range(3):
        kept_streams.put(stream, b"b", b"x" * 90_000, Nats_Msg_Id=b"%d" % number)
    kept_streams.put(stream, b"b", b"", Nats_Expected_Stream=b"X")
    codes = [each["error"]["err_code"] for each in kept_streams.answers(stream)]
    assert codes == [10077, 10077, 10077, 10060]
    assert stream.state(deleted=True, subjects=b">") == before
    assert "database or disk is full" in kept_streams.host.logged.getvalue()
    answer = kept_streams.ask(stream, Nats_Expected_Last_Msg_Id=b"first")
    assert answer["seq"] == 2
    limit(stream, 10_000)
    assert kept_streams.ask(stream, b"b", b"x" * 9000, Nats_Msg_Id=b"0")["seq"] == 3
    stream = kept_streams.restart(stream)
    assert stream.state().messages == 3


def test_a_full_disk_and_a_purge(kept_streams, monkeypatch):
    stream = kept_streams.create(max_msgs=5)
    for number in range(7):
        kept_streams.put(stream, b"s.%d" % number)
    before = stream.state(deleted=True, subjects=b">")

    def full(_store):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(SQLiteStore, "_write", full)
    for call in (lambda: stream.remove(4), stream.purge, lambda: stream.update(stream.config)):
        with pytest.raises(ApiError) as refused:
            call()
        assert refused.value.err_code == 10077
        assert stream.state(deleted=True, subjects=b">") == before
    assert kept_streams.ask(stream)["error"]["err_code"] == 10077
    stream.save("key", b"value")
    kept_streams.host.clock.advance(0)
    assert stream.store.load("key") == {}
    assert stream.state(deleted=True, subjects=b">") == before


def test_a_disk_that_is_nearly_full_refuses_messages_and_lets_some_be_removed(
    kept_streams, monkeypatch
):
    stream = kept_streams.create()
    left = [10**9]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: (10**9, 0, left[0]))
    for _ in range(300):
        kept_streams.put(stream, b"a", b"x" * 9000)
    assert len(kept_streams.answers(stream)) == stream.state().messages == 300
    left[0] = 10**6
    for _ in range(10):
        kept_streams.put(stream, b"a", b"x" * 9000)
    answers = kept_streams.answers(stream)
    assert {each["error"]["description"] for each in answers} == {os.strerror(errno.ENOSPC)}
    assert wal.log_of(stream.store.path).stat().st_size == 0
    assert stream.purge(seq=200) == 199
    for _ in range(10):
        kept_streams.put(stream, b"a", b"x" * 9000)
    assert [each["seq"] for each in kept_streams.answers(stream)] == list(range(301, 311))


def test_damage_takes_a_stream_offline(kept_streams):
    stream = kept_streams.create()
    for _ in range(2):
        kept_streams.put(stream)
    stream.drain()
    stream.store._database.execute("UPDATE messages SET payload = x'00' WHERE seq = 1")
    for call in (lambda: stream.get(1), lambda: stream.get(2), lambda: stream.last(b">")):
        with pytest.raises(ApiError) as refused:
            call()
        assert refused.value.err_code == 10194
        assert "stream.db: the checksum of message 1 is wrong" in str(refused.value)
    assert kept_streams.ask(stream)["error"]["err_code"] == 10194
    assert "stream.db" in kept_streams.host.logged.getvalue()
    kept_streams.open.remove(stream)
    stream.store.abandon()


def test_a_stream_comes_back_as_it_was(kept_streams):
    kept_streams.host.clock.advance(5)
    config = {"subjects": ("a.>",), "description": "d", "max_msgs": 10, "metadata": {"k": "v"}}
    stream = kept_streams.create(**config)
    created = stream.created_ns
    kept_streams.put(stream, b"a.b", b"x")
    state = stream.state()
    kept_streams.host.clock.advance(5)
    again = kept_streams.restart(stream)
    assert (again.created_ns, again.config, again.state()) == (created, stream.config, state)


def test_an_update_is_kept(kept_streams):
    stream = kept_streams.create()
    changed = stream.config.__class__(name="S", max_msgs=3)
    stream.update(changed)
    assert kept_streams.restart(stream).config == changed


def test_a_stream_that_never_came_to_be_is_no_damage(kept_streams, path):
    SQLiteStore.create(path, sync=True).abandon()
    with pytest.raises(Unfinished):
        keeping.reopen(kept_streams.host, path.parent)
    keeping.remove(path.parent)
    assert not path.parent.exists()


def test_a_stream_that_the_disk_has_no_room_for_is_not_made(kept_streams, monkeypatch):
    def full(_store):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(SQLiteStore, "_write", full)
        with pytest.raises(ApiError, match="disk is full"):
            kept_streams.create()
    assert kept_streams.ask(kept_streams.create())["seq"] == 1


def test_a_destroyed_stream_leaves_nothing(kept_streams):
    stream = kept_streams.create()
    kept_streams.put(stream)
    stream.destroy()
    kept_streams.open.remove(stream)
    assert not (kept_streams.directory / "S").exists()


def test_a_file_that_does_not_say_what_it_is(kept_streams, path):
    store = SQLiteStore.create(path, sync=False)
    store.save("other", b"")
    store.close()
    with pytest.raises(Damaged, match="does not say what stream it is"):
        keeping.reopen(kept_streams.host, path.parent)


def test_lazy_files_are_synced_from_time_to_time(kept_streams, monkeypatch):
    synced = []
    monkeypatch.setattr(SQLiteStore, "sync", lambda store: synced.append(store.path.parent.name))
    kept_streams.host.sync_interval = 10
    stream = kept_streams.create()
    for _ in range(3):
        kept_streams.put(stream)
        kept_streams.host.clock.advance(1)
    assert synced == []
    kept_streams.host.clock.advance(10)
    assert synced == ["S"]
    kept_streams.host.clock.advance(100)
    assert synced == ["S"]


def test_state_is_committed_with_what_arrives(kept_streams):
    stream = kept_streams.create()
    commits = stream.store._commits
    kept_streams.put(stream)
    stream.save("key", b"value")
    kept_streams.host.clock.advance(0)
    assert stream.store._commits == commits + 1
    assert kept_streams.restart(stream).store.load("key") == {"key": b"value"}
