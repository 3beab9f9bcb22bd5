"""A publisher whose server is killed in the middle: what it sent, and what it was told.

The kill comes from another thread, some moment after the first acknowledgement, so that it
hits whatever the server is doing. Acknowledgements that were on their way still count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_spec.model.stream import Message

from .expect import Mismatch
from .jetstream import checked
from .message import as_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from .fixture import Nats
    from .jetstream import JetStream


class Interrupted:
    """One publisher, over as many servers as it takes."""

    def __init__(self, nats: Nats, make: Callable[[int], Message]) -> None:
        """`make` gives the message of a number, no two equal."""
        self._nats = nats
        self._make = make
        self.sent: dict[int, Message] = {}
        #: The sequence that each acknowledgement told.
        self.acked: dict[int, int] = {}

    @property
    def in_doubt(self) -> list[int]:
        """The numbers of what was sent and never acknowledged."""
        return [number for number in self.sent if number not in self.acked]

    def publish(self, js: JetStream, window: int, seconds: float) -> None:
        """Publish, so many at a time, until the server is killed after so many seconds."""
        connection = js.connection
        waiting: dict[str, int] = {}
        timer = self._nats.server.killer(seconds)
        try:
            while not connection.ended:
                while len(waiting) < window:
                    number = len(self.sent) + 1
                    inbox = js.inbox()
                    message = self.sent[number] = self._make(number)
                    waiting[inbox] = number
                    connection.send(written(message, inbox.encode()))
                if not connection.frames:
                    connection.pump("an acknowledgement, or the end")
                while connection.frames:
                    self._take(waiting, connection.frames.popleft().operation)
                if self.acked and timer.ident is None:
                    timer.start()
        finally:
            timer.cancel()

    def _take(self, waiting: dict[str, int], operation: object) -> None:
        came = as_message(operation)
        answer: dict[str, Any] = came.json
        if "error" in answer or answer.get("duplicate"):
            raise Mismatch("a publish was not simply stored", '{"seq":…}', str(came))
        self.acked[waiting.pop(came.subject)] = answer["seq"]


def written(message: Message, reply: bytes) -> bytes:
    """The operation that publishes a message and asks for an answer."""
    total = len(message.block) + len(message.payload)
    if message.block:
        line = b"HPUB %b %b %d %d" % (message.subject, reply, len(message.block), total)
    else:
        line = b"PUB %b %b %d" % (message.subject, reply, total)
    return b"%b\r\n%b%b\r\n" % (line, message.block, message.payload)


def again(js: JetStream, message: Message) -> dict[str, Any]:
    """Publish one message, maybe once more; what is answered."""
    inbox = js.inbox()
    js.connection.send(written(message, inbox.encode()))
    return checked(js.on_subject(inbox), "pub_ack")


def held(js: JetStream, stream: str, since: int = 1) -> dict[int, Message]:
    """The messages of a stream from this sequence on, read one after another."""
    state = js.state(stream, deleted_details=True)
    gone = set(state.get("deleted") or ())
    found = {}
    for seq in range(max(since, state["first_seq"], 1), state["last_seq"] + 1):
        if seq not in gone:
            got = js.stored(stream, seq=seq)
            found[seq] = Message(got["subject"].encode(), got["data"], got["hdrs"])
    return found
