"""How much streams may use where nobody set a limit: memory and disk of the machine."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from nats_reference.jetstream import settings
from nats_reference.jetstream.host import ENDLESS

if TYPE_CHECKING:
    from nats_reference.jetstream.settings import JetStreamOptions


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
