"""The PING barrier: what the server had to say before now, without sleeping.

A server answers PING after everything that it owes the connection (FRAME-009), so
"nothing more came" is decided by the PONG. Across connections the publisher is
flushed first, then the subscribers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_spec.operations import Pong

from . import visible
from .expect import Mismatch

if TYPE_CHECKING:
    from .wire import Frame, Wire


def before_pong(wire: Wire, earlier: int = 0) -> list[Frame]:
    """Send PING; return the frames that nobody took and that came before its PONG.

    `earlier` PONGs are still owed to PINGs of the case; they are among the frames.
    """
    wire.send_whole(b"PING\r\n")
    before: list[Frame] = []
    while True:
        while wire.frames:
            frame = wire.frames.popleft()
            if isinstance(frame.operation, Pong):
                if not earlier:
                    return before
                earlier -= 1
            before.append(frame)
        if wire.ended:
            wire.frames.extend(before)
            raise Mismatch(
                f"connection {wire.number} ended, while waiting for PONG",
                "PONG␍␊",
                _seen(before),
            )
        wire.pump(b"PONG\r\n")


def flush_all(wires: list[Wire]) -> None:
    """Flush every open connection, twice; what comes stays to be read.

    The first round makes the server route all that was published, whoever published
    it; the second brings to each subscriber what was routed to it.
    """
    for wire in wires * 2:
        if not wire.ended:
            wire.frames.extendleft(reversed(before_pong(wire)))


def _seen(frames: list[Frame]) -> str:
    raw = b"".join(frame.raw for frame in frames)
    return " then ".join(filter(None, (visible.line(raw), "the end of the connection")))
