"""The event loop and the listening socket: from options to a server that serves."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from nats_reference.clock import RealClock
from nats_reference.server import Server
from nats_reference.transport.tcp import TcpLink

if TYPE_CHECKING:
    from nats_reference.logs import Log
    from nats_reference.options import Options

#: How many clients may wait to be accepted.
BACKLOG = 4096


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, where there is one."""
    try:
        import uvloop  # noqa: PLC0415 - it may not be there
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class Running:
    """A server that listens."""

    def __init__(self, options: Options, loop: asyncio.AbstractEventLoop, log: Log) -> None:
        self.loop = loop
        self.log = log
        self.server = Server(options, RealClock(loop), log=log)
        self.listener: asyncio.Server | None = None
        self.stopped = loop.create_future()

    async def start(self) -> None:
        """Listen."""
        options = self.server.options
        self.listener = await self.loop.create_server(
            lambda: TcpLink(self.server),
            options.host,
            max(options.port, 0),
            backlog=BACKLOG,
            reuse_address=True,
        )
        bound: socket.socket = self.listener.sockets[0]
        self.server.port = bound.getsockname()[1]
        self.log.info(f"Listening for client connections on {options.host}:{self.server.port}")
        self.log.info("Server is ready")
        self.loop.call_soon(self._warm_up)

    def _warm_up(self) -> None:
        """Read the grammar while nobody has spoken."""
        _ = self.server.language

    def stop(self) -> None:
        """Close the listener and every client, and be done."""
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        for connection in tuple(self.server.connections.values()):
            connection.close("Server Shutdown")
        if not self.stopped.done():
            self.loop.call_later(0.01, self.stopped.set_result, None)
