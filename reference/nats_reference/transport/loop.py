"""The event loop and the listening socket: from options to a server that serves."""

from __future__ import annotations

import asyncio
import errno
import os
from typing import TYPE_CHECKING

from nats_reference import lameduck, reload
from nats_reference.clock import RealClock
from nats_reference.server import Server
from nats_reference.transport.tcp import TcpLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.clock import Clock
    from nats_reference.logs import Log
    from nats_reference.monitoring.http import Monitoring
    from nats_reference.options import Options

LAST_PORT = 65535
#: How many clients may wait to be accepted.
BACKLOG = 4096
#: The grammar is read so long after the start: a client that waits for INFO comes first.
WARM_UP_SECONDS = 0.2
#: How long clients have to take what they are owed when the server ends.
FAREWELL_SECONDS = 1.0
FAREWELL_STEPS = 100


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, where there is one."""
    try:
        import uvloop  # noqa: PLC0415 - it may not be there
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class CannotListen(Exception):
    """A port that the server can't have."""


def bindable(port: int) -> int:
    """The port to bind to, 0 for any free one.

    Raises:
        OSError: there is no such port; uvloop would take its lower half.
    """
    if not -1 <= port <= LAST_PORT:
        raise OSError(errno.EINVAL, f"{port} is no port")
    return max(port, 0)


def why(error: OSError) -> str:
    """The system's words for what went wrong."""
    return os.strerror(error.errno) if error.errno == errno.EADDRINUSE else str(error.strerror)


class Running:
    """A server that listens."""

    def __init__(
        self,
        options: Options,
        loop: asyncio.AbstractEventLoop,
        log: Log,
        clock: Clock | None = None,
    ) -> None:
        self.loop = loop
        self.log = log
        self.server = Server(options, clock or RealClock(loop), log=log)
        self.listener: asyncio.Server | None = None
        self.monitoring: Monitoring | None = None
        #: Sockets that are not closed yet.
        self.links: set[TcpLink] = set()
        self.stopped: asyncio.Future[None] = loop.create_future()

    async def start(self) -> None:
        """Listen.

        Raises:
            CannotListen: a port is taken, or is none.
        """
        options = self.server.options
        try:
            self.server.open_jetstream()
        except OSError as error:
            raise CannotListen(f"Can't start JetStream: {error.filename}: {why(error)}") from None
        try:
            self.listener = await self.loop.create_server(
                lambda: TcpLink(self.server, self.links),
                options.host,
                bindable(options.port),
                backlog=BACKLOG,
                reuse_address=True,
            )
        except OSError as error:
            wanted = f"{options.host}:{options.port}"
            raise CannotListen(f"Error listening on port: {wanted}, {why(error)}") from None
        self.server.port = self.listener.sockets[0].getsockname()[1]
        self.log.info(f"Listening for client connections on {url_host(self.server)}")
        if options.http_port:
            from nats_reference.monitoring.http import Monitoring  # noqa: PLC0415 - h11

            self.monitoring = Monitoring(self.server)
            try:
                bindable(options.http_port)
                await self.monitoring.start(self.loop)
            except OSError as error:
                raise CannotListen(
                    f"Can't start monitoring: can't listen to the monitor port: {why(error)}"
                ) from None
        self.log.info("Server is ready")
        self.loop.call_later(WARM_UP_SECONDS, self._warm_up)

    def _warm_up(self) -> None:
        """Read the grammar while nobody has spoken."""
        _ = self.server.language

    def ports(self) -> dict[str, list[str]]:
        """What the ports file says."""
        found: dict[str, list[str]] = {"nats": [f"nats://{url_host(self.server)}"]}
        if self.monitoring is not None:
            found["monitoring"] = [self.monitoring.url]
        return found

    def enter_lame_duck(self) -> None:
        """Stop to listen at once, and leave in good order (LDM-001)."""
        if not self.server.lame_duck and self.listener is not None:
            self.close_listener()
            lameduck.enter(self.server, self.stop)

    def reload(self, configure: Callable[[], Options]) -> None:
        """Take a new configuration, or say why not."""
        try:
            reload.reload(self.server, configure())
        except (ValueError, OSError) as error:
            self.log.error(f"Failed to reload server configuration: {error}")
        else:
            self.log.info("Reloaded server configuration")

    def close_listener(self) -> None:
        """Accept nobody from now on."""
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    def stop(self) -> None:
        """Close everything; be done when what clients are owed is on its way (ERR-025)."""
        self.close_listener()
        if self.monitoring is not None:
            self.monitoring.close()
            self.monitoring = None
        self.server.close_jetstream()
        for connection in tuple(self.server.connections.values()):
            connection.close("Server Shutdown")
        self._finish(FAREWELL_STEPS)

    def _finish(self, steps: int) -> None:
        if self.stopped.done():
            return
        if steps and self.links:
            self.loop.call_later(FAREWELL_SECONDS / FAREWELL_STEPS, self._finish, steps - 1)
        else:
            for link in tuple(self.links):
                link.abort()
            self.stopped.set_result(None)


def url_host(server: Server) -> str:
    """Host and port as a URL has them."""
    host = server.options.host
    return f"[{host}]:{server.port}" if ":" in host else f"{host}:{server.port}"
