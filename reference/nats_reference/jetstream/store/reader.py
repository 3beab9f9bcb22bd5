"""The rows of a file, read and verified: one by one, or some ahead for who reads in order."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.record import record_of
from nats_reference.jetstream.store import Damaged
from nats_reference.jetstream.store.database import intact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.store.database import Row

#: So many rows are read ahead, if they are not longer than so many bytes altogether.
ROWS: Final = 64
BYTES: Final = 64 << 10


class Reader:
    """Reads what is committed."""

    __slots__ = ("_ahead", "_database", "_last", "_path", "_size")

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self._path = path
        self._database = database
        #: Rows that were read before anybody asked.
        self._ahead: dict[int, Record] = {}
        #: What was read last, and how long it was.
        self._last, self._size = 0, BYTES

    def record(self, seq: int) -> Record:
        """The message `seq`.

        Raises:
            Damaged: it is not there, or not what was written.
        """
        record = self._ahead.get(seq)
        if record is None:
            near = self._last < seq <= self._last + ROWS
            count = min(ROWS, BYTES // (self._size + 1)) if near else 1
            if count > 1:
                rows = self.rows("WHERE seq >= ? ORDER BY seq LIMIT ?", seq, count)
                self._ahead = {each[0]: record_of(each[:5]) for each in rows if intact(each)}
                record = self._ahead.get(seq)
            if record is None:
                row = self.verified(next(self.rows("WHERE seq = ?", seq), None), seq)
                record = record_of(row[:5])
        self._last, self._size = seq, len(record.payload)
        return record

    def rows(self, condition: str, *values: int) -> Iterator[Row]:
        """The rows for which that is so.

        Raises:
            Damaged: the file can't be read.
        """
        query = f"SELECT seq, time, subject, headers, payload, checksum FROM messages {condition}"  # noqa: S608 - all of it stands here
        try:
            yield from self._database.execute(query, values)
        except sqlite3.Error as error:
            raise Damaged(self._path, error) from error

    def verified(self, row: Row | None, seq: int) -> Row:
        """The row, if it is as it was written.

        Raises:
            Damaged: it is not.
        """
        if row is None:
            raise Damaged(self._path, f"message {seq} is missing")
        if not intact(row):
            raise Damaged(self._path, f"the checksum of message {row[0]} is wrong")
        return row
