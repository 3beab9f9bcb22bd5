r"""The language of JetStream examples: requests, and what must be in their answers.

    C: $JS.API.STREAM.INFO.orders {"deleted_details":true}    a request; its reply subject is ours
    C: orders.new [Nats-Msg-Id: a; Nats-TTL: 5s] hello         the same with header fields
    C! orders.new hello                                       a publish without a reply subject
    C: (subscribe deliver.x workers)                          hear a subject, here in a queue group
    C: (ack) +ACK                                             answer the message that came last
    C! (ack) -NAK                                             the same, without a reply subject
    S: {"state":{"messages":1}}      the next reply is JSON that holds this
    S: [Nats-Sequence: 1] hello      it has this field, and exactly this payload
    S: [404 Message Not Found]       its status line, and no payload
    S(orders.new): hello             the next message, reply or not, with this subject
    S: (nothing)                     nothing more has come
    # a comment

In a payload `{x*300}` repeats. In JSON, `"{any}"` is any value and null a member
that may be missing; a list is compared item by item. A field's value `{any}` is
any. Words of three or more lower-case letters in the subjects of C lines are
renamed throughout, also behind `KV_` and `OBJ_`, so that an example is alone on a shared server. Leaves out
performing: that is the runner's.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from nats_spec.examples import BadExample

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Stands for any value, in JSON and in header fields.
ANY: Final = "{any}"

_LINE: Final = re.compile(
    r"(?P<side>C[:!]|S(?:\((?P<subject>\S+)\))?:) ?"
    r"(?:(?P<action>\((?:nothing|close|ack|subscribe)[^)]*\)) ?)?(?P<rest>.*)",
    re.DOTALL,
)
_REQUEST: Final = re.compile(r"(?P<subject>\S+)(?: (?P<rest>.*))?", re.DOTALL)
_HEADERS: Final = re.compile(r"\[(?P<headers>[^\]]*)\] ?(?P<payload>.*)", re.DOTALL)
_STATUS: Final = re.compile(r"(?P<code>\d{3})(?: (?P<text>.*))?")
_REPEAT: Final = re.compile(r"\{([^{}*\"]+)\*(\d+)\}")
#: A word, also as the bucket in the name of a bucket's stream.
_WORD: Final = re.compile(
    r"(?:(?<![A-Za-z0-9_$\\])|(?<=\bKV_)|(?<=\bOBJ_))[a-z]{3,}(?![A-Za-z0-9_])"
)


class Act(Enum):
    """What a line of a dialogue does."""

    REQUEST = "request"  #: publish, with a reply subject if it is a `C:` line
    ACK = "(ack)"  #: publish to the reply subject of the message that came last
    SUBSCRIBE = "(subscribe)"  #: hear a subject
    EXPECT = "expect"  #: the next message is this
    NOTHING = "(nothing)"  #: no message has come
    CLOSE = "(close)"  #: the client leaves and comes back


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a dialogue."""

    act: Act
    #: What is published to or expected on; for (subscribe) subject and queue group.
    subject: str
    #: Whether a reply is wanted.
    asks: bool
    #: Status line and fields, as `(name, value)`; the status under the name "".
    headers: tuple[tuple[str, str], ...]
    #: The payload, repetitions written out; None if it may be anything.
    payload: str
    #: The line as it is written.
    text: str
    #: Its place in the dialogue, from 1.
    line: int

    @property
    def members(self) -> Any:  # noqa: ANN401 - any JSON
        """What the answer must hold, if that is JSON; else None."""
        return (
            None
            if self.payload == ANY or not self.payload.startswith("{")
            else json.loads(self.payload)
        )

    def renamed(self, names: Mapping[str, str]) -> Turn:
        """The same turn with other words."""
        return _turn(_WORD.sub(lambda match: names.get(match[0], match[0]), self.text), self.line)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation with JetStream."""

    turns: tuple[Turn, ...]
    #: The config group that the server runs with.
    config: str = "jetstream"

    @property
    def words(self) -> tuple[str, ...]:
        """The words that stand for any, in order."""
        found: dict[str, None] = {}
        for turn in self.turns:
            if turn.act in {Act.REQUEST, Act.SUBSCRIBE}:
                found.update(dict.fromkeys(_WORD.findall(turn.subject)))
        return tuple(found)


def parse(text: str, config: str = "jetstream") -> Dialogue:
    """The dialogue that `text` spells.

    Raises:
        BadExample: a line is not in the language, a word is also a JSON key, or there is none.
    """
    turns: list[Turn] = []
    for number, raw in enumerate(text.splitlines(), 1):
        written = raw.strip()
        if written and not written.startswith("#"):
            turns.append(_turn(written, number))
    if not turns:
        raise BadExample("an example without a line")
    found = Dialogue(tuple(turns), config)
    for word in found.words:
        if f'"{word}":' in text:
            raise BadExample(f"{word!r} is a subject's word and a JSON key: choose another word")
    return found


def holds(expected: Any, got: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Where `got` lacks what `expected` asks for, as `$.a.b: why`; None if it holds all."""
    return _lacks(expected, got, "$")


