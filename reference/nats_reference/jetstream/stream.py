"""A stream: what is published on its subjects, kept in order.

What arrives in one round of the event loop is stored together: decided message
by message, committed once, acknowledged then. Whoever reads sees all that
arrived before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream import (
    acks,
    dedupe,
    lifetimes,
    preconditions,
    publishing,
    purging,
    retention,
    selection,
    state,
    transform,
)
from nats_reference.jetstream.config import stored
from nats_reference.jetstream.departures import Departures
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.expiry import Expiry
from nats_reference.jetstream.store import Damaged, StoreFailure
from nats_reference.jetstream.syncing import Syncing

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.host import Host, Observer
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.state import StreamState
    from nats_reference.jetstream.store import Store
    from nats_reference.operations.pub import Message
    from nats_reference.routing.itself import Publisher


#: What may or may not be so of a message.
BOTH = (False, True)


class Stream:
    """One stream of an account."""

    def __init__(self, config: StreamConfig, store: Store, host: Host, created: int) -> None:
        self.config = config
        self.store = store
        self.host = host
        #: Nanoseconds since 1970; stays (JS-LIM-007).
        self.created_ns = created
        self.observers: list[Observer] = []
        #: Why nothing can be done with it, if so.
        self.offline = ""
        self.destroyed = False
        #: What has arrived and is not stored yet, and how many bytes that are.
        self._queue: list[tuple[Message, bytes]] = []
        self._queued = 0
        self._max_messages, self._max_bytes = host.buffered
        #: Whether a round is to come.
        self._waiting = False
        #: What was removed since the last commit, for the observers.
        self.gone = Departures()
        self.ack_opening = acks.opening(config.name, host.domain)
        self.dedupe = dedupe.rebuilt(store, config.duplicate_window, host.clock.wall())
        self.lifetimes = lifetimes.rebuilt(store, config)
        self.transform: Callable[[bytes], bytes | None] | None = None
        self.republish: Callable[[bytes], bytes | None] | None = None
        self._compile()
        self._syncing = Syncing(store, host)
        self._expiry = Expiry(self)
        self._expiry.schedule()

    def _compile(self) -> None:
        """Make ready what every message goes through."""
        draw, config = self.host.rng.randrange, self.config
        #: What is asked of a message, by whether there is ample room, and whether it has headers.
        self.checks = tuple(
            tuple(preconditions.checks(config, headers=headers, ample=ample) for headers in BOTH)
            for ample in BOTH
        )
        self.limited = retention.limited(config)
        mapping, copy = config.subject_transform, config.republish
        self.transform = transform.compiled(mapping.src, mapping.dest, draw) if mapping else None
        self.republish = transform.compiled(copy.src, copy.dest, draw) if copy else None

    # ---- Arrivals --------------------------------------------------------------

    def ingest(self, publisher: Publisher | None, message: Message, payload: bytes) -> bool:  # noqa: ARG002 - a sink's arguments
        """Take a message as routing hands it over: `payload` is header block, payload, CR LF."""
        queue = self._queue
        self._queued += len(payload)
        if len(queue) >= self._max_messages or self._queued > self._max_bytes:
            self._queued -= len(payload)
            publishing.overflow(self, message)
            return True
        queue.append((message, payload))
        if not self._waiting:
            self.commit_soon()
        return True

    def drain(self) -> None:
        """Store everything that has arrived."""
        if self._queue:
            queue, size, self._queue, self._queued = self._queue, self._queued, [], 0
            publishing.take(self, queue, size)

    def _round(self) -> None:
        self._waiting = False
        if self._queue:
            self.drain()
            return
        try:
            self.commit()
        except ApiError as error:
            self.host.log.error(str(error))

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
        return self._read(seq)

    def next(self, pattern: bytes, seq: int = 0) -> Record | None:
        """The first message from `seq` on that `pattern` matches."""
        self.drain()
        return self._read(selection.next_of(self.store.index, pattern, seq))

    def last(self, pattern: bytes, upto: int | None = None) -> Record | None:
        """The last message, up to `upto`, that `pattern` matches."""
        self.drain()
        return self._read(selection.last_of(self.store.index, pattern, upto))

    def _read(self, seq: int) -> Record | None:
        if self.offline:
            raise ApiError(10194, err=self.offline)
        try:
            return self.store.get(seq)
        except Damaged as damage:
            self.fail(damage)
            raise ApiError(10194, err=self.offline) from damage

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
        self.gone.patterns.append(pattern or b">")
        self.commit()
        return count

    def update(self, config: StreamConfig) -> None:
        """Go on with another configuration, which is valid for this stream (JS-STREAM-019).

        Raises:
            ApiError: it could not be kept.
        """
        self.drain()
        before = self.config
        self._adopt(config)
        self.store.save(stored.KEY, stored.encode(config))
        retention.enforce_all(self)
        retention.change(self, before)
        try:
            self.commit()
        except ApiError:
            self._adopt(before)
            raise
        self._expiry.run()

    def _adopt(self, config: StreamConfig) -> None:
        if config.allow_msg_ttl and not self.config.allow_msg_ttl:
            self.lifetimes = lifetimes.rebuilt(self.store, config)
        self.config = config
        self.dedupe.window = config.duplicate_window
        self._compile()

    # ---- What its parts and its consumers call -----------------------------------

    def wanted(self, subject: bytes) -> bool:
        """Whether some consumer is interested in `subject` (JS-LIM-018)."""
        return any(observer.wants(subject) for observer in self.observers)

    def discard(self, seq: int) -> bool:
        """Remove a message that nobody needs any more, from the next commit on; whether it was there."""
        removed = self.store.remove(seq)
        if removed is not None and self.observers:
            self.gone.messages.append((seq, removed[0]))
        return removed is not None

    def save(self, key: str, value: bytes) -> None:
        """Keep a piece of state with the stream, at the latest with the next round."""
        self.store.save(key, value)
        self.commit_soon()

    def commit_soon(self) -> None:
        """Have everything kept that has been changed, together with what arrives meanwhile."""
        if not self._waiting:
            self._waiting = True
            self.host.clock.call_soon(self._round)

    def commit(self) -> None:
        """Keep what was changed, and tell the observers what is gone.

        Raises:
            ApiError: it could not be kept.
        """
        if self.destroyed:
            return
        try:
            self.store.commit()
        except StoreFailure as failure:
            self.gone.undone(self.observers)
            raise ApiError(10077, err=failure.reason) from failure
        self._syncing.schedule()
        self._tell_gone()

    def tell_stored(self, first: int) -> None:
        """Tell the observers what is safe now, beginning with `first`, and what is gone."""
        last = self.store.index.last_seq
        for observer in self.observers:
            observer.stored(first, last)
        self.store.told()
        self._tell_gone()
        self._expiry.schedule()
        self._syncing.schedule()

    def _tell_gone(self) -> None:
        if self.gone:
            self.gone.tell(self.observers, self.store.index.first_seq)

    def fail(self, damage: StoreFailure) -> None:
        """Something is wrong with what is stored: no more of it is served."""
        self.offline = str(damage)
        self.host.log.error(f"stream {self.config.name} is offline: {damage}")

    # ---- The end ---------------------------------------------------------------

    def close(self) -> None:
        """Stop; what is stored stays."""
        self.drain()
        self._stop()
        try:
            self.store.close()
        except StoreFailure as failure:
            self.host.log.error(str(failure))

    def destroy(self) -> None:
        """Stop, and leave nothing behind (JS-STREAM-016)."""
        self._stop()
        self._queue.clear()
        self.destroyed = True
        self.store.destroy()

    def _stop(self) -> None:
        self._expiry.cancel()
        self._syncing.cancel()
