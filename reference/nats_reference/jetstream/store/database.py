"""A stream's SQLite file: how it is opened, its tables, its log.

One file a stream, in WAL mode, for one process alone. `sync=True` has every
commit wait for the disk; without it, a commit survives the end of the process
and `checkpoint` makes it survive that of the machine (JS-LIM-022, JS-LIM-023).
"""

from __future__ import annotations

import os
import sqlite3
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from zlib import crc32

from nats_reference.jetstream.store import StoreFailure
from nats_reference.jetstream.store.wal import log_of, memory_of

if TYPE_CHECKING:
    from pathlib import Path

#: What tells the file from other SQLite files: "NATS".
APPLICATION: Final = 0x4E415453
#: The version of the tables.
FORMAT: Final = 1

#: Bytes of a page, and of one where messages are large: each page is written by itself.
PAGE: Final = 4096
LARGE_PAGE: Final = 32768

#: What makes the tables; part of the first commit.
SCHEMA: Final = (
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {FORMAT}",
    """CREATE TABLE messages (
        seq INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        subject BLOB NOT NULL,
        headers BLOB,
        payload BLOB NOT NULL,
        checksum INTEGER NOT NULL
    )""",
    """CREATE TABLE state (
        key TEXT PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL
    ) WITHOUT ROWID""",
)

#: A row of `messages`.
Row = tuple[int, int, bytes, bytes | None, bytes, int]

#: What of a row is a number, and where its texts begin and end.
_NUMBERS = struct.Struct("<Qqii").pack

#: After how many commits the log is made longer in advance, by how much, and how long.
LENGTHEN_EVERY: Final = 64
LENGTHEN_BY: Final = 1 << 20
LENGTHEN_TO: Final = 4 << 20


def create(path: Path, *, sync: bool, page: int = PAGE) -> sqlite3.Connection:
    """A new file, without tables.

    Raises:
        StoreFailure: it can't be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise StoreFailure(path, "is there already")
        database = connect(path, sync=sync, create=True, page=page)
        if sync:
            sync_directory(path.parent)
            sync_directory(path.parent.parent)
    except (OSError, sqlite3.Error) as error:
        raise StoreFailure(path, error) from error
    return database


def sync_directory(path: Path) -> None:
    """Have the names in a directory survive the machine."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def remove(path: Path) -> None:
    """Delete the file and what stands beside it, and the directory if nothing else is in it."""
    for each in (path, log_of(path), memory_of(path)):
        each.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def connect(
    path: Path, *, sync: bool, create: bool = False, page: int = PAGE
) -> sqlite3.Connection:
    """The file, for this process alone; pages of a file that is there are what they are.

    Raises:
        sqlite3.Error: it is not there, is no database, or another process has it.
    """
    mode = "rwc" if create else "rw"
    uri = path.absolute().as_uri()
    database = sqlite3.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None, timeout=0.1)
    try:
        database.execute(f"PRAGMA page_size = {page}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        # Only now: an exclusive connection from the start has no shared-memory file (wal.py).
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute(f"PRAGMA synchronous = {'FULL' if sync else 'NORMAL'}")
        # What is deleted is overwritten where that needs no writing of its own.
        database.execute("PRAGMA secure_delete = FAST")
        database.execute("BEGIN IMMEDIATE")
        database.execute("COMMIT")
    except BaseException:
        database.close()
        raise
    return database


def lengthen_log(path: Path) -> None:
    """Write zeros behind the log: syncing is faster where the file doesn't grow."""
    log = log_of(path)
    if log.stat().st_size < LENGTHEN_TO:
        with log.open("ab") as file:
            file.write(bytes(LENGTHEN_BY))


def message_checksum(
    seq: int, time: int, subject: bytes, headers: bytes | None, payload: bytes
) -> int:
    """The checksum of a row of `messages`, over all its other columns."""
    if headers is None:
        return crc32(payload, crc32(subject, crc32(_NUMBERS(seq, time, len(subject), -1))))
    numbers = _NUMBERS(seq, time, len(subject), len(headers))
    return crc32(payload, crc32(headers, crc32(subject, crc32(numbers))))


def intact(row: Row) -> bool:
    """Whether a row of `messages` is as it was written."""
    try:
        return row[5] == message_checksum(*row[:5])
    except (TypeError, struct.error):
        return False


def state_checksum(key: str, value: bytes) -> int:
    """The checksum of a row of `state`."""
    return crc32(value, crc32(key.encode()))
