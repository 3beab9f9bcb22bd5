"""How much streams may use where nobody set a limit, and how much of it is left.

JS-PUB-034. To count what all streams use takes time for each of them, so it is counted only
where it may matter.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from nats_reference.jetstream import settings
from nats_reference.jetstream.host import ENDLESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.settings import JetStreamOptions

#: As long as so many bytes are left, nobody counts: no round of a stream brings as much.
AMPLE = 1 << 30


class Headroom:
    """The bytes of one kind of storage that are left to the server."""

    __slots__ = ("_count", "_least")

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count
        #: No fewer are left: what was added since they were counted is taken off, what went is not.
        self._least = 0

    def left(self) -> int:
        """How many, to the byte if they are few."""
        if self._least < AMPLE:
            self._least = self._count()
        return self._least

    def spend(self, size: int) -> None:
        """So many were added."""
        if size > 0:
            self._least -= size

    def forget(self) -> None:
        """Count anew when somebody asks."""
        self._least = 0


def capacity(options: JetStreamOptions) -> dict[str, int]:
    """Bytes for each kind of storage."""
    return {
        "memory": options.max_memory if options.max_memory >= 0 else free_memory(),
        "file": options.max_file if options.max_file >= 0 else free_disk(options),
    }


def free_memory() -> int:
    """Three quarters of the machine's memory."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return ENDLESS
    return int(whole * settings.MEMORY_SHARE)


def free_disk(options: JetStreamOptions) -> int:
    """Three quarters of what is free where the streams are kept."""
    folder = settings.directory(options)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return int(shutil.disk_usage(folder).free * settings.MEMORY_SHARE)
