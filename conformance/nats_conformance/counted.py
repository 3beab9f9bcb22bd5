"""How many there are of something, in words: for whoever reads a result."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`number` with its noun, whose plural ends with `s`: "1 message", "1,000 messages"."""
    return f"{number:,} {of(number, noun)}"


def of(number: int, noun: str) -> str:
    """The noun alone, as it stands behind `number`."""
    return noun if number == 1 else f"{noun}s"
