"""What went over the wire in one case: every byte, both ways, with its time.

An entry is one read or one write. Rendering joins the entries of one side and
cuts them at line ends, so that dribbled bytes read like any others. `shortest`
leaves out what a reader doesn't need: connections that only said hello, barriers
that were answered, and the middle of a long exchange.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Bytes kept of each connection and side; beyond, only their number is kept.
KEPT: Final = 1 << 18

CLIENT, SERVER, NOTE = "C", "S", "#"


class Entry(NamedTuple):
    """One read (side S), one write (side C), or a remark (side #)."""

    #: Seconds since the case began.
    at: float
    #: The case's connections are numbered from 1; 0 is the case itself.
    connection: int
    side: str
    data: bytes
    #: Bytes that were not kept.
    dropped: int = 0

    def as_json(self) -> dict[str, Any]:
        """The entry as results.json has it."""
        entry: dict[str, Any] = {
            "at": round(self.at, 4),
            "connection": self.connection,
            "side": self.side,
            "data": visible.show(self.data),
        }
        return entry | ({"dropped": self.dropped} if self.dropped else {})


class Line(NamedTuple):
    """One line of a rendered transcript."""

    at: float
    connection: int
    side: str
    data: bytes


@dataclass(slots=True)
class Transcript:
    """The entries of one case, in the order in which they happened."""

    entries: list[Entry] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _kept: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, connection: int, side: str, data: bytes) -> None:
        """Record what was just written or read."""
        key, size = (connection, side), len(data)
        kept = self._kept.get(key, 0)
        at = time.monotonic() - self._began
        if kept + size <= KEPT:
            self._kept[key] = kept + size
            self.entries.append(Entry(at, connection, side, data))
        else:
            self._kept[key] = KEPT
            room = KEPT - kept
            self.entries.append(Entry(at, connection, side, data[:room], size - room))

    def note(self, text: str, connection: int = 0) -> None:
        """Record something that isn't bytes: an end of stream, a signal, a config."""
        self.add(connection, NOTE, text.encode())

    def sent(self, connection: int) -> bytes:
        """All that was written on one connection."""
        return self._side(connection, CLIENT)

    def received(self, connection: int) -> bytes:
        """All that was read from one connection."""
        return self._side(connection, SERVER)

    def connections(self) -> list[int]:
        """The numbers of the connections, in order of appearance."""
        return list(dict.fromkeys(entry.connection for entry in self.entries if entry.connection))

    def complete(self) -> bool:
        """Whether every byte was kept."""
        return not any(entry.dropped for entry in self.entries)

    def as_json(self) -> list[dict[str, Any]]:
        """The transcript as results.json has it, dribbled bytes joined."""
        return [entry.as_json() for entry in self._joined()]

    @classmethod
    def from_json(cls, entries: Sequence[dict[str, Any]]) -> Transcript:
        """The transcript that `as_json` was made of."""
        return cls(
            [
                Entry(
                    float(entry["at"]),
                    int(entry["connection"]),
                    str(entry["side"]),
                    visible.read(str(entry["data"])),
                    int(entry.get("dropped", 0)),
                )
                for entry in entries
            ]
        )

    def lines(self) -> list[Line]:
        """The transcript cut at line ends."""
        cut: list[Line] = []
        for entry in self._joined():
            pieces = entry.data.splitlines(keepends=True) if entry.side != NOTE else [entry.data]
            cut += [
                Line(entry.at, entry.connection, entry.side, piece)
                for piece in _by_line_feed(pieces)
            ]
            if entry.dropped:
                remark = f"{entry.dropped} more bytes".encode()
                cut.append(Line(entry.at, entry.connection, NOTE, remark))
        return cut

    def render(self, width: int = 110) -> list[str]:
        """Every line, for `--trace`."""
        return [_text(line, self._many(), width) for line in self.lines()]

    def essential(self) -> list[Line]:
        """The lines without greetings on idle connections and without answered barriers."""
        return _without_greetings(_without_answered_pings(self.lines()))

    def shortest(self, limit: int = 24, width: int = 110) -> list[str]:
        """The lines that a reader of a failure needs."""
        lines = self.essential()
        shown = [_text(line, self._many(), width) for line in lines]
        if len(shown) <= limit:
            return shown
        head = limit // 3
        tail = limit - head - 1
        return [*shown[:head], f"   … {len(shown) - head - tail} lines …", *shown[-tail:]]

    def _many(self) -> bool:
        return len(self.connections()) > 1

    def _side(self, connection: int, side: str) -> bytes:
        return b"".join(
            entry.data
            for entry in self.entries
            if entry.connection == connection and entry.side == side
        )

    def _joined(self) -> list[Entry]:
        joined: list[Entry] = []
        for entry in self.entries:
            last = joined[-1] if joined else None
            if (
                last is not None
                and entry.side != NOTE
                and (last.connection, last.side) == (entry.connection, entry.side)
            ):
                data, dropped = last.data + entry.data, last.dropped + entry.dropped
                joined[-1] = Entry(last.at, last.connection, last.side, data, dropped)
            else:
                joined.append(entry)
        return joined


def _by_line_feed(pieces: list[bytes]) -> list[bytes]:
    """`splitlines` also cuts at a lone CR; NATS lines end with LF only."""
    lines: list[bytes] = []
    for piece in pieces:
        if lines and not lines[-1].endswith(b"\n"):
            lines[-1] += piece
        else:
            lines.append(piece)
    return lines


def _without_answered_pings(lines: list[Line]) -> list[Line]:
    """Leave out each barrier, unless its PONG is the last that was said."""
    spoken = [line for line in lines if line.side != NOTE]
    kept: list[Line] = []
    for line in lines:
        last = kept[-1] if kept else None
        if (
            last is not None
            and line.data == b"PONG\r\n"
            and last.data == b"PING\r\n"
            and last.connection == line.connection
            and (last.side, line.side) == (CLIENT, SERVER)
            and line is not spoken[-1]
        ):
            kept.pop()
        else:
            kept.append(line)
    return kept


def _without_greetings(lines: list[Line]) -> list[Line]:
    """Leave out the connections on which nothing but the greeting happened."""
    hello = (b"INFO ", b"CONNECT ", b"PING\r\n", b"PONG\r\n")
    busy = {line.connection for line in lines if not line.data.startswith(hello)}
    return [line for line in lines if line.connection in busy] if busy - {0} else lines


def _text(line: Line, many: bool, width: int) -> str:
    where = (str(line.connection) if line.connection else " ") if many else ""
    side = f"{line.side}{where}"
    if line.side == NOTE:
        return f"{side:<{2 + many}} ({line.data.decode(errors='replace')})"
    most = 64 if line.data.startswith(b"INFO ") else width
    return f"{side + ':':<{2 + many}} {visible.line(line.data, most)}"
