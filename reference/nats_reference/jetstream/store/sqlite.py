"""A store in a SQLite file: one transaction for all that is committed together.

JS-LIM-020 .. JS-LIM-023. Until a commit nothing is written; if the commit fails
everything is as it was before. Other modules: the file itself is `database.py`,
what is found in it on opening `recovery.py`.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from nats_reference.jetstream.record import record_of
from nats_reference.jetstream.store import Store, StoreFailure, recovery, space
from nats_reference.jetstream.store import database as databases
from nats_reference.jetstream.store.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.store.database import Row


#: No key has it: after all keys that begin alike.
LAST = chr(0x10FFFF)


class SQLiteStore(Store):
    """Messages in the table `messages`, the rest in the table `state`."""

    kind = "file"

    def __init__(self, path: Path, database: sqlite3.Connection, *, sync: bool) -> None:
        super().__init__()
        self.path = path
        self._database = database
        self._reader = Reader(path, database)
        self._sync = sync
        self.may_follow = not sync
        self._commits = 0
        #: Commits and bytes when there was last seen to be room.
        self._looked = (-space.COMMITS, 0)
        self._room = space.Room(path)
        #: What is kept as the position: of no use as long as the last message is there.
        self._position = recovery.position(self.index)
        #: What the next commit writes, in this order.
        self._tables: tuple[str, ...] = ()
        self._cleared = False
        self._dropped: list[int] = []
        self._pending: dict[int, Row] = {}
        #: What the last commit has written, until everybody has been told of it.
        self._written: dict[int, Row] = {}
        self._state: dict[str, bytes | None] = {}

    @classmethod
    def create(
        cls, path: Path, first_seq: int = 0, *, sync: bool, page: int = databases.PAGE
    ) -> SQLiteStore:
        """A new store in the file `path`, in pages of so many bytes.

        Raises:
            StoreFailure: it can't be made.
        """
        store = cls(path, databases.create(path, sync=sync, page=page), sync=sync)
        store._tables = databases.SCHEMA
        if first_seq:
            store.skip_to(first_seq - 1, 0)
        return store

    @classmethod
    def open(cls, path: Path, *, sync: bool) -> SQLiteStore:
        """The store that is in the file `path`.

        Raises:
            Damaged: something in it is not as it was written.
            StoreFailure: it can't be opened.
        """
        database, index = recovery.reopen(path, sync=sync)
        store = cls(path, database, sync=sync)
        store.index = index
        # While the last message is there, none or an old one is kept.
        store._position = b"" if index.last_seq in index else recovery.position(index)
        store.forget((recovery.CLOSED,))
        return store

    # ---- Changes ---------------------------------------------------------------

    def _put(
        self, seq: int, time: int, subject: bytes, headers: bytes | None, payload: bytes
    ) -> None:
        checksum = databases.message_checksum(seq, time, subject, headers, payload)
        self._pending[seq] = (seq, time, subject, headers, payload, checksum)

    def _drop(self, seq: int) -> None:
        if self._pending.pop(seq, None) is None:
            self._written.pop(seq, None)
            self._dropped.append(seq)

    def _drop_all(self) -> None:
        self._pending.clear()
        self._written.clear()
        self._dropped.clear()
        self._cleared = True

    def save(self, key: str, value: bytes) -> None:
        """Keep `value` under `key`, from the next commit on."""
        self._state[key] = value

    def forget(self, keys: Iterable[str]) -> None:
        """Keep nothing under `keys`, from the next commit on."""
        self._state.update(dict.fromkeys(keys))

    # ---- All or nothing --------------------------------------------------------

    def commit(self) -> None:
        """Write what was changed.

        Raises:
            StoreFailure: it can't be written, and all of it has been undone.
        """
        index = self.index
        if index.last_seq not in self._pending and index.last_seq not in index:
            position = recovery.position(index)
            if position != self._position:
                self._state[recovery.POSITION] = position
        if not (self._cleared or self._dropped or self._pending or self._state or self._tables):
            return
        try:
            if self._pending:
                self._look_for_room()
            if self._one_row():
                self._write()
            else:
                self._database.execute("BEGIN IMMEDIATE")
                self._write()
                self._database.execute("COMMIT")
        except (sqlite3.Error, OSError, OverflowError) as error:
            self._undo()
            raise StoreFailure(self.path, getattr(error, "strerror", None) or error) from error
        index.settle()
        self._position = self._state.get(recovery.POSITION) or self._position
        self._tables = ()
        self._written, self._pending = self._pending, {}
        self._forget_pending()
        self._commits += 1
        if self._sync and self._commits % databases.LENGTHEN_EVERY == 0:
            self._lengthen_log()

    def told(self) -> None:
        """Nobody is likely to ask now for what was committed last."""
        self._written = {}

    def _one_row(self) -> bool:
        """Whether one row is all there is to write: its statement is a transaction by itself."""
        return len(self._pending) + len(self._state) == 1 and not (
            self._cleared or self._dropped or self._tables
        )

    def _look_for_room(self) -> None:
        """Now and then, look whether there is room, with all of the log in the file if need be.

        Raises:
            OSError: there is none.
        """
        written = self.index.bytes - self._looked[1]
        if self._commits < self._looked[0] + space.COMMITS and abs(written) < space.BYTES:
            return
        if self._room.short():
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            ((pages,),) = self._database.execute("PRAGMA freelist_count")
            if self._room.short() and pages < space.PAGES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._looked = (self._commits, self.index.bytes)

    def _write(self) -> None:
        database = self._database
        for statement in self._tables:
            database.execute(statement)
        if self._cleared:
            database.execute("DELETE FROM messages")
        if self._dropped:
            database.executemany(
                "DELETE FROM messages WHERE seq BETWEEN ? AND ?", runs(self._dropped)
            )
        if self._pending:
            database.executemany(
                "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", self._pending.values()
            )
        if self._state:
            self._write_state()

    def _write_state(self) -> None:
        database = self._database
        kept = [
            (key, value, databases.state_checksum(key, value))
            for key, value in self._state.items()
            if value is not None
        ]
        if kept:
            database.executemany("REPLACE INTO state VALUES (?, ?, ?)", kept)
        if len(kept) < len(self._state):
            gone = ((key,) for key, value in self._state.items() if value is None)
            database.executemany("DELETE FROM state WHERE key = ?", gone)

    def _undo(self) -> None:
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")
        self.index.undo()
        self._forget_pending()

    def _forget_pending(self) -> None:
        self._cleared = False
        self._dropped.clear()
        self._pending.clear()
        self._state.clear()

    def _lengthen_log(self) -> None:
        # Without room for that, the log grows as it is needed.
        with suppress(OSError):
            if not self._room.short():
                databases.lengthen_log(self.path)

    def sync(self) -> None:
        """Have what is committed survive the machine (JS-LIM-022).

        Raises:
            StoreFailure: the medium refuses.
        """
        try:
            self._database.execute("PRAGMA wal_checkpoint").fetchall()
        except sqlite3.Error as error:
            raise StoreFailure(self.path, error) from error

    # ---- Messages --------------------------------------------------------------

    def get(self, seq: int) -> Record | None:
        """The message `seq`.

        Raises:
            Damaged: it is not what was written.
        """
        if row := self._pending.get(seq) or self._written.get(seq):
            return record_of(row[:5])
        return self._reader.record(seq) if seq in self.index else None

    def with_headers(self, since: int) -> Iterator[Record]:
        """The messages from `since` on that have headers."""
        for row in self._reader.rows("WHERE seq >= ? AND headers IS NOT NULL ORDER BY seq", since):
            yield record_of(self._reader.verified(row, row[0])[:5])

    def load(self, prefix: str) -> dict[str, bytes]:
        """What is kept under the keys that begin with `prefix`, what is not committed included."""
        kept: dict[str, bytes | None] = {}
        if not self._tables:
            rows = self._database.execute(
                "SELECT key, value FROM state WHERE key BETWEEN ? AND ?", (prefix, prefix + LAST)
            )
            kept.update(rows.fetchall())
        kept.update({key: value for key, value in self._state.items() if key.startswith(prefix)})
        return {key: value for key, value in kept.items() if value is not None}

    # ---- The end ---------------------------------------------------------------

    def close(self) -> None:
        """Let go of the file."""
        self.save(recovery.CLOSED, recovery.summary(self.index))
        try:
            self.commit()
        finally:
            self._database.close()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._database.close()

    def destroy(self) -> None:
        """Let go of the file and delete it, and its directory if nothing else is in it."""
        self._database.close()
        databases.remove(self.path)


def runs(seqs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive numbers."""
    if len(seqs) == 1:
        yield seqs[0], seqs[0]
        return
    for _, run in groupby(enumerate(sorted(seqs)), lambda pair: pair[1] - pair[0]):
        numbers = [seq for _, seq in run]
        yield numbers[0], numbers[-1]
