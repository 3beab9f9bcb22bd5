"""The parameters of a request, read as Go reads them (MON-GEN-006, MON-CONNZ-004)."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from nats_reference import flags

#: A `%` that no two hexadecimal digits follow: Go drops the parameter.
BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
INTEGER = re.compile(r"[+-]?[0-9]+")
NATURAL = re.compile(r"[0-9]+")
#: One more than the largest number that has room, with a sign and without.
SIGNED = 1 << 63
UNSIGNED = 1 << 64

#: What Go's functions say of text, and of a number that has no room.
SYNTAX = 'strconv.{}: parsing "{}": invalid syntax'
RANGE = 'strconv.{}: parsing "{}": value out of range'


class Refused(ValueError):
    """The request can't be answered; the text says why."""


class Query:
    """The parameters of one request; the first of several of one name counts."""

    def __init__(self, text: str) -> None:
        self._values: dict[str, str] = {}
        for part in text.split("&"):
            if part and ";" not in part and not BROKEN.search(part):
                name, _, value = part.partition("=")
                self._values.setdefault(unquote_plus(name), unquote_plus(value))

    def text(self, name: str) -> str:
        """A text; nothing if it isn't given."""
        return self._values.get(name, "")

    def flag(self, name: str) -> bool:
        """A boolean; false if it isn't given."""
        given = self.text(name)
        if given and given not in flags.TRUE | flags.FALSE:
            raise refused("boolean", name, SYNTAX, "ParseBool", given)
        return given in flags.TRUE

    def whole(self, name: str) -> int:
        """A number with or without a sign; 0 if it isn't given."""
        given = self.text(name) or "0"
        if not INTEGER.fullmatch(given):
            raise refused("int", name, SYNTAX, "Atoi", given)
        number = int(given)
        if not -SIGNED <= number < SIGNED:
            raise refused("int", name, RANGE, "Atoi", given)
        return number

    def natural(self, name: str) -> int:
        """A number without a sign; 0 if it isn't given."""
        given = self.text(name) or "0"
        if not NATURAL.fullmatch(given):
            raise refused("uint64", name, SYNTAX, "ParseUint", given)
        number = int(given)
        if number >= UNSIGNED:
            raise refused("uint64", name, RANGE, "ParseUint", given)
        return number

    def subscriptions(self) -> tuple[bool, bool]:
        """Whether subscriptions are to be listed, and whether in detail."""
        detail = self.text("subs").lower() == "detail"
        return not detail and self.flag("subs"), detail

    def page(self) -> tuple[int, int]:
        """Offset and limit of a list (MON-CONNZ-009)."""
        offset, limit = self.whole("offset"), self.whole("limit")
        return max(offset, 0), limit if limit > 0 else LIMIT


#: How many entries a list has if nobody says otherwise.
LIMIT = 1024


def refused(kind: str, name: str, why: str, function: str, given: str) -> Refused:
    """The error that a parameter can't be read."""
    quoted = given.replace("\\", "\\\\").replace('"', '\\"')
    return Refused(f"Error decoding {kind} for '{name}': {why.format(function, quoted)}")
