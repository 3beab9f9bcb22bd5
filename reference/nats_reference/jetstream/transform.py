"""Subjects made from subjects: `orders.*.*` to `{{wildcard(2)}}.{{partition(3,1)}}`.

JS-MIRROR-017, JS-CFG-040 .. JS-CFG-044. A transform is compiled once, into one
function for each token of the destination. Texts of refusals were measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    #: Makes one part of the new subject from the tokens of the old one.
    Maker = Callable[[list[bytes]], bytes]
    #: A number below the one given.
    Draw = Callable[[int], int]

NOT_ENOUGH: Final = "not enough arguments passed to the function"
TOO_MANY: Final = "too many arguments passed to the function"
WRONG: Final = "function argument is invalid or in the wrong format"
OUT_OF_RANGE: Final = "wildcard index out of range"
UNKNOWN: Final = "unknown function"


class InvalidTransform(ValueError):
    """It can't be compiled; says why, and whether the source is to blame."""

    def __init__(self, reason: str, *, source: bool = False) -> None:
        super().__init__(reason)
        self.source = source


# ---- What functions do with a token ----------------------------------------------


def split(token: bytes, at: bytes) -> bytes:
    """A token for each part between `at`; one that begins with `at` twice begins with an empty one."""
    parts = token.split(at)
    made = parts[0]
    for place, part in enumerate(parts[1:]):
        made += b"." + part if part and (place or parts[0]) else part
    return made


def cut(token: bytes, place: int) -> bytes:
    """Two tokens, if both have something in them."""
    return token[:place] + b"." + token[place:] if 0 < place < len(token) else token


def slices(token: bytes, size: int, first: int) -> bytes:
    """A token for each `size` bytes, after the `first`."""
    if not 0 < size < len(token):
        return token
    parts = [token[at : at + size] for at in range(first, len(token), size)]
    return b".".join([token[:first], *parts] if first else parts)


def hashed(data: bytes, count: int) -> bytes:
    """One of `count` numbers: FNV-1a of 32 bits."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return b"%d" % (value % count if count else 0)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one wildcard's token."""

    #: Its name, as a pattern: some letters may be large.
    name: str
    make: Callable[..., bytes]
    #: What follows the wildcard's number: a number, a text, or nothing.
    argument: type[int | bytes] | None = int


FUNCTIONS: Final = (
    Function("[wW]ildcard", lambda token: token, None),
    Function("[sS]plit[fF]rom[lL]eft", cut),
    Function("[sS]plit[fF]rom[rR]ight", lambda token, size: cut(token, len(token) - size)),
    Function("[sS]lice[fF]rom[lL]eft", lambda token, size: slices(token, size, 0)),
    Function(
        "[sS]lice[fF]rom[rR]ight",
        lambda token, size: slices(token, size, len(token) % size if size > 0 else 0),
    ),
    Function("[rR]ight", lambda token, size: token[-size:] if 0 < size < len(token) else token),
    Function("[lL]eft", lambda token, size: token[:size] if 0 < size < len(token) else token),
    Function("[sS]plit", split, bytes),
)

PARTITION: Final = "[pP]artition"
RANDOM: Final = "[rR]andom"


# ---- Compiling ---------------------------------------------------------------------


def compiled(source: str, destination: str, draw: Draw) -> Callable[[bytes], bytes | None] | None:
    """What makes a subject from one that `source` matches, None from others; None without destination.

    Raises:
        InvalidTransform: source or destination is no good, or they don't go together.
    """
    if not destination:
        return None
    pattern = source.encode() or subjects.REST
    check_subjects(pattern, destination.encode())
    asked = subjects.tokens(pattern)
    wild = [place for place, token in enumerate(asked) if token == subjects.ONE]
    makers = [maker(token, wild, draw) for token in destination.split(".")]
    if asked[-1] == subjects.REST:
        fixed = len(asked) - 1
        makers[-1] = lambda tokens: b".".join(tokens[fixed:])

    def transform(subject: bytes) -> bytes | None:
        if not subjects.matches(pattern, subject):
            return None
        tokens = subjects.tokens(subject)
        return b".".join([make(tokens) for make in makers])

    return transform


