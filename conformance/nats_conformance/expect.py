"""The outcomes of a case that aren't a pass, and how an expectation is compared.

A `Mismatch` is a verdict about the server; anything else that goes wrong in a
case is an error of the suite.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from . import visible

#: Exact bytes (text is UTF-8), or a pattern over bytes.
Expected: TypeAlias = "bytes | str | re.Pattern[bytes]"

#: A character class of a pattern: line ends in it are not lines.
_CLASS = re.compile(rb"(?<!\\)\[\^?\]?[^\]]*\]")


class Mismatch(AssertionError):
    """The server did something else."""

    def __init__(self, message: str, expected: str = "", got: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.got = got


class NoProgress(Mismatch):
    """Nothing came for as long as the case was ready to wait."""


class NotApplicable(Exception):
    """The target doesn't claim what the case is about."""


class Untestable(Exception):
    """The case can't be decided on this target; that counts as a failure."""


class Unreachable(Exception):
    """The target can't be connected to, or isn't a NATS server."""


def as_bytes(value: bytes | str) -> bytes:
    """`value`, text as UTF-8."""
    return value.encode() if isinstance(value, str) else value


def describe(expected: Expected) -> str:
    """What was expected, as people read it."""
    if isinstance(expected, re.Pattern):
        return f"bytes like {visible.line(expected.pattern)}"
    return visible.line(as_bytes(expected))


def agrees(buffer: bytes, expected: bytes) -> bool | None:
    """Whether `buffer` begins with `expected`; None while it's too short to tell."""
    if len(buffer) >= len(expected):
        return buffer.startswith(expected)
    return None if expected.startswith(buffer) else False


def lines_in(pattern: re.Pattern[bytes]) -> int:
    """How many line ends a pattern speaks of."""
    text = _CLASS.sub(b"", pattern.pattern)
    return text.count(b"\\n") + text.count(b"\n")


def through_line(buffer: bytes, count: int) -> int:
    """The length of the first `count` lines of `buffer`; -1 when there are fewer."""
    end = 0
    for _ in range(count):
        end = buffer.find(b"\n", end) + 1
        if end == 0:
            return -1
    return end
