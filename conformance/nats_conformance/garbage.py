"""What a soak sends: sessions that are wrong in every way, and what must come of them.

Lines and near-misses are drawn from the grammar (`nats_spec.strategies`), valid
sessions are made of plain operations, and both have bytes changed at random. A
session is decided by the run's seed and its own number. `judge` holds the
server's answer against the chapters: only known operations and known errors,
nothing after an error that closes, and, where the reading model is exact, the
very PONGs and the very error that it foretells.

Leaves out connections and time: soak.py.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

import hypothesis
from hypothesis import HealthCheck, Phase, given

from nats_spec import errors, strategies
from nats_spec.model.reading import Ending, read
from nats_spec.operations import Err, Hmsg, Msg, Operation, Pong

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HELLO: Final = b'CONNECT {"verbose":false,"pedantic":false,"headers":true}\r\n'
#: Bytes that mean something, so that noise comes near to sense.
TELLING: Final = strategies.TELLING + b"\r\n\r\n\r\n  {}\"'"

#: What may follow CONNECT and says more than the model of reading knows.
_TALKS_OF_ITSELF: Final = re.compile(rb"connect|info", re.IGNORECASE)
#: FRAME-032, FRAME-034: CR amid a control line, a verb whose blanks are all that it has.
_ODD: Final = re.compile(rb"\r(?!\n)|^[^ \t\r\n]+[ \t]+\r?\n", re.MULTILINE)


class Leaving(Enum):
    """How the client ends the session."""

    READS = "reads to the end"  #: it sends no more, and reads whatever comes
    RESETS = "resets"  #: its connection is gone at once
    CLOSES = "closes"  #: it ends without reading


@dataclass(frozen=True, slots=True)
class Session:
    """What one connection of a soak sends, in which pieces."""

    number: int
    pieces: tuple[bytes, ...]
    leaving: Leaving

    @property
    def data(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces)


class Outcome(Enum):
    """What the server made of a session."""

    SERVED = "read to the end, no -ERR"
    ERROR = "-ERR, then closed"
    SILENT = "closed without a word, as foretold"
    LEFT = "left by the client"


class Violation(Exception):
    """The server did what no chapter allows."""


def corpus(seed: int, size: int) -> list[bytes]:
    """`size` lines of the grammar and as many near-misses of lines."""
    found: list[bytes] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=size,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.lines("client"), strategies.near_misses("client"))
    def collect(line: bytes, near_miss: bytes) -> None:
        found.extend((line, near_miss))

    collect()
    return found


def session(seed: int, number: int, lines: Sequence[bytes]) -> Session:
    """The session of this number."""
    rng = random.Random(f"{seed}:{number}")
    data = rng.choice(KINDS)(rng, lines)
    if rng.random() < 0.8:
        data = HELLO + data
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice((0, 0, 1, 3, 8))))
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    leaving = rng.choices(list(Leaving), (8, 1, 1))[0]
    return Session(number, tuple(filter(None, pieces)), leaving)


def valid(rng: random.Random, _lines: Sequence[bytes]) -> bytes:
    """A session that a client might have."""
    return b"".join(_operation(rng) for _ in range(rng.randrange(1, 40)))


def mutated(rng: random.Random, lines: Sequence[bytes]) -> bytes:
    """A valid session with a few bytes changed."""
    data = bytearray(valid(rng, lines))
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(data) + 1)
        many = rng.choice((0, 1, 1, 2, 20))
        data[at : at + rng.choice((0, 1, 1, 2, 20))] = bytes(rng.choices(TELLING, k=many))
    return bytes(data)


def from_grammar(rng: random.Random, lines: Sequence[bytes]) -> bytes:
    """Valid operations with a line or a near-miss of the grammar among them."""
    parts = [_operation(rng) for _ in range(rng.randrange(4))]
    parts.insert(rng.randrange(len(parts) + 1), rng.choice(lines))
    return b"".join(parts)


def noise(rng: random.Random, _lines: Sequence[bytes]) -> bytes:
    """Bytes at random, of all or of those that mean something."""
    count = rng.choice((1, 5, 50, 5000))
    return rng.randbytes(count) if rng.random() < 0.5 else bytes(rng.choices(TELLING, k=count))


def overlong(rng: random.Random, _lines: Sequence[bytes]) -> bytes:
    """Lines and payloads at a limit or beyond it."""
    many = rng.choice((4090, 4096, 4097, 5000, 100_000))
    return rng.choice((
        b"SUB %b 1\r\n" % (b"x" * (many - 2)),
        b"PING%b\r\nPING\r\n" % (b"x" * many),
        b"SUB " + b"x" * many,
        b"x" * many,
        b"PUB x %d\r\n" % (1048576 + rng.randrange(-1, 2)),
        b"PUB x %d\r\n%b\r\nPING\r\n" % (many, b"y" * many),
        b"PUB x 5\r\n%b\r\n" % (b"y" * many),
    ))  # fmt: skip


KINDS: Final[tuple[Callable[[random.Random, Sequence[bytes]], bytes], ...]] = (
    valid,
    mutated,
    mutated,
    from_grammar,
    from_grammar,
    noise,
    overlong,
)


def judge(sent: bytes, came: Sequence[Operation]) -> Outcome:
    """What became of a client that sent this and read to the end.

    Raises:
        Violation: the server said something that no chapter lets it say.
    """
    fatal = _fatal(came)
    if exact(sent):
        foretold = read(sent)
        pongs = sum(isinstance(operation, Pong) for operation in came)
        expected = foretold.operations.count("ping")
        if pongs != expected or (fatal or "") != (foretold.ending.value or ""):
            raise Violation(
                f"{expected} PONG and {foretold.ending.name} are due,"
                f" {pongs} PONG and {fatal or 'no error'} came"
            )
        if foretold.ending is Ending.SILENT:
            return Outcome.SILENT
    return Outcome.ERROR if fatal else Outcome.SERVED


def exact(sent: bytes) -> bool:
    """Whether the model of reading knows all that these bytes can bring about."""
    if _TALKS_OF_ITSELF.search(sent.removeprefix(HELLO)) or _ODD.search(sent):
        return False
    return sent.startswith(HELLO)


def _fatal(came: Sequence[Operation]) -> str | None:
    """The error that ended the connection, if one did."""
    for place, operation in enumerate(came):
        if isinstance(operation, Err):
            text = operation.text.decode("utf-8", "backslashreplace")
            known = errors.said(text)
            if known is None:
                raise Violation(f"no chapter knows -ERR '{text}'")
            if known.closes:
                late = [each for each in came[place + 1 :] if not isinstance(each, Msg | Hmsg)]
                if late:  # what others publish may still have been on its way
                    raise Violation(f"{late[0]!r} came after -ERR '{text}'")
                return text
    return None


def _operation(rng: random.Random) -> bytes:
    """One operation as clients send it."""
    subject = b".".join(rng.choices((b"a", b"b", b"c", b"*", b"foo"), k=rng.randrange(1, 4)))
    payload = bytes(rng.choices(TELLING, k=rng.choice((0, 1, 10, 200))))
    sid = rng.randrange(1, 9)
    return rng.choice((
        b"PING\r\n",
        b"PONG\r\n",
        b"SUB %b %d\r\n" % (subject, sid),
        b"SUB %b group %d\r\n" % (subject, sid),
        b"UNSUB %d\r\n" % sid,
        b"UNSUB %d %d\r\n" % (sid, rng.randrange(5)),
        b"PUB %b %d\r\n%b\r\n" % (subject, len(payload), payload),
        b"PUB %b _INBOX.x %d\r\n%b\r\n" % (subject, len(payload), payload),
        b"HPUB %b 12 %d\r\nNATS/1.0\r\n\r\n%b\r\n" % (subject, 12 + len(payload), payload),
    ))  # fmt: skip
