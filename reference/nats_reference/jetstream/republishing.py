"""A stored message is published again, and says where it is stored.

JS-MIRROR-018 .. JS-MIRROR-021.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nats_reference.jetstream import fields, times
from nats_reference.jetstream.publication import Outgoing

if TYPE_CHECKING:
    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.stream import Stream


class Copy(NamedTuple):
    """What is known of it before the message is stored."""

    subject: bytes
    #: The message before it on its subject, 0 if there is none.
    last: int


def prepared(stream: Stream, publication: Publication) -> Copy | None:
    """Where the copy goes, if there is to be one."""
    subject = stream.republish(publication.subject) if stream.republish else None
    if not subject:
        return None
    track = stream.store.index.tracks.get(publication.subject)
    return Copy(subject, track.last if track else 0)


def finished(copy: Copy, stream: Stream, publication: Publication, seq: int, time: int) -> Outgoing:
    """The copy."""
    said = publication.headers or fields.BLANK
    lines = [
        b"Nats-Stream: %b" % stream.config.name.encode(),
        b"Nats-Subject: %b" % publication.subject,
        b"Nats-Sequence: %d" % seq,
        b"Nats-Time-Stamp: %b" % times.rfc3339(time).encode(),
        b"Nats-Last-Sequence: %d" % copy.last,
    ]
    payload = publication.payload
    if stream.config.republish is not None and stream.config.republish.headers_only:
        lines.append(b"Nats-Msg-Size: %d" % len(payload))
        payload = b""
    block = said.removesuffix(fields.END) + b"\r\n".join(lines) + fields.END * 2
    return Outgoing(copy.subject, None, block, payload)
