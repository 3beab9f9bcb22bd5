"""What a file keeps when its process is killed, its disk is full, or its bytes are not what they were."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest

from nats_reference.jetstream import keeping
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.store import Damaged, StoreFailure, Unfinished, database, wal
from nats_reference.jetstream.store.reader import Reader
from nats_reference.jetstream.store.sqlite import SQLiteStore, runs


def fill(store, count=300):
    """Messages of many kinds, in several commits."""
    for number in range(count):
        headers = b"NATS/1.0\r\nA: %d\r\n\r\n" % number if number % 3 else None
        store.append(b"s.%d" % (number % 7), headers, b"payload %d " % number * 9, number)
        if number % 10 == 9:
            store.remove(number - 4)
            store.save("number", b"%d" % number)
            store.commit()
    store.commit()


def content(store):
    """Everything that is in a store."""
    index = store.index
    messages = [store.get(seq) for seq in index.sequences()]
    return messages, (index.first_seq, index.last_seq, index.bytes), store.load("number")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "S" / "stream.db"


@pytest.fixture
def closed(path):
    """A store after an orderly end, and what is in it."""
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    expected = content(store)
    store.close()
    return path, expected


@pytest.fixture
def killed(path):
    """What a process leaves that was killed, and what had been committed."""
    path = path.parent.with_name("K") / path.name
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    expected = content(store)
    left = path.parent.with_name("left")
    shutil.copytree(path.parent, left)
    store.destroy()
    return left / path.name, expected


def opened(path):
    """What is in a store that is opened again."""
    store = SQLiteStore.open(path, sync=False)
    try:
        return content(store)
    finally:
        store.abandon()


def test_an_orderly_end_and_a_killing_lose_nothing(closed, killed):
    for path, expected in (closed, killed):
        assert opened(path) == expected


def test_what_was_not_committed_never_was(path):
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    expected = content(store)
    store.append(b"a", None, b"", 0)
    store.save("number", b"other")
    store.abandon()
    assert opened(path) == expected


PUBLISHER = """
import sys
from pathlib import Path
from nats_reference.jetstream.store.reader import Reader
from nats_reference.jetstream.store.sqlite import SQLiteStore
store = SQLiteStore.create(Path(sys.argv[1]), sync=sys.argv[2] == "always")
while True:
    for _ in range(5):
        seq = store.append(b"s", None, b"x" * 500, 1)
    store.commit()
    print(seq, flush=True)
