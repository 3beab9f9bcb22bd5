"""The clock of a server under test: it stands still until it is told how much time passes.

What happens at once still does; what is to happen later waits in a diary, and
`advance` does it in order, each at its own time, the clients answering between.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from nats_reference.clock import VirtualClock, VirtualTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.testing.server import ReferenceServer

#: Turns of the loop in which what was sent arrives, and what that leads to.
TURNS: Final = 6


class DiaryClock(VirtualClock):
    """A virtual clock in an event loop; it begins at the time of day."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._began = time.time_ns()
        self._loop = loop

    def wall(self) -> int:
        """The time of day: nanoseconds since 1970, UTC."""
        return self._began + round(self._now * 1e9)

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` when what is being done now is done."""
        return self._loop.call_soon(callback, *args)

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> VirtualTimer:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` when so much time has passed, at once if that is none."""
        timer = VirtualTimer(callback, args)
        if delay > 0:
            self.enter(delay, timer)
        else:
            self._loop.call_soon(timer)
        return timer

    async def pass_time(self, seconds: float) -> None:
        """Move on by `seconds`; between any two things due, clients have their turn."""
        until = self._now + seconds
        await _settle()
        while (due := self.next_due()) is not None and due <= until:
            self.advance(due - self._now)
            await _settle()
        self.advance(until - self._now)


class TestClock:
    """A server's clock, for tests; on a server in real time it can't be moved."""

    __test__ = False

    def __init__(self, server: ReferenceServer) -> None:
        self._server = server

    def now(self) -> float:
        """Seconds since the server started, by its own clock."""
        return self._server.call(lambda running: running.server.clock.now())

    def advance(self, seconds: float) -> None:
        """Let so much time pass. What an asyncio client still holds back isn't waited for.

        Raises:
            ValueError: `seconds` is negative.
            RuntimeError: the server lives in real time.
        """
        self._server.run(self._diary(seconds).pass_time(seconds))

    async def elapse(self, seconds: float) -> None:
        """The same from a coroutine, once the clients of this loop have sent what they hold back.

        Raises:
            ValueError: `seconds` is negative.
            RuntimeError: the server lives in real time.
        """
        diary = self._diary(seconds)
        await _settle()
        await asyncio.wrap_future(self._server.submit(diary.pass_time(seconds)))

    def _diary(self, seconds: float) -> DiaryClock:
        if seconds < 0:
            raise ValueError(f"time goes forward: {seconds} seconds are negative")
        clock = self._server.call(lambda running: running.server.clock)
        if not isinstance(clock, DiaryClock):
            raise RuntimeError("this server lives in real time: make it without real_time=True")
        return clock


async def _settle() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
