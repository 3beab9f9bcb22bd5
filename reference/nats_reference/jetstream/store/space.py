"""How much room a disk must have left before more is written to it.

What is left when messages are refused is for removing some: that too has to go
through the log first, and the log into the file.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.store.wal import log_of

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes that stay free, or this part of a small disk.
CUSHION: Final = 8 << 20
SMALL: Final = 8
#: So many pages of a file that hold nothing are room, too.
PAGES: Final = 64
#: So many bytes, or so many commits, are written between two looks at the disk.
BYTES: Final = 64 << 10
COMMITS: Final = 16


class Room:
    """The disk of one database."""

    __slots__ = ("_log", "_path")

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._log = str(log_of(path))

    def short(self) -> bool:
        """Whether there is too little room for more messages.

        Raises:
            OSError: nobody can say; the file is gone, perhaps.
        """
        total, _, free = shutil.disk_usage(self._path)
        return free < os.stat(self._log).st_size + min(CUSHION, total // SMALL)  # noqa: PTH116 - a path each time is slow
