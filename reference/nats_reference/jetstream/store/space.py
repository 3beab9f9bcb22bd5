"""How much room a disk must have left before more is written to it.

What is left when messages are refused is for removing some: that too has to go
through the log first, and the log into the file.
"""

from __future__ import annotations

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


def short(path: Path) -> bool:
    """Whether the disk of the database `path` has too little room for more messages."""
    total, _, free = shutil.disk_usage(path)
    return free < log_of(path).stat().st_size + min(CUSHION, total // SMALL)
