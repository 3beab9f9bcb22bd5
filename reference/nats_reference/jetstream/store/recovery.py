"""A stream's file is opened again: everything in it is read and verified.

JS-LIM-020, JS-LIM-021. Whatever is not as it was written is an error that
names the file; nothing is mended and nothing is left out.
"""

from __future__ import annotations

import sqlite3
import struct
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.record import file_size
from nats_reference.jetstream.store import Damaged, StoreFailure, Unfinished, wal
from nats_reference.jetstream.store import database as databases
from nats_reference.jetstream.store.index import Index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    #: Sequence, time, subject and size of a message.
    Entry = tuple[int, int, bytes, int]

#: The state that holds first and last sequence and when that was used, if it is no message's.
POSITION: Final = "position"
#: The state that a store leaves when it is closed: see `summary`.
CLOSED: Final = "closed"

_POSITION: Final = struct.Struct("<QQq")
_SUMMARY: Final = struct.Struct("<QQQQ")


def position(index: Index) -> bytes:
    """What is kept under POSITION."""
    return _POSITION.pack(index.first_seq, index.last_seq, index.last_time)


def summary(index: Index) -> bytes:
    """What is kept under CLOSED, to compare with what is found again."""
    return _SUMMARY.pack(index.messages, index.bytes, index.first_seq, index.last_seq)


def reopen(path: Path, *, sync: bool) -> tuple[sqlite3.Connection, Index]:
    """The file `path`, and the index of what is in it.

    Raises:
        Damaged: something in it is not as it was written.
        StoreFailure: it can't be opened.
    """
    database: sqlite3.Connection | None = None
    try:
        check_size(path)
        wal.check(path)
        database = databases.connect(path, sync=sync)
        identify(database, path)
        verify_structure(database, path)
        state = verified_state(database, path)
        index = Index()
        index.load(verified_messages(database, path))
        locate(index, state)
        compare(index, state.get(CLOSED), path)
    except (sqlite3.OperationalError, OSError) as error:
        close(database)
        raise StoreFailure(path, error) from error
    except sqlite3.Error as error:
        close(database)
        raise Damaged(path, error) from error
    except StoreFailure:
        close(database)
        raise
    return database, index


def check_size(path: Path) -> None:
    """See whether anything is there: SQLite takes nothing for a new file, and drops its log.

    Raises:
        Damaged: nothing is.
    """
    if not path.stat().st_size:
        raise Damaged(path, "is empty")


def compare(index: Index, closed: bytes | None, path: Path) -> None:
    """See whether all is there that was there at an orderly end.

    Raises:
        Damaged: it is not.
    """
    if closed is not None and closed != summary(index):
        raise Damaged(path, "messages are missing")


def close(database: sqlite3.Connection | None) -> None:
    """Let go of a file that is of no use."""
    if database is not None:
        database.close()


def identify(database: sqlite3.Connection, path: Path) -> None:
    """See whether it is a file of ours."""
    ((application,),) = database.execute("PRAGMA application_id")
    ((version,),) = database.execute("PRAGMA user_version")
    if not application and not database.execute("SELECT * FROM sqlite_schema").fetchall():
        raise Unfinished(path, "has no tables yet")
    if application != databases.APPLICATION:
        raise Damaged(path, "is not the store of a stream")
    if version != databases.FORMAT:
        raise StoreFailure(path, f"has format {version}, and {databases.FORMAT} is known")


def verify_structure(database: sqlite3.Connection, path: Path) -> None:
    """Have SQLite look whether its pages hang together."""
    ((verdict,),) = database.execute("PRAGMA quick_check(1)")
    if verdict != "ok":
        raise Damaged(path, verdict)


def verified_state(database: sqlite3.Connection, path: Path) -> dict[str, bytes]:
    """The rows of `state`."""
    state: dict[str, bytes] = {}
    for key, value, checksum in database.execute("SELECT key, value, checksum FROM state"):
        if not isinstance(value, bytes) or checksum != databases.state_checksum(key, value):
            raise Damaged(path, f"the checksum of {key!r} is wrong")
        state[key] = value
    return state


def verified_messages(database: sqlite3.Connection, path: Path) -> Iterator[Entry]:
    """Sequence, time, subject and size of all messages, each of which is read."""
    rows = database.execute(
        "SELECT seq, time, subject, headers, payload, checksum FROM messages ORDER BY seq"
    )
    checksum_of = databases.message_checksum
    try:
        for seq, time, subject, headers, payload, checksum in rows:
            if checksum != checksum_of(seq, time, subject, headers, payload):
                break
            yield seq, time, subject, file_size(subject, headers, payload)
        else:
            return
    except (TypeError, struct.error):
        # A value of another type than any that was written.
        pass
    raise Damaged(path, f"the checksum of message {seq} is wrong")


def locate(index: Index, state: dict[str, bytes]) -> None:
    """Put an index where its stream was: sequences after the last message count (JS-LIM-021)."""
    if POSITION in state:
        first, last, time = _POSITION.unpack(state[POSITION])
        if last > index.last_seq or not index.messages:
            index.skip_to(last, time)
        if not index.messages:
            index.first_seq = first
        index.settle()
