"""Performs dialogues: the JetStream examples of the chapters.

The language is `nats_spec.dialogue`. The streams that an example creates are
deleted when it ends.
"""

from __future__ import annotations

import json
import re
import string
from typing import TYPE_CHECKING, Final

from nats_spec import dialogue
from nats_spec.dialogue import ANY, Act, Dialogue, Turn

from .expect import Mismatch, NoProgress
from .jetstream import INBOX, JetStream, checked

if TYPE_CHECKING:
    from .fixture import Nats
    from .message import Message

_CREATE: Final = re.compile(r"\$JS\.(?:[^.]+\.)?API\.STREAM\.(?:CREATE|RESTORE)\.([^.]+)")
#: Whose subject is the same whoever causes it.
_ADVISORY: Final = "$JS.EVENT."


def perform(script: str | Dialogue, nats: Nats) -> None:
    """Hold this conversation with the case's server."""
    parsed = dialogue.parse(script) if isinstance(script, str) else script
    _Performance(parsed, nats).run()


class _Performance:
    def __init__(self, script: Dialogue, nats: Nats) -> None:
        self._nats = nats
        self._script = script
        self._names = {word: self._other(word) for word in script.words}
        self._client = JetStream(nats)
        self._last: Message | None = None
        self._sids = 0

    def run(self) -> None:
        """Every turn in order."""
        for turn in self._script.turns:
            self._take(turn.renamed(self._names))

    def _take(self, turn: Turn) -> None:
        client = self._client
        match turn.act:
            case Act.REQUEST:
                if made := _CREATE.fullmatch(turn.subject):
                    client.goes(made[1])
                self._publish(turn, turn.subject)
            case Act.ACK:
                if self._last is None or not self._last.reply:
                    raise ValueError(f"line {turn.line}: no message came that can be answered")
                self._publish(turn, self._last.reply)
            case Act.SUBSCRIBE:
                subject, _, queue = turn.subject.partition(" ")
                self._sids += 1
                client.subscribe(subject, f"s{self._sids}", queue)
            case Act.EXPECT:
                self._expect(turn)
            case Act.NOTHING:
                client.quiet()
            case Act.CLOSE:
                client.connection.close()
                self._client = JetStream(self._nats)

    def _publish(self, turn: Turn, subject: str) -> None:
        reply = self._client.inbox() if turn.asks else ""
        self._client.send(subject, turn.payload, dict(turn.headers), reply)

    def _expect(self, turn: Turn) -> None:
        if turn.subject.startswith(_ADVISORY):
            self._expect_among_others(turn)
            return
        client = self._client
        message = client.on_subject(turn.subject) if turn.subject else client.next(INBOX)
        self._compare(turn, message)

    def _expect_among_others(self, turn: Turn) -> None:
        """An advisory: what others on the server do is told as well."""
        first: Mismatch | None = None
        while True:
            try:
                message = self._client.on_subject(turn.subject)
            except NoProgress as nothing:
                raise first or nothing from None
            try:
                self._compare(turn, message)
            except Mismatch as mismatch:
                first = first or mismatch
            else:
                return

    def _compare(self, turn: Turn, message: Message) -> None:
        if message.reply:
            self._last = message
        for name, value in turn.headers:
            got = _status(message) if not name else message.header(name)
            if got is None or value not in (ANY, got):
                raise Mismatch(f"the header {name or 'status'} is {got}", turn.text, str(message))
        if turn.members is not None:
            answer = checked(message) if "type" in _object(message) else message.json
            if lack := dialogue.holds(turn.members, answer):
                raise Mismatch(f"in the answer {lack}", turn.text, json.dumps(answer))
        elif turn.payload not in (ANY, message.payload.decode(errors="replace")):
            raise Mismatch("the payload is another", turn.text, str(message))

    def _other(self, word: str) -> str:
        """A word of the same length that the dialogue doesn't use."""
        taken = "\n".join(turn.text for turn in self._script.turns)
        while True:
            other = "".join(self._nats.random.choices(string.ascii_lowercase, k=len(word)))
            if other not in taken:
                return other


def _status(message: Message) -> str | None:
    if message.status is None:
        return None
    return f"{message.status:03d} {message.description}".strip()


def _object(message: Message) -> dict[str, object]:
    found = message.json
    return found if isinstance(found, dict) else {}
