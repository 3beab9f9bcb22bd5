"""The stream of the consumer machine: what is stored, in the model and on the server.

A stream that work or interest decides about loses messages as soon as no consumer needs
them (JS-RET-003 .. JS-RET-007); the model says which.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from nats_conformance import polling
from nats_conformance.expect import Mismatch
from nats_conformance.invariants import consumer_info
from nats_conformance.invariants.trace import Stored
from nats_spec.model import consumer as fold
from nats_spec.model import stream

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from nats_conformance.jetstream import JetStream


class Held:
    """One stream, whose subjects are `WORD.LETTER`."""

    def __init__(self, js: JetStream, retention: str) -> None:
        self.retention = retention
        self.word = js.name("s")
        self.name = js.create(subjects=[f"{self.word}.*"], storage="file", retention=retention)
        self.model = stream.Stream(stream.Config(self.name, (self.subject("*"),), file=True))
        #: Every message there ever was.
        self.stored: dict[int, Stored] = {}
        #: The step in which a message went.
        self.gone: dict[int, int] = {}
        self._sent = 0

    def subject(self, letter: str) -> bytes:
        """The subject of a letter."""
        return f"{self.word}.{letter}".encode()

    def publish(self, js: JetStream, letters: Sequence[str]) -> None:
        """One message for each letter, in one go; every third has a header."""
        for place, letter in enumerate(letters):
            self._sent += 1
            payload = f"{self._sent}:{'x' * (self._sent * 7 % 40)}".encode()
            fields = {} if self._sent % 3 else {"A": f"{self._sent}"}
            subject = self.subject(letter).decode()
            if place < len(letters) - 1:
                js.send(subject, payload, fields)
            else:
                seq = js.publish(subject, payload, fields)["seq"]
                if seq != self.model.last + 1:
                    raise Mismatch("a message got another sequence", f"{self.model.last + 1}", seq)
            self._add(subject.encode(), payload, fields)

    def _add(self, subject: bytes, payload: bytes, fields: dict[str, str]) -> None:
        seq = self.model.last + 1
        block = b"".join(b"%b: %b\r\n" % (k.encode(), v.encode()) for k, v in fields.items())
        block = b"NATS/1.0\r\n%b\r\n" % block if block else b""
        message = stream.Message(subject, payload, block)
        held = {**self.model.messages, seq: stream.Stored(seq, 0, message)}
        self.model = replace(self.model, messages=held, first=min(held), last=seq)
        self.stored[seq] = Stored(seq, subject, payload, block, 0)

    def seen(self, seq: int, moment: int) -> None:
        """A delivery says when this message was stored: all must say the same."""
        stored = self.stored.get(seq)
        if stored is not None and not stored.time:
            self.stored[seq] = replace(stored, time=moment)

    def drop(self, seqs: Collection[int], step: int) -> None:
        """These are no longer there."""
        self.model = stream.without(self.model, set(seqs) & self.model.messages.keys())
        self.gone.update({seq: step for seq in seqs if seq not in self.gone})

    def retain(self, consumers: Iterable[fold.Consumer], done: Collection[int], step: int) -> int:
        """Drop what retention does not keep; how many that were.

        `done`: what a consumer of a work queue has acknowledged.
        """
        if self.retention == "limits":
            return 0
        if self.retention == "workqueue":
            needless = set(done) & self.model.messages.keys()
        else:
            needed = {seq for each in consumers for seq in _needs(each, self.model)}
            needless = self.model.messages.keys() - needed
        self.drop(needless, step)
        return len(needless)

    def compare(self, js: JetStream, patience: float) -> None:
        """The server holds what the model holds (JS-INV-023)."""
        needed = list(self.model.messages)

        def held() -> list[int]:
            state = js.state(self.name, deleted_details=True)
            deleted = set(state.get("deleted", ()))
            span = range(state["first_seq"], state["last_seq"] + 1)
            return [seq for seq in span if seq and seq not in deleted]

        ends = time.monotonic() + patience
        found = polling.until(held, lambda got: got == needed or time.monotonic() > ends, 60)
        if wrong := consumer_info.kept(found, needed):
            raise Mismatch(f"JS-INV-023: {wrong[0]}", f"{needed}", f"{found}")


def _needs(consumer: fold.Consumer, held: stream.Stream) -> set[int]:
    """The messages that a consumer of an interest stream keeps there (JS-RET-006)."""
    return {*fold.ahead(consumer, held), *consumer.outstanding, *consumer.exhausted}
