"""The account that has streams: which there are, what they may use, and their way to clients.

JS-API-024 .. JS-API-026, JS-CFG-008, JS-CFG-036, JS-STREAM-005, JS-STREAM-016, JS-STREAM-017. There is one
account. What a configuration may be is config/, what is asked and answered api/.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.jetstream import capacity, keeping, limits, settings
from nats_reference.jetstream.config import checking, metadata, origins, updating
from nats_reference.jetstream.config.context import Context
from nats_reference.jetstream.consumer import creating, statuses
from nats_reference.jetstream.consumer.config import Limits
from nats_reference.jetstream.consumer.group import Group
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.host import ENDLESS
from nats_reference.jetstream.outlet import Outlet
from nats_reference.jetstream.store import StoreFailure
from nats_spec import acks, subjects

if TYPE_CHECKING:
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.settings import JetStreamOptions
    from nats_reference.jetstream.stream import Stream
    from nats_reference.server import Server

#: What stands for the one account in reply subjects (JS-DLV-005).
ACCOUNT_HASH = acks.account_hash(settings.ACCOUNT.encode())


class Account(Outlet):
    """The streams of a server."""

    def __init__(self, server: Server, options: JetStreamOptions) -> None:
        super().__init__(server)
        self.options = options
        self.domain = options.domain
        if options.long_replies:
            self.reply_words = b"%b.%b." % (self.domain.encode() or b"_", ACCOUNT_HASH)
        self.sync_interval = options.sync_interval
        self.buffered = (options.max_buffered_msgs, options.max_buffered_size)
        self.directory = settings.directory(options)
        self.capacity = capacity.capacity(options)
        self.limits = limits.AccountLimits()
        self.streams: dict[str, Stream] = {}
        self.groups: dict[str, Group] = {}
        #: Streams that are there and can't be used, and why.
        self.offline: dict[str, str] = {}
        #: Streams that were made, changed or deleted, and nobody was told yet.
        self.news: list[tuple[str, str]] = []
        self.calls = 0
        self.errors = 0

    # ---- The start and the end -------------------------------------------------

    def open(self) -> None:
        """Bring back the streams that are kept (JS-LIM-020)."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for folder in sorted(self.directory.iterdir()):
            if not (folder / keeping.FILE).exists():
                continue
            try:
                stream = keeping.reopen(self, folder)
            except StoreFailure as failure:
                self.offline[folder.name] = str(failure)
                self.log.error(f"Stream {folder.name} is offline: {failure}")
                continue
            self._adopt(stream)
            creating.restore(self.groups[stream.config.name])

    def close(self) -> None:
        """Let go of everything; what is kept stays."""
        for name, stream in self.streams.items():
            self.groups[name].close(statuses.SHUTDOWN)
            stream.close()

    # ---- Streams -----------------------------------------------------------------

    def stream(self, name: str) -> Stream:
        """The stream of this name.

        Raises:
            ApiError: there is none (10059), or it can't be used (10194).
        """
        if name in self.offline:
            raise ApiError(10194, err=self.offline[name])
        if name not in self.streams:
            raise ApiError(10059)
        stream = self.streams[name]
        if stream.offline:
            raise ApiError(10194, err=stream.offline)
        return stream

    def create(self, config: StreamConfig, *, pedantic: bool) -> Stream:
        """Make a stream; one that is there with this very configuration is as good as made (JS-STREAM-005).

        Raises:
            ApiError: it can't be made.
        """
        self.check_limits(config)
        config = self.check(metadata.stamped(config), pedantic=pedantic)
        if config.num_replicas > 1:
            raise ApiError(10074)
        existing = self.streams.get(config.name)
        if existing is not None:
            if existing.config != config:
                raise ApiError(10058)
            return existing
        if config.name in self.offline:
            raise ApiError(10194, err=self.offline[config.name])
        self.check_limits(config)
        limits.check_reservation(
            config, self.reserved_by_all(config), self.capacity[config.storage]
        )
        origins.check_filters(config)
        self.check_overlap(config)
        try:
            stream = keeping.create(config, self, self.directory / config.name)
        except StoreFailure as failure:
            raise ApiError(10049, err=failure) from failure
        self._adopt(stream)
        self.news.append((config.name, "create"))
        return stream

    def update(self, name: str, config: StreamConfig, *, pedantic: bool) -> Stream:
        """Change a stream (JS-STREAM-017 .. JS-STREAM-020).

        Raises:
            ApiError: there is none, or it can't become that.
        """
        config = self.check(metadata.stamped(config), pedantic=pedantic)
        if config.name != name:
            raise ApiError(10056)
        stream = self.stream(name)
        old = stream.config
        config = updating.check(old, config)
        self.check_growth(old, config)
        self.check_consumer_limits(stream, config)
        self.check_overlap(config)
        # The store keeps what numbering began with (JS-CFG-013).
        stream.update(config)
        if config.subjects != old.subjects:
            self.capture(stream)
        self.news.append((config.name, "modify"))
        return stream

    def delete(self, name: str) -> None:
        """Delete a stream and its consumers (JS-STREAM-016)."""
        stream = self.stream(name)
        self.release(stream)
        self.groups.pop(name).drop()
        del self.streams[name]
        stream.destroy()
        self.news.append((name, "delete"))

    def _adopt(self, stream: Stream) -> None:
        name = stream.config.name
        self.streams[name] = stream
        self.groups[name] = Group(stream, self)
        stream.observers.append(self.groups[name])
        self.capture(stream)

    # ---- What a configuration is checked against -----------------------------------

    def check(self, config: StreamConfig, *, pedantic: bool) -> StreamConfig:
        """The configuration with everything decided.

        Raises:
            ApiError: no stream of this account can have it.
        """
        context = Context(
            {name: stream.config for name, stream in self.streams.items()},
            pedantic,
            self.options.duplicate_window,
            self.limits.max_bytes_required,
            self.limits.of_stream(config.storage),
        )
        return checking.check(config, context)

    def others(self, name: str) -> list[StreamConfig]:
        """The configurations of the streams that have another name."""
        return [stream.config for each, stream in self.streams.items() if each != name]

    def check_limits(self, config: StreamConfig) -> None:
        """Refuse what the account may not have beside its other streams (JS-LIM-028, JS-LIM-029)."""
        others = self.others(config.name)
        limits.check_streams(self.limits, len(others))
        limits.check_consumers(self.limits, config)
        before = limits.reserved(others, config.storage)
        limits.check_reservation(config, before, self.limits.of_storage(config.storage))

    def check_growth(self, old: StreamConfig, config: StreamConfig) -> None:
        """Refuse a larger reservation than there is room for; a smaller one always fits (JS-CFG-008)."""
        limits.check_consumers(self.limits, config)
        more = max(max(config.max_bytes, 0) - max(old.max_bytes, 0), 0)
        grown = replace(config, max_bytes=more)
        rest = limits.reserved(self.others(config.name), config.storage)
        kept = max(config.max_bytes, 0) - more
        limits.check_reservation(grown, rest + kept, self.limits.of_storage(config.storage))
        limits.check_reservation(grown, self.reserved_by_all(config), self.capacity[config.storage])

    def reserved_by_all(self, config: StreamConfig) -> int:
        """Bytes that streams with the same kind of storage reserve, whosever they are."""
        return self.reserved(config.storage)

    def check_overlap(self, config: StreamConfig) -> None:
        """Refuse subjects that another stream captures (JS-CFG-036)."""
        mine = [each.encode() for each in config.subjects]
        for name, stream in self.streams.items():
            if name != config.name and any(
                subjects.collide(one, other.encode())
                for other in stream.config.subjects
                for one in mine
            ):
                raise ApiError(10065)

    def check_consumer_limits(self, stream: Stream, config: StreamConfig) -> None:
        """Refuse limits that a consumer there breaks already (JS-STREAM-021)."""
        before, after = stream.config.consumer_limits or {}, config.consumer_limits or {}
        violators = [
            name
            for name, consumer in self.groups[config.name].by_name.items()
            for member in ("inactive_threshold", "max_ack_pending")
            if after.get(member, 0) > 0
            and after.get(member) != before.get(member)
            and getattr(consumer.config, member) > after[member]
        ]
        if violators:
            found = ", ".join(dict.fromkeys(violators))
            raise ApiError(10069, err=f"change to limits violates consumers: {found}")

    # ---- Figures -------------------------------------------------------------------

    def used(self, storage: str) -> int:
        """Bytes that the streams of one kind use."""
        return sum(
            each.store.index.bytes
            for each in self.streams.values()
            if each.config.storage == storage
        )

    def reserved(self, storage: str) -> int:
        """Bytes that they reserve (JS-LIM-030)."""
        return limits.reserved((each.config for each in self.streams.values()), storage)

    def room(self, storage: str) -> tuple[int, int]:
        """Bytes that are left to the server, and to the account, which has no limit of its own."""
        return self.capacity[storage] - self.used(storage), ENDLESS

    def consumers_of(self, stream: Stream) -> int:
        """How many consumers a stream has, hidden ones left out (JS-CAPI-035)."""
        group = self.groups[stream.config.name]
        return sum(not each.config.direct for each in group.by_name.values())

    def limits_of(self, stream: Stream) -> Limits:
        """What consumers of this stream may be."""
        own = stream.config.consumer_limits or {}
        return Limits(
            self.options.max_ack_pending,
            self.options.max_request_batch,
            own.get("max_ack_pending", 0),
            own.get("inactive_threshold", 0),
        )
