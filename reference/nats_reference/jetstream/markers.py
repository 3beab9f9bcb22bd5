"""The message that says that a subject's last message has expired.

JS-TTL-006 .. JS-TTL-010. It is stored like any other, and takes the place of what has
expired by rolling its subject up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import fields
from nats_reference.jetstream.publication import Publication

if TYPE_CHECKING:
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.stream import Stream

REASON: Final = b"Nats-Marker-Reason"
#: A key-value client's own marker.
PURGED: Final = b"\r\nKV-Operation: PURGE\r\n"


def wanted(stream: Stream, seq: int) -> bool:
    """Whether `seq`, which expires, leaves a marker."""
    index = stream.store.index
    if not stream.config.subject_delete_marker_ttl:
        return False
    track = index.tracks[index.subject(seq) or b""]
    record = stream.store.get(seq) if len(track) == 1 else None
    return record is not None and not is_marker(record)


def is_marker(record: Record) -> bool:
    """Whether a message says that there is nothing any more (JS-TTL-008, JS-TTL-010)."""
    block = record.headers or b""
    return bool(fields.parse(block).get(REASON)) or PURGED in block


def marker(config: StreamConfig, subject: bytes) -> Publication:
    """The marker of a subject (JS-TTL-006)."""
    return Publication(subject, None, headers(config.subject_delete_marker_ttl // 10**9), b"")


def headers(seconds: int) -> bytes:
    """The header block of a marker that lives so long."""
    return b"".join(
        (
            b"NATS/1.0\r\n",
            b"Nats-Marker-Reason: MaxAge\r\n",
            b"Nats-TTL: %b\r\n" % duration(seconds).encode(),
            b"Nats-Rollup: sub\r\n\r\n",
        )
    )


def duration(seconds: int) -> str:
    """So many seconds as Go spells them: 3723 is 1h2m3s."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    shown = f"{rest}s"
    if minutes or hours:
        shown = f"{minutes}m{shown}"
    return f"{hours}h{shown}" if hours else shown
