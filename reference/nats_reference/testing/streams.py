"""What the streams of a server under test hold, for assertions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nats_spec import headers

if TYPE_CHECKING:
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.stream import Stream


@dataclass(frozen=True, slots=True)
class Stored:
    """One message of a stream."""

    seq: int
    subject: str
    data: bytes
    #: Name and value of each header field, in order.
    headers: tuple[tuple[str, str], ...]
    #: When it was stored: nanoseconds since 1970, UTC.
    time: int


@dataclass(frozen=True, slots=True)
class StreamView:
    """A stream at one moment."""

    name: str
    subjects: tuple[str, ...]
    first_seq: int
    last_seq: int
    messages: tuple[Stored, ...]
    #: The names of its consumers.
    consumers: tuple[str, ...]


def view(stream: Stream, consumers: tuple[str, ...]) -> StreamView:
    """The stream as it is now."""
    stream.drain()
    index = stream.store.index
    found = (stream.get(seq) for seq in index.sequences())
    return StreamView(
        stream.config.name,
        tuple(stream.config.subjects),
        index.first_seq,
        index.last_seq,
        tuple(_stored(record) for record in found if record is not None),
        consumers,
    )


def _stored(record: Record) -> Stored:
    fields = headers.parse(record.headers).fields if record.headers else ()
    return Stored(
        record.seq,
        record.subject.decode("utf-8", "replace"),
        bytes(record.payload),
        tuple(
            (name.decode("utf-8", "replace"), value.decode("utf-8", "replace"))
            for name, value in fields
        ),
        record.time,
    )