def check_subjects(source: bytes, destination: bytes) -> None:
    """See whether both are subjects, and have the same tail.

    Raises:
        InvalidTransform: they are or have not.
    """
    if not subjects.valid_subscription(source):
        raise InvalidTransform(f"invalid subject {source.decode()}", source=True)
    if not subjects.valid_subscription(re.sub(rb"\{\{.*?\}\}", b"x", destination)):
        raise InvalidTransform("invalid mapping destination: invalid transform")
    asked, made = subjects.tokens(source), subjects.tokens(destination)
    if subjects.ONE in made or (asked[-1] == subjects.REST) != (made[-1] == subjects.REST):
        raise InvalidTransform("invalid subject")


def maker(token: str, wild: Sequence[int], draw: Draw) -> Maker:
    """What makes one token of the destination; `wild` are the places of the source's wildcards."""
    if re.fullmatch(r"\$-?\d+", token):
        return of_wildcard(token, FUNCTIONS[0], token[1:], wild)
    if not re.fullmatch(r"\{\{.+\}\}", token):
        literal = token.encode()
        return lambda _tokens: literal
    if arguments := called(PARTITION, token):
        return partition(token, arguments, wild)
    if arguments := called(RANDOM, token):
        if len(arguments) > 1:
            raise refusal(NOT_ENOUGH, token)
        bound = integer(arguments[0], token)
        return lambda _tokens: b"%d" % (draw(bound) if bound > 0 else 0)
    for function in FUNCTIONS:
        if arguments := called(function.name, token):
            return of_wildcard(token, function, ",".join(arguments), wild)
    raise refusal(UNKNOWN, token)


def called(name: str, token: str) -> list[str]:
    """The arguments, if `token` calls the function `name`."""
    found = re.search(rf"\{{\{{\s*{name}\s*\((.*)\)\s*\}}\}}", token)
    return found[1].split(",") if found else []


def of_wildcard(token: str, function: Function, text: str, wild: Sequence[int]) -> Maker:
    """A call of a function of one wildcard's token."""
    arguments = text.split(",")
    expected = 1 if function.argument is None else 2
    if not text or len(arguments) < expected:
        raise refusal(NOT_ENOUGH, token)
    if len(arguments) > expected:
        raise refusal(TOO_MANY, token)
    place = wildcard(arguments[0], token, wild)
    make = function.make
    if function.argument is None:
        return lambda tokens: make(tokens[place])
    if function.argument is int:
        size = integer(arguments[1], token)
        return lambda tokens: make(tokens[place], size)
    at = arguments[1].encode()
    if b" " in at.strip(b" ") or b"." in at:
        raise refusal(WRONG, token)
    return lambda tokens: make(tokens[place], at)


def partition(token: str, arguments: Sequence[str], wild: Sequence[int]) -> Maker:
    """A number from the tokens of some wildcards, or from the whole subject."""
    count = integer(arguments[0], token) & 0xFFFFFFFF
    if not wild or len(arguments) == 1:
        return lambda tokens: hashed(b".".join(tokens), count)
    places = [wildcard(number, token, wild) for number in arguments[1:]]
    return lambda tokens: hashed(b"".join(tokens[place] for place in places), count)


def wildcard(number: str, token: str, wild: Sequence[int]) -> int:
    """The place in the source of a wildcard, counted from 1; for 0 and less it is the first token."""
    which = integer(number, token)
    if not wild or which > len(wild):
        raise refusal(OUT_OF_RANGE, token, f": [{which}]" if wild else "")
    return wild[which - 1] if which > 0 else 0


def integer(text: str, token: str) -> int:
    """A number of 32 bits."""
    if not re.fullmatch(r"\s*[+-]?\d+\s*", text, re.ASCII) or abs(int(text)) >= 1 << 31:
        raise refusal(WRONG, token)
    return int(text)


def refusal(reason: str, token: str, detail: str = "") -> InvalidTransform:
    """Why a token of the destination is no good."""
    return InvalidTransform(f"invalid mapping destination: {reason} in {token}{detail}")
