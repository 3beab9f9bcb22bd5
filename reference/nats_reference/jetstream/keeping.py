"""A stream's beginning, and its return after a restart: where its store is and what it says of itself.

JS-LIM-007, JS-LIM-020. A stream in a file keeps its configuration there; the
file is `<directory>/stream.db`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.config import stored
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.store import Damaged, database
from nats_reference.jetstream.store.memory import MemoryStore
from nats_reference.jetstream.store.sqlite import SQLiteStore
from nats_reference.jetstream.stream import Stream
from nats_spec import objects

if TYPE_CHECKING:
    from pathlib import Path

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.host import Host
    from nats_reference.jetstream.store import Store

FILE: Final = "stream.db"
#: What a store keeps the moment of the beginning under.
CREATED: Final = "created"


def create(config: StreamConfig, host: Host, directory: Path) -> Stream:
    """A new stream; one in memory leaves `directory` alone.

    Raises:
        StoreFailure: the file can't be made.
        ApiError: the disk is full.
    """
    store: Store
    if config.storage == "memory":
        store = MemoryStore(config.first_seq)
    else:
        sync = not host.sync_interval
        # Chunks of objects are 128 KiB, mostly.
        page = database.LARGE_PAGE if objects.bucket_of(config.name) else database.PAGE
        store = SQLiteStore.create(directory / FILE, config.first_seq, sync=sync, page=page)
    created = host.clock.wall()
    store.save(CREATED, json.dumps(created).encode())
    store.save(stored.KEY, stored.encode(config))
    stream = Stream(config, store, host, created)
    try:
        stream.commit()
    except ApiError:
        stream.destroy()
        raise
    return stream


def reopen(host: Host, directory: Path) -> Stream:
    """The stream that is kept in `directory`.

    Raises:
        Unfinished: it never came to be.
        Damaged: something in its file is not as it was written.
        StoreFailure: the file can't be opened.
    """
    store = SQLiteStore.open(directory / FILE, sync=not host.sync_interval)
    try:
        created = int(json.loads(store.load(CREATED)[CREATED]))
        config = stored.decode(store.load(stored.KEY)[stored.KEY])
    except (KeyError, ValueError, TypeError) as error:
        store.abandon()
        raise Damaged(store.path, f"does not say what stream it is: {error}") from error
    return Stream(config, store, host, created)


def remove(directory: Path) -> None:
    """Clear away what an unfinished stream left."""
    database.remove(directory / FILE)
