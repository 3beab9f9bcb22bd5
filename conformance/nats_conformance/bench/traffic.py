"""The bytes of a load: what is sent, and what each subscriber must get for it.

Built before anything is measured, in chunks of about a megabyte, so that sending costs the
generator one system call a chunk. The expected bytes of the first chunk are kept whole, so that
each run begins by proving that the server relays this traffic byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: About what a chunk holds, counted as its subscriber gets it.
CHUNK_BYTES = 1 << 20

PAYLOAD = bytes(range(ord("a"), ord("z") + 1)) * 8


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of publishes, sent in one go."""

    data: bytes
    messages: int
    #: How many bytes each subscriber gets for them.
    delivered: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a publisher sends to one subscription on connections of its own."""

    #: What every subscriber subscribes to, with sid 1.
    interest: bytes
    chunks: tuple[Chunk, ...]
    #: What a subscriber gets for the first chunk.
    first: bytes
    #: Whether the chunks are sent again and again; otherwise each line is sent just once.
    repeat: bool

    def direct(self) -> Traffic:
        """The same as a subscriber sees it, to be sent to subscribers without a server."""
        chunk = Chunk(self.first, self.chunks[0].messages, len(self.first))
        return Traffic(self.interest, (chunk,), self.first, repeat=True)


def repeated(payload_size: int, subjects: int = 1) -> Traffic:
    """One size, and one subject after another: the same control lines over and over."""
    payload = PAYLOAD[:payload_size]
    names = [b"bench.old.s%d" % number for number in range(subjects)]
    publishes = b"".join(b"PUB %b %d\r\n%b\r\n" % (n, payload_size, payload) for n in names)
    messages = b"".join(b"MSG %b 1 %d\r\n%b\r\n" % (n, payload_size, payload) for n in names)
    rounds = CHUNK_BYTES // len(messages)
    chunk = Chunk(publishes * rounds, subjects * rounds, len(messages) * rounds)
    return Traffic(b"bench.old.*", (chunk,), messages * rounds, repeat=True)


def distinct(messages: int, subjects: int = 1000) -> Traffic:
    """Every control line new: many subjects, sizes 1 to 64, a reply subject of its own each."""
    return _gathered(b"bench.new.>", _distinct_lines(messages, subjects))


def _distinct_lines(messages: int, subjects: int) -> Iterator[tuple[bytes, bytes]]:
    for number in range(messages):
        size = 1 + number * 7 % 64
        subject = b"bench.new.s%d" % (number % subjects)
        rest = b"_INBOX.bench.%08d %d\r\n%b\r\n" % (number, size, PAYLOAD[:size])
        yield b"PUB %b %b" % (subject, rest), b"MSG %b 1 %b" % (subject, rest)


def _gathered(interest: bytes, pairs: Iterable[tuple[bytes, bytes]]) -> Traffic:
    chunks: list[Chunk] = []
    first = b""
    sent: list[bytes] = []
    got: list[bytes] = []
    delivered = 0
    for publish, message in pairs:
        sent.append(publish)
        got.append(message)
        delivered += len(message)
        if delivered >= CHUNK_BYTES:
            chunks.append(Chunk(b"".join(sent), len(sent), delivered))
            first = first or b"".join(got)
            sent, got, delivered = [], [], 0
    if sent:
        chunks.append(Chunk(b"".join(sent), len(sent), delivered))
        first = first or b"".join(got)
    return Traffic(interest, tuple(chunks), first, repeat=False)
