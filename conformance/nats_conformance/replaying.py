"""Sends a recorded client's bytes again, entry by entry, in the recorded order.

Where the record shows that the server said something, the replay waits until so
many bytes came (or the connection ended). What a server chooses freely (its
INFO) isn't compared.
"""

from __future__ import annotations

import contextlib
import difflib
import socket
import time
from typing import TYPE_CHECKING, Final

from . import visible
from .expect import Unreachable
from .fixture import STARTS
from .redaction import restored
from .targets.pool import Pool
from .transcript import CLIENT, NOTE, SERVER, Transcript

if TYPE_CHECKING:
    from .targets.target import Target

_CHUNK: Final = 1 << 16


def replay(recorded: Transcript, target: Target, group: str, patience: float) -> Transcript:
    """Hold the recorded conversation with `target` again; what came of it."""
    pool = Pool(patience)
    said = Transcript()
    sockets: dict[int, socket.socket] = {}
    wanted: dict[int, int] = {}
    try:
        address = pool.shared(target, group, "replay").address
        for entry in recorded.entries:
            if not entry.connection:
                continue
            if entry.connection not in sockets:
                sockets[entry.connection] = _dial(address, patience)
            opened = sockets[entry.connection]
            if entry.side == SERVER:
                wanted[entry.connection] = wanted.get(entry.connection, 0) + len(entry.data)
                _receive(opened, said, entry.connection, wanted[entry.connection], patience)
            elif entry.side == CLIENT:
                with contextlib.suppress(OSError):
                    opened.sendall(restored(entry.data, target))
                said.add(entry.connection, CLIENT, entry.data)
            elif entry.data == b"we end our side":
                with contextlib.suppress(OSError):
                    opened.shutdown(socket.SHUT_WR)
            elif entry.data == b"the server ends the connection":
                _receive(opened, said, entry.connection, 1 << 62, patience)
            elif entry.data == b"we close":
                opened.close()
    finally:
        for opened in sockets.values():
            opened.close()
        pool.close()
    return said


def starts_servers(transcript: Transcript) -> bool:
    """Whether the case started servers, which a replay can't know how to."""
    return any(entry.data.startswith(STARTS.encode()) for entry in transcript.entries)


def differences(recorded: Transcript, again: Transcript) -> list[str]:
    """A diff of what the server said then (-) and now (+); empty when it's the same."""
    then, now = _server_lines(recorded), _server_lines(again)
    if then == now:
        return []
    return list(difflib.unified_diff(then, now, "recorded", "now", n=2, lineterm=""))


def _server_lines(transcript: Transcript) -> list[str]:
    lines: list[str] = []
    for connection in transcript.connections():
        said = transcript.received(connection).split(b"\n")
        pieces = [piece + b"\n" for piece in said[:-1]] + [said[-1]] * bool(said[-1])
        lines += [
            f"S{connection}: {visible.line(piece)}"
            for piece in pieces
            if not piece.startswith(b"INFO ")
        ]
        if _ended(transcript, connection):
            lines.append(f"S{connection}: (closed)")
    return lines


def _ended(transcript: Transcript, connection: int) -> bool:
    return any(
        entry.connection == connection
        and entry.side == NOTE
        and entry.data == b"the server ends the connection"
        for entry in transcript.entries
    )


def _dial(address: tuple[str, int], patience: float) -> socket.socket:
    try:
        opened = socket.create_connection(address, timeout=patience)
    except OSError as error:
        where = f"{address[0]}:{address[1]}"
        raise Unreachable(f"cannot connect to {where}: {error.strerror or error}") from error
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def _receive(
    opened: socket.socket, said: Transcript, connection: int, count: int, patience: float
) -> None:
    """Read until `count` bytes came on this connection in all, or no more come."""
    limit = time.monotonic() + patience
    while (missing := count - len(said.received(connection))) > 0:
        try:
            opened.settimeout(max(0.01, limit - time.monotonic()))
            data = opened.recv(min(_CHUNK, missing))
        except TimeoutError:
            return
        except OSError:
            data = b""
        if not data:
            if not _ended(said, connection):
                said.note("the server ends the connection", connection)
            return
        said.add(connection, SERVER, data)
