"""What a configuration file is made of, each piece with its place; and its errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Place(NamedTuple):
    """Where something stands."""

    file: str
    line: int
    column: int


class ConfigError(ValueError):
    """Something is wrong with a configuration, and where."""

    def __init__(self, text: str, at: Place) -> None:
        super().__init__(f"{at.file}:{at.line}:{at.column}: {text}")
        self.at = at


class ConfigErrors(ValueError):
    """All that is wrong with a configuration, in the order of the file."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        super().__init__("\n".join(map(str, sorted(errors, key=lambda error: error.at))))


class Kind(Enum):
    """What a word is before anybody asks what its key wants."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is one word."""

    text: str
    quoted: bool
    at: Place
    kind: Kind = Kind.STRING


@dataclass(frozen=True, slots=True)
class Array:
    """Values in brackets."""

    items: tuple[Value, ...]
    at: Place


@dataclass(slots=True)
class Block:
    """Keys and values in braces, the last of equal ones."""

    at: Place
    #: By the key in lower case, as most keys are meant.
    entries: dict[str, Entry] = field(default_factory=dict)
    #: By the key as it is written, for names.
    exact: dict[str, Entry] = field(default_factory=dict)
    #: Names (in lower case) that were used as variables: no error if they are no keys.
    used: set[str] = field(default_factory=set)

    def put(self, entry: Entry) -> None:
        """Take an entry in, and its predecessor out."""
        self.entries[entry.key.lower()] = entry
        self.exact[entry.key] = entry


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, as it is written, and its value."""

    key: str
    value: Value
    at: Place


Value = Word | Array | Block
