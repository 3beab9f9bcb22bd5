"""What time it is, and what happens later: the only place that knows a clock.

The server asks a `Clock`. `RealClock` is the event loop's; `VirtualClock` stands
still until a test moves it, so that a day of keepalive takes milliseconds.
"""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Timer(Protocol):
    """Something that will happen unless it is cancelled."""

    def cancel(self) -> None:
        """Make it not happen."""


class Clock(Protocol):
    """A source of time, in seconds since some moment, and of later calls."""

    def now(self) -> float:
        """The time now."""

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> Timer:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` after `delay` seconds."""


class RealClock:
    """The clock of an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time
        self.call_later = loop.call_later


class VirtualTimer:
    """One entry of a virtual clock's diary."""

    __slots__ = ("args", "callback")

    def __init__(self, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.callback: Callable[..., Any] | None = callback
        self.args = args

    def cancel(self) -> None:
        """Strike the entry out."""
        self.callback = None
        self.args = ()


class VirtualClock:
    """A clock that only `advance` moves."""

    def __init__(self) -> None:
        self._now = 0.0
        self._order = itertools.count()
        self._diary: list[tuple[float, int, VirtualTimer]] = []

    def now(self) -> float:
        """The time now."""
        return self._now

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> VirtualTimer:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` when the clock has been moved `delay` seconds on."""
        timer = VirtualTimer(callback, args)
        heapq.heappush(self._diary, (self._now + max(delay, 0.0), next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, doing on the way what falls due, each at its own time."""
        until = self._now + seconds
        while self._diary and self._diary[0][0] <= until:
            self._now, _, timer = heapq.heappop(self._diary)
            if timer.callback is not None:
                timer.callback(*timer.args)
        self._now = until
