"""A TCP client: an asyncio protocol that hands bytes to a `Connection` and takes them away.

LIM-009 .. LIM-012, FRAME-026. The loop's own buffer is what is pending: it
calls back when that is three quarters of max_pending.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from nats_reference import limits
from nats_reference.link import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.clock import Timer
    from nats_reference.connection import Connection
    from nats_reference.server import Server


#: The address of a client that was gone before anybody asked for it.
GONE = ("", 0)


class TcpLink(asyncio.Protocol):
    """One socket."""

    __slots__ = ("_deadline", "_links", "_server", "_written", "connection", "transport")

    connection: Connection
    transport: asyncio.Transport

    def __init__(self, server: Server, links: set[TcpLink]) -> None:
        self._server = server
        self._links = links
        self._written = 0
        self._deadline: Timer | None = None

    # ---- What the loop calls -------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._links.add(self)
        self.transport = cast("asyncio.Transport", transport)
        pending = self._server.options.max_pending
        self.transport.set_write_buffer_limits(high=int(pending * limits.STALL_SHARE))
        host, port = (self.transport.get_extra_info("peername") or GONE)[:2]
        self.connection = self._server.accept(self, host, port)

    def data_received(self, data: bytes) -> None:
        """The client said something."""
        connection = self.connection
        if not connection.closed:
            connection.receive(data)
            self._server.flush(connection)

    def eof_received(self) -> bool:
        """The client is done; what it is owed is still sent (FRAME-026)."""
        self.connection.close("Client Closed")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self._links.discard(self)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self.connection.lost("Client Closed" if exc is None else "Read Error")
        # The two no longer hold each other: no garbage collector has to find that out.
        self.connection.link = NOWHERE

    def pause_writing(self) -> None:
        """The client is behind."""
        self._server.set_stalled(self.connection, stalled=True)
        if limits.too_much_pending(self.connection, self.pending()):
            self._server.cut_slow_consumer(self.connection, "Slow Consumer (Pending Bytes)")

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._server.set_stalled(self.connection, stalled=False)

    # ---- What a connection calls ---------------------------------------------

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._written += len(data)
        self.transport.write(data)
        if self._deadline is None:
            self._watch()

    def close(self) -> None:
        """Send what is left, for as long as a write may take, and end the connection."""
        self.transport.close()
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._server.clock.call_later(
            self._server.options.write_deadline, self.transport.abort
        )

    def abort(self) -> None:
        """End the connection at once."""
        self.transport.abort()

    def pending(self) -> int:
        """How many bytes the client has not taken yet."""
        return self.transport.get_write_buffer_size()

    def hold(self, seconds: float) -> None:
        """Read nothing for so long."""
        if self.transport.is_reading():
            self.transport.pause_reading()
            self._server.clock.call_later(seconds, self._release)

    def aside(self, work: Callable[[], bool], then: Callable[[bool], None]) -> None:
        """Do `work` in a thread, reading nothing meanwhile; `then` gets the outcome."""
        self.transport.pause_reading()
        working = asyncio.get_running_loop().run_in_executor(None, work)
        working.add_done_callback(lambda done: self._go_on(then, done.result()))

    def _go_on(self, then: Callable[[bool], None], outcome: bool) -> None:
        self._release()
        then(outcome)
        self._server.flush(self.connection)

    def _release(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    # ---- The write deadline (LIM-010) ----------------------------------------

    def _watch(self) -> None:
        """Look again after the deadline whether what is queued now has gone out."""
        taken = self._written - self.pending()
        self._deadline = self._server.clock.call_later(
            self._server.options.write_deadline, self._check, self._written, taken
        )

    def _check(self, expected: int, taken_before: int) -> None:
        self._deadline = None
        connection = self.connection
        pending = self.pending()
        if connection.closed or not pending:
            return
        taken = self._written - pending
        if taken >= expected:
            self._watch()
        elif taken > taken_before and self._server.options.write_timeout == "retry":
            self._server.counters.slow_consumers += 1
            self._watch()
        else:
            self._server.cut_slow_consumer(connection, "Slow Consumer (Write Deadline)")
