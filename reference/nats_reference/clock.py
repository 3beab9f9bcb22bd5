"""What time it is, and what happens later: the only place that knows a clock.

The server asks a `Clock`. `RealClock` is the event loop's; `VirtualClock` stands
still until a test moves it, so that a day of keepalive takes milliseconds.
"""

from __future__ import annotations

import heapq
import itertools
import time
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

    def wall(self) -> int:
        """The time of day: nanoseconds since 1970, UTC."""

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> object:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` when what is being done now is done."""

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> Timer:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` after `delay` seconds."""


class RealClock:
    """The clock of an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time
        self.wall = time.time_ns
        self.call_soon = loop.call_soon
        self.call_later = loop.call_later


#: When a virtual clock begins: 2026-01-01T00:00:00Z.
VIRTUAL_EPOCH = 1_767_225_600_000_000_000


class VirtualTimer:
    """One entry of a virtual clock's diary."""

    __slots__ = ("args", "callback")

    def __init__(self, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.callback: Callable[..., Any] | None = callback
        self.args = args

    def __call__(self) -> None:
        """Do it, unless it was struck out."""
        if self.callback is not None:
            self.callback(*self.args)

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

    def wall(self) -> int:
        """The time of day: nanoseconds since 1970, UTC."""
        return VIRTUAL_EPOCH + round(self._now * 1e9)

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> VirtualTimer:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` at the next `advance`, be it by nothing."""
        return self.call_later(0.0, callback, *args)

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> VirtualTimer:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` when the clock has been moved `delay` seconds on."""
        timer = VirtualTimer(callback, args)
        self.enter(max(delay, 0.0), timer)
        return timer

    def enter(self, delay: float, timer: VirtualTimer) -> None:
        """Put `timer` into the diary, `delay` seconds from now."""
        heapq.heappush(self._diary, (self._now + delay, next(self._order), timer))

    def next_due(self) -> float | None:
        """When the next entry that still holds is due."""
        while self._diary and self._diary[0][2].callback is None:
            heapq.heappop(self._diary)
        return self._diary[0][0] if self._diary else None

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, doing on the way what falls due, each at its own time."""
        until = self._now + seconds
        while self._diary and self._diary[0][0] <= until:
            self._now, _, timer = heapq.heappop(self._diary)
            timer()
        self._now = until
