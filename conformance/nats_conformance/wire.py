"""A recording NATS connection: bytes out, whole operations in.

Every byte both ways is in the transcript, and every server byte goes through the
server grammar (`nats_spec.framing`): bytes outside it fail the case, whatever
the case is about. Server PINGs are answered and later INFOs set aside, as any
client would. Every wait ends after the case's patience and says what it was
waiting for; nothing sleeps. What a case expects is `connection.py`'s question.
"""

from __future__ import annotations

import json
import select
import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from nats_spec.framing import Malformed, ServerFrames
from nats_spec.operations import Info, Ping

from . import greeting, visible
from .expect import Expected, Mismatch, NoProgress, Unreachable, describe
from .transcript import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .exchange import Exchange

_CHUNK: Final = 1 << 18


class Frame(NamedTuple):
    """One server operation and the very bytes it came as."""

    raw: bytes
    operation: Any


class Wire:
    """One connection to the server."""

    def __init__(
        self,
        exchange: Exchange,
        address: tuple[str, int],
        *,
        auto_pong: bool = True,
        auto_info: bool = True,
        rcvbuf: int | None = None,
    ) -> None:
        """Connect and read the INFO that greets every client."""
        self._exchange = exchange
        self.number = len(exchange.wires) + 1
        self.auto_pong = auto_pong
        self.auto_info = auto_info
        #: The operations that came and that nobody took yet.
        self.frames: deque[Frame] = deque()
        #: The INFOs that came after the first, parsed, and their frames.
        self.infos: list[dict[str, Any]] = []
        self.info_frames: deque[Frame] = deque()
        #: The server ended the connection (or reset it).
        self.ended = False
        self._parser = ServerFrames()
        self._malformed: Mismatch | None = None
        self._held = bytearray()
        self._owed_pongs = 0
        self._written = 0
        self._dribbled = 0
        self._inside_operation = False
        self._broken = False
        self._greeting: Frame | None = None
        self._socket = self._dial(address, rcvbuf)
        self._incoming = select.poll()
        self._incoming.register(self._socket, select.POLLIN)
        exchange.wires.append(self)
        self._greet()

    @property
    def info_line(self) -> bytes:
        """The first INFO as it came."""
        assert self._greeting is not None  # noqa: S101
        return self._greeting.raw

    @property
    def info(self) -> dict[str, Any]:
        """The first INFO's fields."""
        fields: dict[str, Any] = json.loads(self.info_line[len("INFO ") :])
        return fields

    @property
    def local_address(self) -> tuple[str, int]:
        """Our end: host and port."""
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    @property
    def partial(self) -> bytes:
        """The beginning of an operation whose end didn't come yet."""
        return self._parser.pending

    def send(self, data: bytes) -> None:
        """Send `data` in the pieces that the delivery asks for."""
        if self._exchange.delivery.holds:
            self._held += data
            self._exchange.hold(self)
            return
        self._exchange.release()
        self._write(data, self._exchange.delivery.pieces(data, self._dribbled))
        self._dribbled += len(data)

    def send_whole(self, data: bytes) -> None:
        """Send what isn't the case's matter (a greeting, a barrier) in one piece."""
        if self._exchange.delivery.holds:
            self.send(data)
        else:
            self._exchange.release()
            self._write(data, (data,))

    def release(self) -> None:
        """Send what was held back."""
        held, self._held = bytes(self._held), bytearray()
        if held:
            self._write(held, (held,))

    def pump(self, waiting_for: Expected, patience: float | None = None) -> None:
        """Wait until the server sends something or ends the connection."""
        self._exchange.release()
        if self._malformed is not None:
            raise self._malformed
        wait = self._exchange.patience if patience is None else patience
        left = self._exchange.ends - time.monotonic()
        if left <= 0:
            raise NoProgress("the case takes longer than it may", describe(waiting_for))
        if not self._ready(min(wait, left)):
            wanted = describe(waiting_for)
            raise NoProgress(
                f"no progress after {wait:g} s on connection {self.number},"
                f" while waiting for {wanted}",
                wanted,
                visible.line(self.unread()) or "nothing",
            )
        self._read()

    def unread(self) -> bytes:
        """The bytes that came and that nobody took yet."""
        return b"".join(frame.raw for frame in self.frames) + self.partial

    def half_close(self) -> None:
        """End our side; the server's may go on."""
        self._exchange.release()
        self._exchange.transcript.note("we end our side", self.number)
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._broken = True

    def close(self) -> None:
        """End the connection."""
        if self._socket.fileno() < 0:
            return
        try:
            self._exchange.release()
        finally:
            self._socket.close()
            self._exchange.transcript.note("we close", self.number)
            self.ended = True

    def _dial(self, address: tuple[str, int], rcvbuf: int | None) -> socket.socket:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        dialled = socket.socket(family, socket.SOCK_STREAM)
        try:
            if rcvbuf is not None:
                dialled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
            dialled.settimeout(self._exchange.patience)
            dialled.connect(address)
        except OSError as error:
            dialled.close()
            where = f"{address[0]}:{address[1]}"
            raise Unreachable(f"cannot connect to {where}: {error.strerror or error}") from error
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        dialled.setblocking(False)
        return dialled

    def _greet(self) -> None:
        while self._greeting is None:
            if self.ended:
                raise Mismatch(
                    "the server ended the connection before its first INFO",
                    "INFO {…}␍␊",
                    visible.line(self.partial) or "the end of the connection",
                )
            self.pump("the first INFO")

    def _write(self, data: bytes, pieces: Iterable[bytes]) -> None:
        before = self._written
        self._inside_operation = True  # a PONG has to wait for the end of it
        try:
            for piece in pieces:
                self._push(piece)
                if self._broken:
                    return
        finally:
            sent = data[: self._written - before]
            if sent:
                self._exchange.transcript.add(self.number, CLIENT, sent)
        self._inside_operation = not data.endswith(b"\n")
        self._pay_pongs()

    def _push(self, data: bytes) -> None:
        view: bytes | memoryview = data
        while view and not self._broken:
            try:
                count = self._socket.send(view)
            except BlockingIOError:
                self._ready(self._exchange.patience, select.POLLIN | select.POLLOUT)
                self._read()
                if time.monotonic() > self._exchange.ends:
                    raise NoProgress("the server takes no more bytes") from None
            except OSError:
                self._broken = True  # what the server had to say is still to be read
            else:
                self._written += count
                if count == len(view):
                    return
                view = memoryview(view)[count:]

    def _ready(self, seconds: float, events: int = select.POLLIN) -> bool:
        if self._socket.fileno() < 0:
            raise Mismatch(f"connection {self.number} was closed by the case")
        poll = self._incoming
        if events != select.POLLIN:
            poll = select.poll()
            poll.register(self._socket, events)
        return bool(poll.poll(seconds * 1000))

    def _read(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._exchange.transcript.add(self.number, SERVER, data)
            self._take(data)
        elif not self.ended:
            self._exchange.transcript.note("the server ends the connection", self.number)
            self.ended = True

    def _take(self, data: bytes) -> None:
        try:
            for raw, operation in self._parser.frames(data):
                self._arrived(Frame(raw, operation))
        except Malformed as error:
            self._malformed = Mismatch(
                f"the server sent bytes outside its grammar: {error}",
                "an operation of the server grammar",
                visible.line(self.partial),
            )
            raise self._malformed from error
        self._pay_pongs()

    def _arrived(self, frame: Frame) -> None:
        operation = frame.operation
        if isinstance(operation, Info):
            self._informed(frame, operation)
        elif self._greeting is None:
            raise Mismatch(
                "the server's first operation is no INFO",
                "INFO {…}␍␊",
                visible.line(frame.raw),
            )
        elif isinstance(operation, Ping) and self.auto_pong:
            self._owed_pongs += 1
        else:
            self.frames.append(frame)

    def _informed(self, frame: Frame, info: Info) -> None:
        if self._exchange.strict:
            greeting.check(info.json)
        if self._greeting is None:
            self._greeting = frame
        elif self.auto_info:
            self.infos.append(json.loads(info.json))
            self.info_frames.append(frame)
        else:
            self.frames.append(frame)

    def _pay_pongs(self) -> None:
        while self._owed_pongs and not self._inside_operation and not self._held:
            pongs, self._owed_pongs = b"PONG\r\n" * self._owed_pongs, 0
            self._inside_operation = True  # what comes meanwhile is answered after it
            self._push(pongs)
            self._inside_operation = False
            self._exchange.transcript.add(self.number, CLIENT, pongs)
