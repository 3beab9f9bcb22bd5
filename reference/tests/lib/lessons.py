"""A page of the course: its blocks, and a proxy that records what a client and a server say.

A ```python block goes on from the one before. Behind it may stand ```text, what it prints, and
```wire, what went over the wire meanwhile: `C:` and `S:` of the first connection, `C2:` and `S2:` of
the second. … stands for anything; alone behind a side it stands for any number of lines. Keepalive is
left out unless the block shows it. Each side of each connection is compared by itself: which of two
hears something first is nobody's promise. Blanks that a client writes where an optional argument is
missing aren't shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from nats_conformance import visible
from nats_conformance.transcript import CLIENT, SERVER, Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_BLOCK = re.compile(
    r"^```(?P<language>python|text|wire)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL
)
_CONTROL = re.compile("(?:H?PUB|SUB|UNSUB|INFO|CONNECT) ")
_SIDE = re.compile(r"(?P<side>[CS])(?P<number>\d*): (?P<text>.*)")


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str
    #: The first line of its text.
    line: int


def blocks(page: Path) -> list[Block]:
    """The blocks that a lesson is made of."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(m["language"], m["text"], text[: m.start()].count("\n") + 2)
        for m in _BLOCK.finditer(text)
    ]


class Recorder:
    """Stands between clients and a server."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self.url = ""
        self.transcript = Transcript()
        self._known = 0
        self._open: set[asyncio.Task[None]] = set()

    def forget(self) -> None:
        """What was said so far isn't asked for any more."""
        self.transcript.entries.clear()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what either side says, until one ends."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        with contextlib.suppress(OSError):
            up_reader, up_writer = await asyncio.open_connection(
                self._upstream.hostname, self._upstream.port
            )
            self._known += 1
            await asyncio.gather(
                self._pump(reader, up_writer, CLIENT, self._known),
                self._pump(up_reader, writer, SERVER, self._known),
            )
        await _closed(writer)

    async def ended(self) -> None:
        """Wait until every connection has ended."""
        await asyncio.gather(*self._open)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, side: str, number: int
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                self.transcript.add(number, side, data)
                writer.write(data)
        await _closed(writer)

    def said(self) -> list[tuple[int, str]]:
        """Connection, and side and line as a page shows them."""
        return [
            (line.connection, f"{line.side}: {_tidy(visible.show(line.data))}")
            for line in self.transcript.lines()
        ]


async def _closed(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.close()
        await writer.wait_closed()


def _tidy(line: str) -> str:
    """A control line without the blanks that a client may leave where an argument is missing."""
    return re.sub(" +", " ", line).replace(" ␍", "␍") if _CONTROL.match(line) else line


@contextlib.asynccontextmanager
async def recording(upstream: str) -> AsyncIterator[Recorder]:
    """A recorder in front of that server."""
    recorder = Recorder(upstream)
    server = await asyncio.start_server(recorder.accept, "127.0.0.1", 0)
    recorder.url = f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield recorder
    finally:
        server.close()
        await recorder.ended()


def differences(shown: str, said: list[tuple[int, str]]) -> list[str]:
    """Each side of a connection of which a block shows something else than what was said."""
    wanted: dict[tuple[int, str], list[str]] = {}
    for line in shown.splitlines():
        match = _SIDE.fullmatch(line)
        if match is None:
            return [f"not a line of a conversation: {line}"]
        wanted.setdefault((int(match["number"] or 1), match["side"]), []).append(match["text"])
    asked = {text for texts in wanted.values() for text in texts}
    found = []
    for (number, side), texts in wanted.items():
        came = [text[3:] for where, text in said if where == number and text[0] == side]
        if came[-1:] == [_BARRIER[side]]:
            came.pop()
        came = [text for text in came if text not in set(_BARRIER.values()) - asked]
        if not re.fullmatch("".join(map(_pattern, texts)), "".join(f"{each}\n" for each in came)):
            found.append(f"connection {number}, {side}:\n" + "\n".join(came))
    return found


#: What ends a block: a question and its answer, on every connection.
_BARRIER = {CLIENT: "PING␍␊", SERVER: "PONG␍␊"}


def _pattern(text: str) -> str:
    if text == "…":
        return r"(?:.*\n)*"
    return re.escape(text).replace("…", ".*") + r"\n"
