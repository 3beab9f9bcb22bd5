r"""The language of wire examples: what chapters show and cases say.

    C: PUB foo 2␍␊hi␍␊      what the client sends on its first connection
    S: MSG foo 1 2␍␊        exactly the bytes that come next
    C2: PING␍␊              the second connection, opened at first use
    S: (closed)             the server ended the connection and sent no more
    S: (nothing)            a PING/PONG barrier shows that nothing was sent
    C: (close)              the client ends the connection; (half-close) for writing only
    # a comment

␍ ␊ ␉ ␀ are CR, LF, tab and NUL, `\xHH` any byte; `{a*4096}` repeats. In what a
server says `{any}` is some bytes of a line, `{int}` digits, `{json}` an object
and `{rest}` the rest of the line. Line breaks of the script mean nothing.

In the `default` config group the subjects' words of three or more lower-case
letters are renamed to others of the same length, so that a script is alone on
a shared server (`Script.words`). Leaves out running scripts: that is the runner's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PICTURES: Final[dict[str, bytes]] = {"␍": b"\r", "␊": b"\n", "␉": b"\t", "␀": b"\0"}
PLACEHOLDERS: Final[dict[str, bytes]] = {
    "any": rb"[^\r\n]+",
    "int": rb"[0-9]+",
    "json": rb"\{[^\r\n]*\} ?",
    "rest": rb"[^\r\n]*",
}

_LINE: Final = re.compile(r"(?P<side>[CS])(?P<number>[1-9]\d*)?: ?(?P<text>.*)", re.DOTALL)
_UNIT: Final = re.compile(
    r"(?P<picture>[␍␊␉␀])|\\x(?P<byte>[0-9A-Fa-f]{2})|\{(?P<unit>[^{}*]+)\*(?P<times>\d+)\}"
    r"|\{(?P<placeholder>any|int|json|rest)\}|(?P<text>.)",
    re.DOTALL,
)
_SUBJECTS: Final = re.compile(
    r"(?:^|␊)(?:H?PUB|SUB)[ ␉]+([^ ␉␍␊]+)(?:[ ␉]+([^ ␉␍␊]+))?", re.IGNORECASE
)
_WORD: Final = re.compile(r"(?<![A-Za-z0-9_$\\])[a-z]{3,}(?![A-Za-z0-9_])")


class Kind(Enum):
    """What a line of a script does."""

    SEND = "send"  #: the client sends bytes
    EXPECT = "expect"  #: the server's next bytes are these
    CLOSED = "(closed)"  #: the server has ended the connection, without another byte
    NOTHING = "(nothing)"  #: the server has sent nothing
    CLOSE = "(close)"  #: the client ends the connection
    HALF_CLOSE = "(half-close)"  #: the client will send no more, and goes on reading


_SIDES: Final[dict[Kind, str]] = {
    Kind.CLOSED: "S",
    Kind.NOTHING: "S",
    Kind.CLOSE: "C",
    Kind.HALF_CLOSE: "C",
}


class BadExample(ValueError):
    """A line that the language does not have; says which."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a script."""

    #: Which connection, from 1.
    connection: int
    kind: Kind
    #: The line as it is written, without its `C: `.
    text: str
    #: Its place in the script, from 1.
    line: int

    def data(self, names: Mapping[str, str] | None = None) -> bytes:
        """The bytes that a SEND line sends, its words renamed by `names`."""
        return b"".join(
            self._literal(unit) for unit in _UNIT.finditer(_renamed(self.text, names or {}))
        )

    def pattern(self, names: Mapping[str, str] | None = None) -> re.Pattern[bytes]:
        """What the bytes of an EXPECT line must match, its words renamed by `names`."""
        units = _UNIT.finditer(_renamed(self.text, names or {}))
        return re.compile(
            b"".join(
                b"(?:%b)" % PLACEHOLDERS[unit["placeholder"]]
                if unit["placeholder"]
                else re.escape(self._literal(unit))
                for unit in units
            )
        )

    def _literal(self, unit: re.Match[str]) -> bytes:
        if unit["picture"]:
            return PICTURES[unit["picture"]]
        if unit["byte"]:
            return bytes.fromhex(unit["byte"])
        if unit["unit"]:
            repeated = b"".join(self._literal(inner) for inner in _UNIT.finditer(unit["unit"]))
            return repeated * int(unit["times"])
        if unit["placeholder"]:
            if self.kind is Kind.SEND:
                raise BadExample(f"line {self.line}: {unit[0]} is for what a server says")
            return unit[0].encode()
        return unit["text"].encode()


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation to hold with a server."""

    steps: tuple[Step, ...]
    #: The config group that the server runs with.
    config: str = "default"

    @property
    def connections(self) -> int:
        """How many connections it takes."""
        return max(step.connection for step in self.steps)

    @property
    def words(self) -> tuple[str, ...]:
        """The words in its subjects that stand for any: to be renamed, in order."""
        if self.config != "default":
            return ()
        found: dict[str, None] = {}
        for step in self.steps:
            if step.kind is Kind.SEND:
                for match in _SUBJECTS.finditer(step.text):
                    for subject in filter(None, match.groups()):
                        found.update(dict.fromkeys(_WORD.findall(subject)))
        return tuple(found)


def parse(text: str, config: str = "default") -> Script:
    """The script that `text` spells.

    Raises:
        BadExample: a line is not in the language, or there is none.
    """
    steps: list[Step] = []
    for number, raw in enumerate(text.splitlines(), 1):
        written = raw.strip("\n")
        if not written.strip() or written.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(written.lstrip())
        if match is None:
            raise BadExample(f"line {number}: expected 'C: ' or 'S: ', got {written!r}")
        steps.append(Step(int(match["number"] or 1), _kind(match, number), match["text"], number))
    if not steps:
        raise BadExample("an example without a line")
    return Script(tuple(steps), config)


def _kind(match: re.Match[str], number: int) -> Kind:
    side, text = match["side"], match["text"].strip()
    for kind, owner in _SIDES.items():
        if text == kind.value:
            if owner != side:
                raise BadExample(f"line {number}: {text} is what {owner} does, not {side}")
            return kind
    if not text and not match["text"]:
        raise BadExample(f"line {number}: {side} says nothing")
    return Kind.SEND if side == "C" else Kind.EXPECT


def _renamed(text: str, names: Mapping[str, str]) -> str:
    if not names:
        return text
    return _WORD.sub(lambda match: names.get(match[0], match[0]), text)
