"""What a file keeps when its process ends or is killed, and how it is written and read."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys

import pytest
import stores
from stores import content, fill, opened

from nats_reference.jetstream.store import StoreFailure, database, wal
from nats_reference.jetstream.store.reader import Reader
from nats_reference.jetstream.store.sqlite import SQLiteStore, runs

path, closed, killed = stores.path, stores.closed, stores.killed


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


def test_the_last_sequence_outlives_its_message_whenever_that_goes(path):
    store = SQLiteStore.create(path, sync=False)
    fill(store, 9)
    store.close()
    store = SQLiteStore.open(path, sync=False)
    last = store.index.last_seq
    store.remove(last)
    store.close()
    assert SQLiteStore.open(path, sync=False).index.last_seq == last


def test_a_file_is_for_one_process(path):
    store = SQLiteStore.create(path, sync=False)
    with pytest.raises(StoreFailure, match="locked"):
        SQLiteStore.open(path, sync=False)
    store.destroy()


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


def test_one_row_by_itself_is_all_or_nothing(tmp_path):
    path = tmp_path / "S" / "stream.db"
    store = SQLiteStore.create(path, sync=False)
    store.commit()
    store._database.execute(
        "CREATE TRIGGER no BEFORE INSERT ON messages BEGIN SELECT raise(FAIL, 'no'); END"
    )
    store.append(b"s.a", None, b"x", 1)
    with pytest.raises(StoreFailure, match="no"):
        store.commit()
    assert store.index.last_seq == 0
    store._database.execute("DROP TRIGGER no")
    store.append(b"s.b", None, b"x", 1)
    store.commit()
    store.abandon()
    store = SQLiteStore.open(path, sync=False)
    assert store.get(1).subject == b"s.b"
    store.abandon()
