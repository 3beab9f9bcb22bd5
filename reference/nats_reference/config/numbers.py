"""Numbers and switches as a configuration writes them (CONF-SYN-003, CONF-SYN-005)."""

from __future__ import annotations

import re
from typing import Final

INTEGER: Final = re.compile(r"(-?\d+)(?:([kmgtpe])(b|i|ib)?)?", re.IGNORECASE)
#: One more than the largest number there is.
INTEGERS: Final = 1 << 63
#: What a k is, and what a kb, ki or kib is.
DECIMAL: Final = 1000
BINARY: Final = 1024
POWERS: Final = {letter: power for power, letter in enumerate("kmgtpe", 1)}
SWITCHES: Final = {
    "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False,
}  # fmt: skip


class OutOfRange(ValueError):
    """A number that 64 bits can't hold."""


def integer(text: str) -> int:
    """A whole number: k is a thousand, kb, ki and kib are 1024, and so on.

    Raises:
        OutOfRange: it is too large.
    """
    found = INTEGER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    digits, letter, binary = found.groups()
    unit = BINARY if binary else DECIMAL
    number = int(digits) * (unit ** POWERS[letter.lower()] if letter else 1)
    if not -INTEGERS <= number < INTEGERS:
        raise OutOfRange(text)
    return number


def boolean(text: str) -> bool:
    """A switch."""
    return SWITCHES[text.lower()]