"""


@pytest.mark.parametrize("sync", ["always", "lazy"])
def test_no_committed_message_is_lost_with_its_process(path, sync):
    command = [sys.executable, "-c", PUBLISHER, str(path), sync]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        lines = [process.stdout.readline() for _ in range(random.Random(sync).randrange(100, 200))]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().splitlines(keepends=True)
    said = int([line for line in lines if line.endswith(b"\n")][-1])
    store = SQLiteStore.open(path, sync=False)
    assert store.index.last_seq >= said
    assert store.index.last_seq % 5 == 0
    assert store.index.messages == store.index.last_seq
    store.abandon()


def harmed(path, name, at, change):
    """The files beside `path`, one byte of one of them changed, elsewhere."""
    there = path.parent.with_name(f"harmed-{name}-{at}")
    shutil.copytree(path.parent, there)
    file = there / name
    data = bytearray(file.read_bytes())
    data[at] ^= change
    stat = file.stat()
    file.write_bytes(data)
    os.utime(file, (stat.st_atime, stat.st_mtime))
    return there / path.name


@pytest.mark.parametrize("end", ["closed", "killed"])
def test_a_changed_byte_is_found_or_of_no_consequence(request, end):
    path, expected = request.getfixturevalue(end)
    rng = random.Random(5)
    for name in {"closed": [path.name], "killed": [path.name, path.name + "-wal"]}[end]:
        size = (path.parent / name).stat().st_size
        found = 0
        for _ in range(80):
            other = harmed(path, name, rng.randrange(size), 1 << rng.randrange(8))
            try:
                assert opened(other) == expected
            except StoreFailure as failure:
                assert failure.path.name in (path.name, path.name + "-wal")  # noqa: PT017
                assert str(failure).startswith(str(failure.path))  # noqa: PT017
                found += 1
            shutil.rmtree(other.parent)
        assert found > 30 or size < 10_000


@pytest.mark.parametrize("left", [0, 10, 0.3, -5000, -1])
@pytest.mark.parametrize("name", ["stream.db", "stream.db-wal"])
def test_missing_bytes_are_found(closed, killed, name, left):
    path, _ = closed if name == "stream.db" else killed
    file = path.with_name(name)
    size = file.stat().st_size
    os.truncate(file, int(left * size) if isinstance(left, float) else left % size)
    for _ in range(2):
        with pytest.raises(StoreFailure):
            SQLiteStore.open(path, sync=False)
        assert file.exists()


@pytest.mark.parametrize("left", [0, 10])
def test_what_the_log_has_may_be_missing_in_the_file(killed, left):
    path, expected = killed
    os.truncate(path, left)
    try:
        assert opened(path) == expected
    except StoreFailure:
        assert wal.log_of(path).exists()


def test_a_missing_log_is_found(killed):
    path, _ = killed
    wal.log_of(path).unlink()
    with pytest.raises(Damaged, match=r"stream\.db-wal: is missing"):
        SQLiteStore.open(path, sync=False)


def test_a_refused_file_is_left_as_it_is(killed):
    path, _ = killed
    harm = harmed(path, path.name + "-wal", wal.log_of(path).stat().st_size // 2, 1)
    before = {each.name: each.read_bytes() for each in harm.parent.iterdir()}
    for _ in range(2):
        with pytest.raises(Damaged, match=r"stream\.db-wal: of"):
            SQLiteStore.open(harm, sync=False)
    names = (path.name, path.name + "-wal")
    assert {name: (harm.parent / name).read_bytes() for name in names} == {
        name: before[name] for name in names
    }


def test_rows_that_nobody_wrote_are_found(closed):
    path, _ = closed
    for statement in (
        "DELETE FROM messages WHERE seq = 7",
        "UPDATE messages SET payload = 'text' WHERE seq = 7",
        "UPDATE messages SET time = 1.5 WHERE seq = 7",
        "UPDATE messages SET headers = x'' WHERE headers IS NULL",
        "UPDATE messages SET seq = -7 WHERE seq = 7",
        "UPDATE messages SET seq = 1000000 WHERE seq = 7",
        "UPDATE state SET value = x'00'",
        "UPDATE state SET value = 5",
        "DROP TABLE state",
        "PRAGMA application_id = 1",
        "PRAGMA user_version = 99",
    ):
        there = path.parent.with_name("edited")
        shutil.copytree(path.parent, there)
        edited = sqlite3.connect(there / path.name)
        edited.execute(statement)
        edited.commit()
        edited.close()
        with pytest.raises(StoreFailure, match=r"stream\.db"):
            SQLiteStore.open(there / path.name, sync=False)
        shutil.rmtree(there)


def test_what_is_no_store(path):
    with pytest.raises(StoreFailure):
        SQLiteStore.open(path, sync=False)
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(Damaged):
        SQLiteStore.open(path, sync=False)
    with pytest.raises(StoreFailure, match="is there already"):
        SQLiteStore.create(path, sync=False)
    with pytest.raises(StoreFailure):
        SQLiteStore.create(path / "x" / "stream.db", sync=False)


def test_a_file_is_for_one_process(path):
    store = SQLiteStore.create(path, sync=False)
    with pytest.raises(StoreFailure, match="locked"):
        SQLiteStore.open(path, sync=False)
    store.destroy()


def test_each_read_verifies(path):
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    for statement, seqs in (
        ("UPDATE messages SET payload = x'00' WHERE seq = 7", [7]),
        ("DELETE FROM messages WHERE seq = 8", [8]),
        ("DROP TABLE messages", [9]),
    ):
        store._database.execute(statement)
        store._reader.forget()
        for seq in seqs:
            with pytest.raises(Damaged, match=r"stream\.db"):
                store.get(seq)
    store.abandon()


def test_who_reads_in_order_gets_what_is_there(path, monkeypatch):
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    queries = []
    rows = store._reader.rows
    monkeypatch.setattr(Reader, "rows", lambda _self, *query: queries.append(query) or rows(*query))
    seqs = list(store.index.sequences())
    assert [store.get(seq).seq for seq in seqs] == seqs
    assert len(queries) < len(seqs) / 20
    store.remove(seqs[100])
    assert store.get(seqs[100]) is None
    assert store.get(seqs[250]).seq == seqs[250]
    store.destroy()


def test_one_bad_row_spoils_no_other(path):
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    store._database.execute("UPDATE messages SET payload = x'00' WHERE seq = 18")
    assert [store.get(seq).seq for seq in range(1, 5)] == [1, 2, 3, 4]
    assert store.get(17).seq == 17
    for seq in (20, 30):
        with pytest.raises(Damaged, match="the checksum of message 18 is wrong"):
            store.get(18)
        assert store.get(seq).seq == seq
    store.abandon()


def test_large_messages_are_not_read_ahead(path):
    store = SQLiteStore.create(path, sync=False)
    for number in range(5):
        store.append(b"s", None, bytes(100_000), number)
    store.commit()
    assert [store.get(seq).seq for seq in range(1, 6)] == [1, 2, 3, 4, 5]
    assert len(store._reader._ahead) <= 4
    store.destroy()


def test_how_commits_reach_the_disk(tmp_path):
    for sync, level in ((True, 2), (False, 1)):
        store = SQLiteStore.create(tmp_path / str(sync) / "stream.db", sync=sync)
        assert store._database.execute("PRAGMA synchronous").fetchall() == [(level,)]
        assert store._database.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
        store.sync()
        store.destroy()


def test_the_log_is_lengthened_in_advance_where_every_commit_waits(path):
    store = SQLiteStore.create(path, sync=True)
    for number in range(database.LENGTHEN_EVERY):
        store.append(b"s", None, b"", number)
        store.commit()
    size = wal.log_of(path).stat().st_size
    assert size > database.LENGTHEN_BY
    for number in range(3 * database.LENGTHEN_EVERY):
        store.append(b"s", None, b"", number)
        store.commit()
    expected = content(store)
    copy = path.parent.with_name("copy")
    shutil.copytree(path.parent, copy)
    assert opened(copy / path.name) == expected
    store.destroy()


def test_runs():
    assert list(runs([5, 1, 2, 9, 3])) == [(1, 3), (5, 5), (9, 9)]


# ---- A stream and its file -------------------------------------------------------------


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


def test_the_last_sequence_outlives_its_message_whenever_that_goes(path):
    store = SQLiteStore.create(path, sync=False)
    fill(store, 9)
    store.close()
    store = SQLiteStore.open(path, sync=False)
    last = store.index.last_seq
    store.remove(last)
    store.close()
    assert SQLiteStore.open(path, sync=False).index.last_seq == last
