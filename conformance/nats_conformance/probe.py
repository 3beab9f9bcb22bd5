"""The smoke check, first and last: is this a NATS server, and which?

Says so in a sentence when it isn't one, can't be reached, or won't let us in.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from . import barrier, visible
from .delivery import Delivery
from .exchange import Exchange
from .expect import Mismatch, Unreachable
from .targets.instance import External, Instance
from .targets.pool import start
from .transcript import Transcript
from .wire import Wire

if TYPE_CHECKING:
    from .targets.target import Target

#: What a server of unknown version is held to: everything.
NEWEST: Final = (999,)

#: Seconds for the whole of it.
_LIMIT: Final = 60


@dataclass(frozen=True, slots=True)
class Probed:
    """What the smoke check learnt."""

    address: str
    info: dict[str, Any]

    @property
    def release(self) -> tuple[int, ...]:
        """The announced version as numbers."""
        found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", str(self.info.get("version", "")))
        return tuple(map(int, found.groups())) if found else NEWEST


def probe(target: Target, patience: float) -> Probed:
    """Greet the target and say good-bye.

    Raises:
        Unreachable: with the sentence for the user.
    """
    running: Instance | External
    running = External(target.url) if target.url else start(target, patience=patience)
    try:
        info = _greet(running.address, target.credentials, patience)
    except Mismatch as mismatch:
        raise Unreachable(f"{target.name}: {mismatch.message}, got {mismatch.got}") from mismatch
    except Unreachable as reason:
        raise Unreachable(f"{target.name}: {reason}") from reason
    finally:
        running.stop()
    host, port = running.address
    return Probed(f"nats://{host}:{port}" if target.url else "started by the runner", info)


def _greet(
    address: tuple[str, int], credentials: dict[str, str], patience: float
) -> dict[str, Any]:
    exchange = Exchange(
        Transcript(), Delivery.WHOLE, patience, time.monotonic() + _LIMIT, strict=False
    )
    try:
        wire = Wire(exchange, address)
    except Mismatch as mismatch:
        got = exchange.transcript.received(1) or _provoke(address)
        shown = visible.line(got) or "nothing"
        raise Unreachable(f"this does not look like NATS: got {shown}") from mismatch
    try:
        options = {"verbose": False, "pedantic": False, **credentials}
        wire.send(f"CONNECT {json.dumps(options)}\r\n".encode())
        barrier.before_pong(wire)
    except Mismatch as mismatch:
        said = exchange.transcript.received(1).removeprefix(wire.info_line)
        if b"-ERR" in said:
            raise Unreachable(f"it doesn't let us in: {visible.line(said)}") from mismatch
        raise
    else:
        return wire.info
    finally:
        wire.close()


def _provoke(address: tuple[str, int]) -> bytes:
    """What a server that waits for its client says to a blank line."""
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=1) as probing:
        probing.sendall(b"\r\n\r\n")
        return probing.recv(200)
    return b""
