"""What a stream needs of the server around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_reference.clock import Clock
    from nats_reference.logs import Log


class Host(Protocol):
    """The account that a stream lives in."""

    clock: Clock
    log: Log
    #: The domain that acknowledgements name, or nothing.
    domain: str

    def publish(
        self, subject: bytes, reply: bytes | None, headers: bytes | None, payload: bytes
    ) -> None:
        """Publish a message as the server; `headers` is a whole block."""

    def exhausted(self, storage: str, size: int) -> int:
        """The err_code that refuses `size` more bytes of `storage`, or 0 (JS-PUB-034, JS-PUB-035)."""


class Observer(Protocol):
    """Somebody who follows a stream: its consumers."""

    def wants(self, subject: bytes) -> bool:
        """Whether a message on `subject` is of any interest (JS-LIM-018)."""

    def stored(self, first: int, last: int) -> None:
        """The messages from `first` to `last` are new, and safe; some may be gone already."""

    def removed(self, messages: Sequence[tuple[int, bytes]]) -> None:
        """These are gone: sequence and subject of each."""
