"""Files whose bytes are missing or not what they were: what is wrong is found, and left as it is."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3

import pytest
import stores
from stores import fill, opened

from nats_reference.jetstream.store import Damaged, StoreFailure, wal
from nats_reference.jetstream.store.reader import Reader
from nats_reference.jetstream.store.sqlite import SQLiteStore

path, closed, killed = stores.path, stores.closed, stores.killed


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


def test_each_read_verifies(path):
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    for statement, seqs in (
        ("UPDATE messages SET payload = x'00' WHERE seq = 7", [7]),
        ("DELETE FROM messages WHERE seq = 8", [8]),
        ("DROP TABLE messages", [9]),
    ):
        store._database.execute(statement)
        store._reader = Reader(path, store._database)
        for seq in seqs:
            with pytest.raises(Damaged, match=r"stream\.db"):
                store.get(seq)
    store.abandon()


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
