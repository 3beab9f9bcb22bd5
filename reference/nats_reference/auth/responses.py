"""Leave to answer: reply subjects that a connection may publish to (AUTH-RESP-001 .. AUTH-RESP-005).

A user with `allow_responses` may publish to the reply subject of each message it
is sent, so many times and for so long, whatever its lists say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.clock import Clock

#: What `allow_responses: true` means (AUTH-RESP-002).
MAX_MESSAGES = 1
SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ResponseRule:
    """How often, and for how many seconds, a message may be answered; negative for any."""

    messages: int = MAX_MESSAGES
    seconds: float = SECONDS


class Responses:
    """What one connection may still answer.

    Bounded by time alone, as in nats-server: what is too old goes when something comes.
    """

    __slots__ = ("_clock", "_granted", "rule")

    def __init__(self, rule: ResponseRule, clock: Clock) -> None:
        self.rule = rule
        self._clock = clock
        #: By reply subject, the oldest first: when it was granted, and how often it was used.
        self._granted: dict[bytes, tuple[float, int]] = {}

    def grant(self, reply: bytes) -> None:
        """A message with this reply subject was delivered; one that comes again starts anew."""
        now = self._clock.now()
        self._granted.pop(reply, None)
        self._granted[reply] = now, 0
        while self.expired(next(iter(self._granted.values()))[0], now):
            del self._granted[next(iter(self._granted))]

    def use(self, subject: bytes) -> bool:
        """Whether there is leave to publish to `subject`; if so, it is used once."""
        found = self._granted.get(subject)
        if found is None:
            return False
        since, used = found
        if self.expired(since, self._clock.now()) or self.used_up(used):
            del self._granted[subject]
            return False
        self._granted[subject] = since, used + 1
        return True

    def expired(self, since: float, now: float) -> bool:
        """Whether it was granted too long ago."""
        return 0 <= self.rule.seconds < now - since

    def used_up(self, used: int) -> bool:
        """Whether it was used as often as it may be."""
        return 0 <= self.rule.messages <= used
