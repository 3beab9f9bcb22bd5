"""What a stream needs of the server around it, and who follows a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Sequence

    from nats_reference.clock import Clock
    from nats_reference.jetstream import publication
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.outbox import Outgoing, Run
    from nats_reference.logs import Log

#: Room that is never used up.
ENDLESS = 1 << 63


class Host(Protocol):
    """The account that a stream lives in."""

    clock: Clock
    log: Log
    rng: random.Random
    #: The domain that acknowledgements name, or nothing.
    domain: str
    #: What reply subjects say of the account, with a dot behind it, or nothing (JS-DLV-004).
    reply_words: bytes
    #: Seconds between syncs of a file to its disk; 0 for a sync at each commit (JS-LIM-023).
    sync_interval: float
    #: The largest payload that a client may publish.
    max_payload: int
    #: Messages, and their bytes, that may wait to be stored in one stream (JS-PUB-032).
    buffered: tuple[int, int]

    def publish(
        self, subject: bytes, reply: bytes | None, headers: bytes | None, payload: bytes
    ) -> None:
        """Publish a message as the server; `headers` is a whole block."""

    def publish_all(self, messages: Iterable[publication.Outgoing]) -> None:
        """Publish messages as the server."""

    def room(self, storage: str) -> tuple[int, int]:
        """Bytes of `storage` that are left to the server, and to the account; ENDLESS without limit."""

    def spend(self, storage: str, size: int) -> None:
        """A stream has grown by so many bytes."""

    # ---- For consumers -------------------------------------------------------

    def deliver(self, outgoing: Outgoing) -> bool:
        """Give a message to those who listen on `outgoing.to`; whether anybody got it."""

    def deliver_run(self, run: Run) -> bool:
        """Give messages to those who listen, all or none; whether it was done."""

    def behind(self, subject: bytes) -> bool:
        """Whether somebody who listens on `subject` has much to take yet."""

    def heard(self, subject: bytes) -> bool:
        """Whether anybody listens on `subject`, alone or in a queue group."""

    def listening(self, subject: bytes, group: bytes) -> bool:
        """Whether a member of `group` listens, or, without one, anybody alone.

        Subscriptions with wildcards don't count (JS-PUSH-009, JS-PUSH-010, JS-PUSH-019).
        """

    def watch(self, subject: bytes, consumer: Consumer, look: Callable[[Consumer], None]) -> None:
        """Call `look(consumer)` whenever listeners of `subject` may have changed."""

    def unwatch(self, subject: bytes, consumer: Consumer) -> None:
        """No longer."""

    def advisory(self, type_: str, members: dict[str, Any]) -> bytes:
        """The JSON of an advisory, with an id and the time (JS-ADV-001)."""

    def metadata(self, level: int) -> dict[str, str]:
        """What the server itself writes into metadata (JS-CONS-CFG-032)."""


class Observer(Protocol):
    """Somebody who follows a stream: its consumers."""

    def wants(self, subject: bytes) -> bool:
        """Whether a message on `subject` is of any interest (JS-LIM-018)."""

    def interesting(self) -> None:
        """From now on the stream keeps what is of interest: what is not may go (JS-RET-017)."""

    def storing(self, first: int, last: int) -> None:
        """The messages from `first` to `last` are about to be committed: what is to be kept with them."""

    def stored(self, first: int, last: int) -> None:
        """The messages from `first` to `last`, if any, are new, and safe; some may be gone already."""

    def undone(self) -> None:
        """A commit has failed: nothing has happened since the last."""

    def removed(self, messages: Sequence[tuple[int, bytes]], purged: Sequence[bytes]) -> None:
        """These are gone: sequence and subject of each; by a purge if one of `purged` matches."""

    def purged(self, first: int, pattern: bytes) -> None:
        """The stream was purged of what `pattern` matches, and begins with `first` now."""
