"""How much a push consumer may send ahead: flow control, and the rate limit.

JS-PUSH-005 .. JS-PUSH-008, JS-DLV-021. The window doubles with each answer.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Container

#: Bytes that may be unanswered in the end; a sixteenth of it at first (JS-PUSH-006).
LARGEST = 32 << 20
SMALLEST = LARGEST // 16
NANOSECONDS = 1_000_000_000
TOKEN_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase


@dataclass(slots=True)
class Window:
    """Flow control of one consumer."""

    prefix: bytes
    size: int = SMALLEST
    #: Bytes sent and not answered for.
    unanswered: int = 0
    #: The reply subject of the request that waits for its answer; empty if none does.
    asked: bytes = b""
    #: What its answer will answer for.
    covers: int = 0

    @property
    def full(self) -> bool:
        """Whether nothing more may be sent."""
        return self.unanswered > self.size

    def sent(self, size: int) -> bool:
        """Note that so many bytes went out; whether it is time to ask."""
        self.unanswered += size
        if self.asked:
            if self.unanswered - self.covers >= self.size:
                self.covers += size
            return False
        return self.unanswered > self.size // 2

    def unsent(self, size: int, asked: Container[bytes | None]) -> None:
        """So many bytes did not go out after all, nor did the requests with these reply subjects."""
        self.unanswered = max(self.unanswered - size, 0)
        if self.asked in asked:
            self.asked, self.covers = b"", 0

    def ask(self, rng: random.Random) -> bytes:
        """The reply subject of a new request (JS-PUSH-005)."""
        self.asked = self.prefix + "".join(rng.choices(TOKEN_LETTERS, k=4)).encode()
        self.covers = self.unanswered
        return self.asked

    def answered(self, subject: bytes) -> bool:
        """Take an answer; whether it is to the request that waits (JS-PUSH-008)."""
        if not self.asked or subject != self.asked:
            return False
        self.size = min(self.size * 2, LARGEST)
        self.unanswered = max(self.unanswered - self.covers, 0)
        self.asked, self.covers = b"", 0
        return True


@dataclass(slots=True)
class Rate:
    """A bucket that fills with the bytes that may be sent (JS-DLV-021)."""

    #: Bytes a second.
    rate: float
    #: Bytes at once.
    burst: int
    left: float = 0.0
    filled: int = 0

    def delay(self, size: int, now: int) -> int:
        """The nanoseconds to wait before `size` bytes may go."""
        if self.filled:
            gained = (now - self.filled) * self.rate / NANOSECONDS
            self.left = min(self.left + gained, self.burst)
        else:
            self.left = self.burst
        self.filled = now
        missing = min(size, self.burst) - self.left
        return int(missing / self.rate * NANOSECONDS) + 1 if missing > 0 else 0

    def spend(self, size: int) -> None:
        """They went."""
        self.left -= min(size, self.burst)
