"""What a word of a configuration means to the key it stands under.

Whole numbers with a suffix, switches, durations, text, addresses
(CONF-SYN-003, CONF-SYN-005, CONF-SYN-013, CONF-SYN-014). A wrong one is an
error with its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nats_reference.config import numbers
from nats_reference.config.nodes import Array, Block, ConfigError, Entry, Kind, Value, Word

if TYPE_CHECKING:
    from collections.abc import Callable

#: A host with colons in it stands in brackets.
ADDRESS = re.compile(r"(?:\[([^][]*)\]|([^][:]*)):(-?\d{1,18})")
#: One more than the largest number there is.
INTEGERS = numbers.INTEGERS
DURATION = re.compile(r"([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|[µμ]s|ms|s|m|h))+|0")
PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|[µμ]s|ms|s|m|h)")
SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}

Reader = "Callable[[Entry], object]"


def wrong(entry: Entry, wanted: str) -> ConfigError:
    """The error that `entry` should have been something else."""
    return ConfigError(f"{entry.key} wants {wanted}", entry.at)


def plain(entry: Entry, wanted: str) -> Word:
    """The value as one word."""
    if not isinstance(entry.value, Word):
        raise wrong(entry, wanted)
    return entry.value


def is_number(word: Word) -> bool:
    """Whether a word is a number and no text."""
    return word.kind in {Kind.INTEGER, Kind.FLOAT}


def text(entry: Entry) -> str:
    """Text: a word in quotes, or a bare one that isn't a number, a switch or a date."""
    word = plain(entry, "text")
    if word.kind is not Kind.STRING:
        raise wrong(entry, f"text, not the {word.kind.value} {word.text}")
    return word.text


def server_name(entry: Entry) -> str:
    """A name without blanks."""
    name = text(entry)
    if " " in name:
        raise ConfigError("server name cannot contain spaces", entry.at)
    return name


def whole(entry: Entry) -> int:
    """A whole number: k is a thousand, kb, ki and kib are 1024, and so on."""
    word = plain(entry, "a whole number")
    if word.kind is not Kind.INTEGER:
        raise wrong(entry, "a whole number")
    try:
        return numbers.integer(word.text)
    except numbers.OutOfRange:
        raise ConfigError(f"{entry.key} is out of range", entry.at) from None


def places(entry: Entry) -> int:
    """How many there is room for; said to be none, it is none and not the default (LIM-003)."""
    return whole(entry) or -1


def up_to(limit: int, least: int = -INTEGERS) -> Callable[[Entry], int]:
    """A reader of whole numbers from `least` to `limit`."""

    def read(entry: Entry) -> int:
        value = whole(entry)
        if value < least:
            raise ConfigError(f"{entry.key} value can not be negative", entry.at)
        if value > limit:
            raise ConfigError(f"{entry.key} value is too big", entry.at)
        return value

    return read


def switch(entry: Entry) -> bool:
    """A switch: true, yes or on; false, no or off."""
    word = plain(entry, "true or false")
    if word.kind is not Kind.BOOLEAN:
        raise wrong(entry, "true or false")
    return numbers.boolean(word.text)


def duration(entry: Entry) -> float:
    """Seconds, written as in Go: `2m`, `1.5s`, `300ms`, `1h30m`."""
    wanted = "a duration, as in '30s'"
    word = plain(entry, wanted)
    found = DURATION.fullmatch(word.text)
    if found is None or word.kind is not Kind.STRING:
        raise wrong(entry, wanted)
    total = sum(float(number) * SECONDS[unit] for number, unit in PART.findall(word.text))
    if total * 1e9 >= INTEGERS:
        raise ConfigError(f"{entry.key} is out of range", entry.at)
    return -total if found[1] == "-" else total


def duration_or_seconds(entry: Entry) -> float:
    """A duration; a whole number is seconds, which is not how it should be written."""
    return float(whole(entry)) if is_bare_number(entry) else duration(entry)


def is_bare_number(entry: Entry) -> bool:
    """Whether the value is a whole number."""
    return isinstance(entry.value, Word) and entry.value.kind is Kind.INTEGER


def timeout(entry: Entry) -> float:
    """Seconds: a number of them, or a duration."""
    word = plain(entry, "seconds or a duration")
    if is_number(word):
        return float(word.text) if word.kind is Kind.FLOAT else float(whole(entry))
    return duration(entry)


def lame_duck_duration(entry: Entry) -> float:
    """At least half a minute (LDM-008)."""
    from nats_reference import options  # noqa: PLC0415 - the limit as it is now

    value = duration(entry)
    if value < options.SHORTEST_LAME_DUCK_DURATION:
        raise ConfigError(
            f"invalid lame_duck_duration of {value:g}s, minimum is 30 seconds",
            entry.at,
        )
    return value


def grace_period(entry: Entry) -> float:
    """Not negative."""
    value = duration(entry)
    if value < 0:
        raise ConfigError("invalid lame_duck_grace_period, needs to be positive", entry.at)
    return value


def one_of(*choices: str) -> Callable[[Entry], str]:
    """A reader of one of some words."""

    def read(entry: Entry) -> str:
        value = text(entry)
        if value not in choices:
            raise wrong(entry, " or ".join(choices))
        return value

    return read


def address(entry: Entry) -> tuple[str, int]:
    """`host:port`, or a port alone, whose host is nothing."""
    word = plain(entry, "host:port or a port")
    if is_number(word):
        return "", whole(entry)
    found = ADDRESS.fullmatch(word.text)
    if found is None:
        raise wrong(entry, "host:port or a port")
    return found[1] if found[1] is not None else found[2], int(found[3])


def tags(entry: Entry) -> tuple[str, ...]:
    """Words in lower case, each once; or one of them."""
    found = entry.value.items if isinstance(entry.value, Array) else (entry.value,)
    said = [item.text for item in found if isinstance(item, Word) and item.kind is Kind.STRING]
    if len(said) < len(found):
        raise wrong(entry, "words")
    return tuple(dict.fromkeys(word.strip().lower() for word in said))


def metadata(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Names and texts."""
    return tuple((name, text(each)) for name, each in block(entry).exact.items())


def block(entry: Entry) -> Block:
    """Keys and values in braces."""
    if not isinstance(entry.value, Block):
        raise wrong(entry, "a block in braces")
    return entry.value


def items(entry: Entry) -> tuple[Value, ...]:
    """Values in brackets."""
    if not isinstance(entry.value, Array):
        raise wrong(entry, "an array in brackets")
    return entry.value.items
