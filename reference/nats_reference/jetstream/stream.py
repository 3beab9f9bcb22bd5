"""A stream: what is published on its subjects, kept in order.

What arrives in one round of the event loop is stored together: decided message
by message, committed once, acknowledged then. Whoever reads sees all that
arrived before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream import acks, publishing, purging, retention, selection, state
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.store import StoreFailure

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.host import Host, Observer
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.state import StreamState
    from nats_reference.jetstream.store import Store
    from nats_reference.operations.pub import Message


class Stream:
    """One stream of an account."""

    def __init__(self, config: StreamConfig, store: Store, host: Host, created: int) -> None:
        self.config = config
        self.store = store
        self.host = host
        #: Nanoseconds since 1970; stays (JS-LIM-007).
        self.created_ns = created
        self.observers: list[Observer] = []
        #: What has arrived and is not stored yet.
        self._queue: list[tuple[Message, bytes]] = []
        #: What was removed since the last commit, for the observers.
        self.gone: list[tuple[int, bytes]] = []
        self.ack_opening = acks.opening(self)

    # ---- Arrivals --------------------------------------------------------------

    def ingest(self, publisher: Connection | None, message: Message, payload: bytes) -> None:  # noqa: ARG002 - a sink's arguments
        """Take a message as routing hands it over: `payload` is header block, payload, CR LF."""
        if not self._queue:
            self.host.clock.call_soon(self.drain)
        self._queue.append((message, payload))

    def drain(self) -> None:
        """Store everything that has arrived."""
        if self._queue:
            queue, self._queue = self._queue, []
            publishing.take(self, queue)

    # ---- Reading ---------------------------------------------------------------

    def state(self, *, deleted: bool = False, subjects: bytes | None = None) -> StreamState:
        """The figures; `subjects` is a filter, and asks for the subjects it matches."""
        self.drain()
        return state.state_of(self.store.index, deleted=deleted, subjects=subjects)

    def subjects(self, pattern: bytes) -> list[tuple[bytes, int]]:
        """The subjects that `pattern` matches and how many messages each has, by name."""
        self.drain()
        return state.counts(self.store.index, pattern)

    def get(self, seq: int) -> Record | None:
        """The message `seq`."""
        self.drain()
        return self.store.get(seq)

    def next(self, pattern: bytes, seq: int = 0) -> Record | None:
        """The first message from `seq` on that `pattern` matches."""
        self.drain()
        return self.store.get(selection.next_of(self.store.index, pattern, seq))

    def last(self, pattern: bytes, upto: int | None = None) -> Record | None:
        """The last message, up to `upto`, that `pattern` matches."""
        self.drain()
        return self.store.get(selection.last_of(self.store.index, pattern, upto))

    def at_time(self, time: int) -> int:
        """The first message not stored before `time`, or 0."""
        self.drain()
        return self.store.index.at_time(time)

    def newest(
        self, patterns: tuple[bytes, ...], since: int = 0, upto: int | None = None
    ) -> list[int]:
        """The last message, up to `upto`, of each subject that some pattern matches, in order."""
        self.drain()
        return selection.newest(self.store.index, patterns, since, upto)

    # ---- Changes from outside --------------------------------------------------

    def remove(self, seq: int) -> None:
        """Delete one message.

        Raises:
            ApiError: it is not there, or may not be deleted.
        """
        self.drain()
        purging.delete(self, seq)
        self.commit()

    def purge(self, pattern: bytes | None = None, seq: int = 0, keep: int = 0) -> int:
        """Remove messages; how many.

        Raises:
            ApiError: it may not be purged.
        """
        self.drain()
        count = purging.purge(self, pattern, seq, keep)
        self.commit()
        return count

    def update(self, config: StreamConfig) -> None:
        """Go on with another configuration, which is valid for this stream (JS-STREAM-019)."""
        self.drain()
        self.config = config
        retention.enforce_all(self)
        self.commit()

    def discard(self, seq: int) -> bool:
        """Remove a message that nobody needs any more; whether it was there."""
        removed = self.store.remove(seq)
        if removed is not None and self.observers:
            self.gone.append((seq, removed[0]))
        return removed is not None

    def commit(self) -> None:
        """Keep what was changed, and tell the observers what is gone.

        Raises:
            ApiError: it could not be kept.
        """
        try:
            self.store.commit()
        except StoreFailure as failure:
            self.gone.clear()
            raise ApiError(10077, err=str(failure)) from failure
        self.tell_gone()

    def tell_gone(self) -> None:
        """Tell the observers what was removed for good."""
        if self.gone:
            gone, self.gone = self.gone, []
            for observer in self.observers:
                observer.removed(gone)

    # ---- The end ---------------------------------------------------------------

    def close(self) -> None:
        """Stop; what is stored stays."""
        self.drain()
        self.store.close()

    def destroy(self) -> None:
        """Stop, and leave nothing behind (JS-STREAM-016)."""
        self._queue.clear()
        self.store.destroy()
