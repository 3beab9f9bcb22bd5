"""Whether SQLite's write-ahead log still has all that was committed to it.

SQLite stops reading its log at the first frame whose checksum is wrong, and
takes what follows for the rest of an interrupted write. A process that was
killed leaves in the shared-memory file how far it had come: what SQLite finds
must not end before that. Formats: <https://sqlite.org/walformat.html>.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from nats_reference.jetstream.store import Damaged

if TYPE_CHECKING:
    from pathlib import Path

#: The header of the wal-index, of which there are two copies in a row.
HEADER = struct.Struct("=IIIBBHIIIIIIII")


class Progress(NamedTuple):
    """How far a log had come."""

    #: The number of frames up to the last commit.
    frames: int = 0
    #: What tells this log from its predecessors in the same file.
    salts: tuple[int, int] = (0, 0)


def log_of(path: Path) -> Path:
    """The write-ahead log of the database `path`."""
    return path.with_name(path.name + "-wal")


def memory_of(path: Path) -> Path:
    """The shared-memory file of the database `path`."""
    return path.with_name(path.name + "-shm")


def progress(path: Path) -> Progress:
    """What the shared-memory file of the database `path` says, if it is there and whole."""
    try:
        if memory_of(path).stat().st_mtime < booted():
            return Progress()
        data = memory_of(path).read_bytes()[: 2 * HEADER.size]
    except FileNotFoundError:
        return Progress()
    if len(data) < 2 * HEADER.size or data[: HEADER.size] != data[HEADER.size :]:
        return Progress()
    fields = HEADER.unpack_from(data)
    return Progress(fields[6], (fields[10], fields[11])) if fields[3] else Progress()


def booted() -> float:
    """When the machine started, as far as it says: what it remembers of memory is newer."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.time() - time.clock_gettime(clock) if clock is not None else 0.0


def check(path: Path) -> None:
    """Read the log of the database `path` as SQLite does, and change nothing.

    Raises:
        Damaged: it ends before the last commit.
    """
    log = log_of(path)
    expected = progress(path)
    if not log.exists() or not log.stat().st_size:
        if expected.frames:
            raise Damaged(log, "is missing")
        return
    before = memory_of(path).read_bytes() if expected.frames else b""
    found = recovered(path)
    if expected.frames and (found.salts != expected.salts or found.frames < expected.frames):
        # So that the next attempt knows it too.
        memory_of(path).write_bytes(before)
        raise Damaged(
            log, f"of {expected.frames} frames, those from {found.frames + 1} on are damaged"
        )


def recovered(path: Path) -> Progress:
    """How far SQLite comes in reading the log."""
    # A connection that may only read leaves the log in place when it ends.
    uri = f"file:{quote(str(path))}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=0.1)) as database:
        database.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        return progress(path)
