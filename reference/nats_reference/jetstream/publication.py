"""A message on its way into a stream, and one on its way out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from nats_reference.jetstream import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The fields of a message without headers.
NO_FIELDS: Mapping[bytes, bytes] = {}


class Outgoing(NamedTuple):
    """A message that the server publishes: subject, reply, header block, payload."""

    subject: bytes
    reply: bytes | None
    headers: bytes | None
    payload: bytes


#: One of a tuple of its members, without looking at them.
outgoing_of: Final = partial(tuple.__new__, Outgoing)


class Publication:
    """One message on its way in."""

    __slots__ = ("fields", "headers", "payload", "reply", "rollup", "size", "subject", "ttl")

    def __init__(
        self, subject: bytes, reply: bytes | None, headers: bytes | None, payload: bytes
    ) -> None:
        #: As it is stored: transformed, if the stream does that.
        self.subject = subject
        self.reply = reply
        self.headers = headers
        self.payload = payload
        self.fields: Mapping[bytes, bytes] = fields.parse(headers) if headers else NO_FIELDS
        self.size = len(payload) + len(headers) if headers else len(payload)
        #: What it replaces: `sub`, `all` or nothing.
        self.rollup = b""
        #: How many seconds it lives; `ttl.NEVER`, or 0 if it doesn't say.
        self.ttl = 0
