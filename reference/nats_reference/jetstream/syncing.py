"""A file's commits reach the disk from time to time, where not each of them waits for it (JS-LIM-022)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.store import StoreFailure

if TYPE_CHECKING:
    from nats_reference.clock import Timer
    from nats_reference.jetstream.host import Host
    from nats_reference.jetstream.store import Store


class Syncing:
    """The timer of one stream's file."""

    __slots__ = ("_host", "_store", "_timer")

    def __init__(self, store: Store, host: Host) -> None:
        self._store = store
        self._host = host
        self._timer: Timer | None = None

    def schedule(self) -> None:
        """Something has been committed."""
        if self._timer is None and self._host.sync_interval and self._store.kind == "file":
            self._timer = self._host.clock.call_later(self._host.sync_interval, self._sync)

    def cancel(self) -> None:
        """Nothing more will be."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sync(self) -> None:
        self._timer = None
        try:
            self._store.sync()
        except StoreFailure as failure:
            self._host.log.error(str(failure))
