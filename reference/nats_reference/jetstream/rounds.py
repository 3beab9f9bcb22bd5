"""The server's clock as JetStream uses it: after each call, what it made the server say is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.clock import Timer
    from nats_reference.server import Server


class Rounds:
    """A clock whose calls end with a flush."""

    __slots__ = ("_server", "now", "wall")

    def __init__(self, server: Server) -> None:
        self._server = server
        self.now = server.clock.now
        self.wall = server.clock.wall

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> object:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` when what is being done now is done."""
        return self._server.clock.call_soon(self._run, callback, args)

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> Timer:  # noqa: ANN401 - handed on untouched
        """Call `callback(*args)` after `delay` seconds."""
        return self._server.clock.call_later(delay, self._run, callback, args)

    def _run(self, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        callback(*args)
        self._server.flush()
