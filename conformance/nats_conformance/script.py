"""Performs wire scripts: the examples of the chapters and `nats.script`.

A script reads as if each line waited for the one before: when another connection
takes the word, those that spoke are flushed first, if what they sent so far is
whole operations. The language is `nats_spec.examples`.
"""

from __future__ import annotations

import json
import re
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nats_spec import examples
from nats_spec.examples import Kind, Script, Step
from nats_spec.recogniser import recogniser

from . import barrier, visible
from .expect import Mismatch, describe

if TYPE_CHECKING:
    from .connection import Connection
    from .fixture import Nats

_WORD: Final = re.compile(r"[a-z]{3,}")
_CONNECT: Final = re.compile(rb"CONNECT (\{.*\})(\r?\n)", re.DOTALL)


def perform(script: str | Script, nats: Nats) -> None:
    """Hold this conversation with the case's server."""
    parsed = examples.parse(script, nats.group) if isinstance(script, str) else script
    _Performance(parsed, nats).run()


@dataclass(slots=True)
class _Speaker:
    """One connection of a script."""

    connection: Connection
    #: It sent something since its last barrier.
    spoke: bool = False
    #: PONGs that the script has expected.
    pongs: int = 0
    sent: bytearray = field(default_factory=bytearray)

    def owed(self) -> int:
        """PONGs that the script has yet to expect."""
        return max(0, _operations(bytes(self.sent))[0] - self.pongs)


class _Performance:
    """One script under way."""

    def __init__(self, script: Script, nats: Nats) -> None:
        self._script = script
        self._nats = nats
        self._speakers: dict[int, _Speaker] = {}
        self._names = {word: self._other(word) for word in script.words}

    def run(self) -> None:
        """Every step in order."""
        for step in self._script.steps:
            if step.connection not in self._speakers:
                self._speakers[step.connection] = _Speaker(self._open(step.connection))
                if self._is_greeting(step):
                    self._look_at_greeting(step)
                    continue
            self._step(step, self._speakers[step.connection])

    def _step(self, step: Step, speaker: _Speaker) -> None:
        connection = speaker.connection
        if step.kind is not Kind.EXPECT:
            self._settle(but=step.connection)
        match step.kind:
            case Kind.SEND:
                data = self._with_credentials(step.data(self._names))
                connection.send(data)
                speaker.sent += data
                speaker.spoke = True
            case Kind.EXPECT:
                self._expect(step, speaker)
            case Kind.CLOSED:
                connection.expect_closed()
            case Kind.NOTHING:
                self._expect_nothing(speaker)
            case Kind.CLOSE:
                connection.close()
            case Kind.HALF_CLOSE:
                connection.half_close()

    def _expect(self, step: Step, speaker: _Speaker) -> None:
        try:
            found = speaker.connection.expect(step.pattern(self._names))
        except Mismatch as mismatch:
            shown = describe(step.pattern(self._names))
            mismatch.message = mismatch.message.replace(shown, step.text)
            mismatch.expected = _WORD.sub(lambda w: self._names.get(w[0], w[0]), step.text)
            raise
        came = found if isinstance(found, bytes) else found.group()
        speaker.pongs += came.count(b"PONG\r\n")

    def _open(self, number: int) -> Connection:
        steps = [step for step in self._script.steps if step.connection == number]
        awaits_ping = any(s.kind is Kind.EXPECT and s.text.startswith("PING") for s in steps)
        return self._nats.connect(auto_pong=not awaits_ping)

    def _settle(self, but: int) -> None:
        """Flush the connections that spoke, except the one whose turn it is."""
        for number, speaker in self._speakers.items():
            if number == but or not speaker.spoke:
                continue
            connection = speaker.connection
            if connection.ended or not _operations(bytes(speaker.sent))[1]:
                continue
            speaker.spoke = False
            try:
                before = barrier.before_pong(connection, speaker.owed())
            except Mismatch:
                if not connection.ended:
                    raise
            else:
                connection.frames.extendleft(reversed(before))

    def _expect_nothing(self, speaker: _Speaker) -> None:
        """The others were flushed, so what they set going has arrived before the PONG."""
        if speaker.owed():
            raise ValueError("the script owes an S: PONG before (nothing)")
        speaker.connection.expect_nothing()
        speaker.spoke = False

    def _is_greeting(self, step: Step) -> bool:
        return step.kind is Kind.EXPECT and step.text.startswith("INFO")

    def _look_at_greeting(self, step: Step) -> None:
        line = self._speakers[step.connection].connection.info_line
        if not step.pattern().fullmatch(line):
            raise Mismatch("the INFO is another", step.text, visible.line(line))

    def _other(self, word: str) -> str:
        """A word of the same length that the script doesn't use."""
        taken = "\n".join(step.text for step in self._script.steps)
        while True:
            other = "".join(self._nats.random.choices(string.ascii_lowercase, k=len(word)))
            if other not in taken:
                return other

    def _with_credentials(self, data: bytes) -> bytes:
        credentials = self._nats.target.credentials
        found = _CONNECT.match(data)
        if not credentials or not found:
            return data
        try:
            fields: dict[str, Any] = json.loads(found[1])
        except ValueError:
            return data  # the script means it to be broken
        line = b"CONNECT %b%b" % (json.dumps(fields | credentials).encode(), found[2])
        return line + data[found.end() :]


def _operations(sent: bytes) -> tuple[int, bool]:
    """How many PINGs were sent, and whether only whole operations were."""
    recognise = recogniser("client").match
    at = pings = 0
    while at < len(sent):
        end = sent.find(b"\n", at) + 1
        match = recognise(sent[at:end]) if end else None
        if match is None:
            return pings, False
        alias, arguments = match
        pings += alias == "ping"
        at = end
        if alias.startswith(("pub", "hpub")):
            at += int(arguments[-1]) + 2
    return pings, at == len(sent)
