"""What a stream holds, and waiting until time has changed that."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import polling
from .consuming import create, delivered
from .invariants.stream_log import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from .jetstream import JetStream

SECOND: Final = 10**9
#: Seconds until what cases wait for is due, at most.
LONGEST: Final = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A message that a stream holds."""

    seq: int
    subject: str
    block: str
    #: When it was stored, nanoseconds since 1970.
    time: int

    @property
    def word(self) -> str:
        """The last word of its subject."""
        return self.subject.rpartition(".")[2]


def marker(lifetime: str) -> str:
    """The header block of a marker that lives so long."""
    return (
        "NATS/1.0\r\nNats-Marker-Reason: MaxAge\r\n"
        f"Nats-TTL: {lifetime}\r\nNats-Rollup: sub\r\n\r\n"
    )


def hear(js: JetStream, stream: str) -> Callable[[int], list[Held]]:
    """Hear all that is stored from now on; a function that gives it up to a sequence.

    So nothing is missed that goes again while somebody looks elsewhere.
    """
    inbox = js.inbox()
    sid, subject = inbox.rpartition(".")[2], f"{inbox}.h"
    js.subscribe(subject, sid)
    create(js, stream, durable_name=None, ack_policy="none", deliver_subject=subject)

    def heard(last: int) -> list[Held]:
        polling.until(
            lambda: js.state(stream),
            lambda state: state["last_seq"] >= last,
            js.patience + LONGEST,
        )
        found: list[Held] = []
        while not found or found[-1].seq < last:
            message = js.next(sid)
            token = delivered(message).token
            block = message.block.decode()
            found.append(Held(token.stream_seq, message.subject, block, token.timestamp))
        return found

    return heard


def held(js: JetStream, stream: str) -> list[Held]:
    """Everything in a stream at one moment."""
    state = js.state(stream)
    while True:
        found = _scanned(js, stream)
        before, state = state, js.state(stream)
        if state == before:
            return found


def _scanned(js: JetStream, stream: str) -> list[Held]:
    found: list[Held] = []
    while True:
        body = {"seq": found[-1].seq + 1 if found else 1, "next_by_subj": ">"}
        message = js.answer(f"STREAM.MSG.GET.{stream}", body).get("message")
        if message is None:
            return found
        block = base64.b64decode(message.get("hdrs", "")).decode()
        found.append(Held(message["seq"], message["subject"], block, nanoseconds(message["time"])))


def words(messages: list[Held]) -> str:
    """The last words of the subjects, in order."""
    return " ".join(each.word for each in messages)


def until(js: JetStream, stream: str, wanted: Callable[[list[Held]], object]) -> list[Held]:
    """What is held, as soon as it is like this; or as it is when patience ends."""
    return polling.until(lambda: held(js, stream), wanted, js.patience + LONGEST)


def until_words(js: JetStream, stream: str, expected: str) -> list[Held]:
    """What is held, as soon as messages on exactly these words are, in this order."""
    return until(js, stream, lambda found: words(found) == expected)
