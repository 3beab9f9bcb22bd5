"""The connections of a soak: one that reads what comes, one that never reads.

They keep no transcript, for a soak has hundreds of thousands of them. Whatever a
server sends goes through the server grammar all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
from typing import TYPE_CHECKING, Any, Final, Self

from nats_conformance.garbage import HELLO, Violation
from nats_conformance.targets.monitoring import ask
from nats_spec.framing import Malformed, ServerFrames
from nats_spec.operations import Err, Msg, Operation, Ping

if TYPE_CHECKING:
    from types import TracebackType

    from nats_conformance.targets.instance import Instance

CHUNK: Final = 1 << 16
#: Closing throws away what wasn't sent and resets the connection.
AT_ONCE: Final = struct.pack("ii", 1, 0)
#: A message of a flood; four are sent before somebody looks.
LONG: Final = b"x" * CHUNK


class Client:
    """One connection, read through the server grammar."""

    def __init__(self, address: tuple[str, int], rcvbuf: int | None = None) -> None:
        """Where to connect to, once entered."""
        self._address = address
        self._rcvbuf = rcvbuf
        self._frames = ServerFrames()
        self._came: list[Operation] = []
        self._ended = False

    async def __aenter__(self) -> Self:
        """Connect."""
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._rcvbuf is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._rcvbuf)
        try:
            await self._loop.sock_connect(self._socket, self._address)
        except BaseException:
            self._socket.close()
            raise
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self._socket.close()

    async def write(self, data: bytes) -> None:
        """Send; that the server is gone is noticed by reading, after what it still said."""
        with contextlib.suppress(OSError):
            await self._loop.sock_sendall(self._socket, data)

    def end_writing(self) -> None:
        """Send no more."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Be gone at once, when closed."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)

    async def read_to_end(self) -> list[Operation]:
        """Everything until the server ends the connection."""
        while not self._ended:
            await self._read()
        came, self._came = self._came, []
        return came

    async def message(self) -> bytes:
        """The payload of the next message; anything else but PING is an error."""
        while True:
            while self._came:
                match self._came.pop(0):
                    case Msg(payload=payload):
                        return payload
                    case Ping():
                        await self.write(b"PONG\r\n")
                    case Err(text=text):
                        raise Violation(f"-ERR '{text!r}' to a client that did nothing wrong")
                    case _:
                        pass
            if self._ended:
                raise EOFError("the server ended the connection")
            await self._read()

    async def _read(self) -> None:
        try:
            data = await self._loop.sock_recv(self._socket, CHUNK)
        except OSError:
            data = b""
        if not data:
            self._ended = True
            return
        try:
            self._came += self._frames.feed(data)
        except Malformed as error:
            raise Violation(f"the server sent bytes outside its grammar: {error}") from error


class Deaf:
    """A subscriber that never reads, and all there is to drown it."""

    def __init__(self, server: Instance) -> None:
        """A server with a monitoring port."""
        self._server = server

    async def drown(self) -> int:
        """Publish until the server cuts it off: so many bytes.

        Another subscriber reads along and must get every message.

        Raises:
            Violation: it is still connected, or was told why it is not.
        """
        subject = f"flood.{secrets.token_hex(6)}".encode()
        subscribe = HELLO + b"SUB %b 1\r\n" % subject
        address = self._server.address
        async with Client(address, rcvbuf=CHUNK // 4) as deaf, Client(address) as reader:
            before = await self._cut_off()
            await deaf.write(subscribe)
            await reader.write(subscribe)
            await asyncio.sleep(0.05)
            async with Client(address) as publisher:
                await publisher.write(HELLO)
                sent = 0
                while await self._cut_off() == before:
                    if sent > 1024 * CHUNK:
                        raise Violation("64 MiB later it is still connected")
                    await publisher.write(b"PUB %b %d\r\n%b\r\n" % (subject, CHUNK, LONG) * 4)
                    for _ in range(4):
                        await reader.message()
                    sent += 4 * CHUNK
                came = await deaf.read_to_end()
        if any(isinstance(operation, Err) for operation in came):
            raise Violation("a slow consumer was sent -ERR")
        return sent

    async def _cut_off(self) -> Any:  # noqa: ANN401 - a number of JSON
        """How many slow consumers the server has counted."""
        assert self._server.monitoring is not None  # noqa: S101 - the configuration has it
        answer = await asyncio.to_thread(ask, self._server.monitoring, "/varz", 10)
        return answer.json()["slow_consumers"]