def _lacks(expected: Any, got: Any, where: str) -> str | None:  # noqa: ANN401, PLR0911 - any JSON
    if expected == ANY:
        return None
    if isinstance(expected, dict) and isinstance(got, dict):
        for key, value in expected.items():
            if value is None and got.get(key) is None:
                continue
            if key not in got:
                return f"{where}.{key} is missing"
            if lack := _lacks(value, got[key], f"{where}.{key}"):
                return lack
        return None
    if isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            return f"{where} has {len(got)} items, not {len(expected)}"
        pairs = enumerate(zip(expected, got, strict=True))
        return next(filter(None, (_lacks(e, g, f"{where}[{i}]") for i, (e, g) in pairs)), None)
    same = type(expected) is type(got) and expected == got
    return None if same else f"{where} is {json.dumps(got)}, not {json.dumps(expected)}"


def _turn(written: str, number: int) -> Turn:
    match = _LINE.fullmatch(written)
    if match is None:
        raise BadExample(f"line {number}: expected 'C: ', 'C! ' or 'S: ', got {written!r}")
    asks = match["side"] == "C:"
    client = match["side"].startswith("C")
    action, rest = match["action"] or "", match["rest"]
    act, _, argument = action.strip("()").partition(" ")
    if act == "nothing" and not client:
        return Turn(Act.NOTHING, "", False, (), "", written, number)
    if act == "close" and client:
        return Turn(Act.CLOSE, "", False, (), "", written, number)
    if act == "subscribe" and client and argument:
        return Turn(Act.SUBSCRIBE, argument, False, (), "", written, number)
    if act == "ack" and client:
        headers, payload = _content(rest, number)
        return Turn(Act.ACK, "", asks, headers, payload, written, number)
    if action:
        raise BadExample(f"line {number}: {action} is not what this side does")
    if not client:
        headers, payload = _content(rest, number)
        return Turn(Act.EXPECT, match["subject"] or "", False, headers, payload, written, number)
    request = _REQUEST.fullmatch(rest)
    if request is None:
        raise BadExample(f"line {number}: a request without a subject")
    headers, payload = _content(request["rest"] or "", number)
    return Turn(Act.REQUEST, request["subject"], asks, headers, payload, written, number)


def _content(text: str, number: int) -> tuple[tuple[tuple[str, str], ...], str]:
    """Header fields and payload."""
    match = _HEADERS.fullmatch(text)
    headers: list[tuple[str, str]] = []
    if match is not None:
        text = match["payload"]
        for part in filter(None, map(str.strip, match["headers"].split(";"))):
            name, colon, value = part.partition(":")
            if not colon and not _STATUS.fullmatch(part):
                raise BadExample(f"line {number}: {part!r} is neither 'Name: value' nor a status")
            headers.append((name.strip(), value.strip()) if colon else ("", part))
    return tuple(headers), _REPEAT.sub(lambda m: m[1] * int(m[2]), text)
