"""How JetStream is configured: the `jetstream` block of a configuration file, or the flag alone."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

#: What limits are when nobody sets them: shares of what the machine has.
MEMORY_SHARE = 0.75
#: Below the store directory.
FOLDER = "jetstream"


@dataclass(frozen=True, slots=True)
class JetStreamOptions:
    """What the block says."""

    enabled: bool = True
    store_dir: str = ""
    #: Bytes that streams may use; -1 for what the machine has.
    max_memory: int = -1
    max_file: int = -1
    domain: str = ""
    #: Seconds between syncs of files; 0 for a sync before each acknowledgement.
    sync_interval: float = 0.0
    #: Whether requests with unknown members are refused (JS-API-012).
    strict: bool = True
    #: Limits of consumers and streams; 0 for none.
    max_ack_pending: int = 0
    max_request_batch: int = 0
    duplicate_window: int = 0
    #: Whether deliveries ask to be answered on the second form of subject (JS-DLV-004).
    long_replies: bool = False
    max_ha_assets: int = 0
    #: Messages, and their bytes, that may wait to be stored in one stream (JS-PUB-032).
    max_buffered_msgs: int = 100_000
    max_buffered_size: int = 128 << 20


def directory(options: JetStreamOptions) -> Path:
    """Where everything is kept."""
    root = Path(options.store_dir) if options.store_dir else Path(tempfile.gettempdir()) / "nats"
    return root / FOLDER
