"""The way to a client, as a connection sees it: a socket, or a test's stand-in.

`transport/tcp.py` has the real one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Link(Protocol):
    """The way to the client: a socket, or a test's stand-in."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def close(self) -> None:
        """Send what is left and end the connection."""

    def abort(self) -> None:
        """End the connection at once."""

    def pending(self) -> int:
        """How many bytes the client has not taken yet."""

    def hold(self, seconds: float) -> None:
        """Read nothing for so long."""

    def aside(self, work: Callable[[], bool], then: Callable[[bool], None]) -> None:
        """Do `work` where nobody waits for it, reading nothing meanwhile; `then` gets the outcome."""


class Nowhere:
    """What a connection has for a link when its client is gone."""

    def write(self, data: bytes) -> None:
        """Nobody reads it."""

    def close(self) -> None:
        """It is closed."""

    def abort(self) -> None:
        """It is closed."""

    def pending(self) -> int:
        """Nothing is on its way."""
        return 0

    def hold(self, seconds: float) -> None:
        """Nothing comes."""

    def aside(self, work: Callable[[], bool], then: Callable[[bool], None]) -> None:
        """Nobody wants to know."""


NOWHERE = Nowhere()
