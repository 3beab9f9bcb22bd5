"""An account that has streams: which there are, what they may use, and their way to clients.

JS-API-024 .. JS-API-026, JS-CFG-008, JS-CFG-036, JS-STREAM-005, JS-STREAM-016, JS-STREAM-017. What a configuration may be is config/, what is asked and answered api/.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.jetstream import keeping, limits, settings
from nats_reference.jetstream.addressing import Addressing
from nats_reference.jetstream.config import checking, metadata, origins, updating
from nats_reference.jetstream.config.context import Context
from nats_reference.jetstream.consumer import creating, statuses
from nats_reference.jetstream.consumer.config import Limits
from nats_reference.jetstream.consumer.group import Group
from nats_reference.jetstream.copying.copies import Copies
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.host import ENDLESS
from nats_reference.jetstream.outlet import Outlet
from nats_reference.jetstream.store import StoreFailure, Unfinished
from nats_spec import acks

if TYPE_CHECKING:
    from nats_reference import accounts
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.service import JetStream
    from nats_reference.jetstream.stream import Stream


class Account(Outlet):
    """The streams of one account."""

    def __init__(
        self, service: JetStream, account: accounts.Account, granted: limits.AccountLimits
    ) -> None:
        super().__init__(service.server, account)
        self.service = service
        self.options = options = service.options
        self.domain = options.domain
        #: What stands for it in reply subjects (JS-DLV-005).
        self.hash = acks.account_hash(account.name.encode())
        self.addressing = Addressing(self.domain, self.hash)
        if options.long_replies:
            self.reply_words = b"%b.%b." % (self.domain.encode() or b"_", self.hash)
        self.sync_interval = options.sync_interval
        self.buffered = (options.max_buffered_msgs, options.max_buffered_size)
        self.directory = settings.directory(options) / account.name / "streams"
        self.limits = granted
        self.streams: dict[str, Stream] = {}
        #: Their configurations, and what these reserve of each kind of storage.
        self.configs: dict[str, StreamConfig] = {}
        self.reservations = dict.fromkeys(limits.STORAGES, 0)
        self.groups: dict[str, Group] = {}
        self.copies = Copies(self.streams, self.clock)
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
                self.log.error(f"No stream of this server's in {folder}: left alone")
                continue
            title = f"stream '{self.account.name} > {folder.name}'"
            began = self.clock.now()
            self.log.info(f"  Starting restore for {title}")
            try:
                stream = keeping.reopen(self, folder)
            except Unfinished as unfinished:
                self.log.info(f"Stream {folder.name} never came to be: {unfinished}")
                keeping.remove(folder)
                continue
            except StoreFailure as failure:
                self.offline[folder.name] = str(failure)
                self.log.error(f"Stream {folder.name} is offline: {failure}")
                continue
            self._adopt(stream)
            creating.restore(self.groups[stream.config.name])
            count, took = stream.store.index.messages, (self.clock.now() - began) * 1000
            self.log.info(f"  Restored {count} messages for {title} in {took:.0f}ms")

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
        if why := self.unusable(name):
            raise ApiError(10194, err=why)
        if name not in self.streams:
            raise ApiError(10059)
        return self.streams[name]

    def unusable(self, name: str) -> str:
        """Why a stream that is there can't be used, if so."""
        stream = self.streams.get(name)
        return stream.offline if stream else self.offline.get(name, "")

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
        self.check_server(config)
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
        self.note(name, config)
        if config.subjects != old.subjects:
            self.capture(stream)
        self.copies.change(stream)
        self.news.append((config.name, "modify"))
        return stream

    def delete(self, name: str) -> None:
        """Delete a stream and its consumers (JS-STREAM-016)."""
        stream = self.stream(name)
        self.release(stream)
        self.copies.drop(stream)
        self.groups.pop(name).drop()
        del self.streams[name]
        self.note(name, None)
        stream.destroy()
        self.news.append((name, "delete"))

    def _adopt(self, stream: Stream) -> None:
        name = stream.config.name
        self.streams[name] = stream
        self.service.headroom[stream.config.storage].forget()
        self.note(name, stream.config)
        self.groups[name] = Group(stream, self)
        stream.observers.append(self.groups[name])
        self.capture(stream)
        self.copies.adopt(stream)

    def note(self, name: str, config: StreamConfig | None) -> None:
        """Keep the configurations, and the sum of what they reserve (JS-LIM-030)."""
        before = self.configs.pop(name, None)
        for each, sign in ((before, -1), (config, 1)):
            if each is not None:
                self.reservations[each.storage] += sign * limits.reservation(each)
        if config is not None:
            self.configs[name] = config

    # ---- What a configuration is checked against -----------------------------------

    def check(self, config: StreamConfig, *, pedantic: bool) -> StreamConfig:
        """The configuration with everything decided.

        Raises:
            ApiError: no stream of this account can have it.
        """
        context = Context(
            self.configs,
            pedantic,
            self.options.duplicate_window,
            self.limits.max_bytes_required,
            self.limits.of_stream(config.storage),
        )
        return checking.check(config, context)

    def reserved_beside(self, config: StreamConfig) -> int:
        """Bytes that streams of other names reserve in the same kind of storage."""
        own = self.configs.get(config.name)
        same = own is not None and own.storage == config.storage
        return self.reserved(config.storage) - (limits.reservation(own) if own and same else 0)

    def check_limits(self, config: StreamConfig) -> None:
        """Refuse what the account may not have beside its other streams (JS-LIM-028, JS-LIM-029)."""
        limits.check_streams(self.limits, len(self.configs) - (config.name in self.configs))
        limits.check_consumers(self.limits, config)
        before = self.reserved_beside(config)
        limits.check_reservation(config, before, self.limits.of_storage(config.storage))

    def check_growth(self, old: StreamConfig, config: StreamConfig) -> None:
        """Refuse a larger reservation than there is room for; a smaller one always fits (JS-CFG-008)."""
        limits.check_consumers(self.limits, config)
        more = max(limits.reservation(config) - limits.reservation(old), 0)
        grown = replace(config, max_bytes=more)
        kept = limits.reservation(config) - more
        before = self.reserved_beside(config) + kept
        limits.check_reservation(grown, before, self.limits.of_storage(config.storage))
        self.check_server(grown)

    def check_server(self, config: StreamConfig) -> None:
        """Refuse a reservation that the server has no room for, whosever the others are."""
        before = self.service.reserved(config.storage)
        limits.check_reservation(config, before, self.service.capacity[config.storage])

    def check_overlap(self, config: StreamConfig) -> None:
        """Refuse subjects that another stream captures (JS-CFG-036)."""
        for subject in config.subjects:
            if any(name != config.name for name in self.captures.overlapping(subject.encode())):
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
        return self.reservations.get(storage, 0)

    def room(self, storage: str) -> tuple[int, int]:
        """Bytes that are left to the server, and to the account."""
        limit, left = self.limits.of_storage(storage), self.service.headroom[storage].left()
        return left, limit - self.used(storage) if limit >= 0 else ENDLESS

    def spend(self, storage: str, size: int) -> None:
        """So many bytes were added."""
        self.service.headroom[storage].spend(size)

    def consumers_of(self, stream: Stream) -> int:
        """How many consumers a stream has, hidden ones left out (JS-CAPI-035)."""
        return self.groups[stream.config.name].visible

    def limits_of(self, stream: Stream) -> Limits:
        """What consumers of this stream may be."""
        own = stream.config.consumer_limits or {}
        return Limits(
            self.options.max_ack_pending,
            self.options.max_request_batch,
            own.get("max_ack_pending", 0),
            own.get("inactive_threshold", 0),
        )
