"""What consumers have to say, kept until what they changed is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_reference.jetstream.consumer.consumer import Consumer


class Outgoing(NamedTuple):
    """One message to be sent."""

    #: The subject whose listeners get it.
    to: bytes
    #: The subject that it shows; for a delivery that of the stored message.
    subject: bytes
    reply: bytes | None
    #: Header block, or nothing.
    headers: bytes | None
    payload: bytes
    #: Whose delivery it is, and of which sequence, so that it can be taken back; else nothing.
    consumer: Consumer | None = None
    seq: int = 0
    #: The last that was delivered before it.
    before: int = 0

    def singly(self) -> Iterator[Outgoing]:
        """This one."""
        yield self


class Run(NamedTuple):
    """New messages for one receiver, one behind the other."""

    to: bytes
    consumer: Consumer
    #: Of each: subject, reply, header block, payload, and its sequence.
    messages: list[tuple[bytes, bytes, bytes | None, bytes, int]]
    #: The last that was delivered before it.
    before: int = 0

    def singly(self) -> Iterator[Outgoing]:
        """The same, each by itself."""
        before = self.before
        for subject, reply, headers, payload, seq in self.messages:
            yield Outgoing(self.to, subject, reply, headers, payload, self.consumer, seq, before)
            before = seq


def status(to: bytes, block: bytes, reply: bytes | None = None) -> Outgoing:
    """A status for `to`."""
    return Outgoing(to, to, reply, block, b"")


def answer(to: bytes) -> Outgoing:
    """The empty message that answers an acknowledgement (JS-ACK-002)."""
    return Outgoing(to, to, None, None, b"")
