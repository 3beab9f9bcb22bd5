"""A configuration file as a tree of blocks, arrays and words, each with its place.

The grammar is config.lark. This module resolves variables and includes
(CONF-SYN-006, CONF-SYN-007), lets the last of equal keys win (CONF-SYN-009) and
says where a file goes wrong (CONF-SYN-010, CONF-SYN-011).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from nats_spec import lalr

if TYPE_CHECKING:
    from pathlib import Path

    from nats_spec.lalr import Token, Tree

#: What stands at the start of a password that is a hash and no variable (CONF-SYN-008).
BCRYPT = ("$2a$", "$2b$", "$2x$", "$2y$")
#: Blocks and files in one another go no deeper.
DEEPEST = 100
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|.?)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


class Place(NamedTuple):
    """Where something stands."""

    file: str
    line: int
    column: int


class ConfigError(ValueError):
    """Something is wrong with a configuration, and where."""

    def __init__(self, text: str, at: Place) -> None:
        super().__init__(f"{at.file}: {text} (line {at.line}, column {at.column})")


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is one word."""

    text: str
    quoted: bool
    at: Place


@dataclass(frozen=True, slots=True)
class Array:
    """Values in brackets."""

    items: tuple[Value, ...]
    at: Place


@dataclass(slots=True)
class Block:
    """Keys and values in braces; keys in lower case, the last of equal ones."""

    at: Place
    entries: dict[str, Entry] = field(default_factory=dict)
    #: Names that were used as variables: no error if they are no keys.
    used: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, as it is written, and its value."""

    key: str
    value: Value
    at: Place


Value = Word | Array | Block


def read(path: Path) -> Block:
    """The tree of the file at `path`.

    Raises:
        ConfigError: it does not follow the grammar, or a variable is not set.
        OSError: it can't be read.
    """
    top = Block(Place(str(path), 1, 1))
    fill(top, tree(path), path, [top])
    return top


def tree(path: Path) -> Tree:
    """The grammar's tree of the file at `path`."""
    text = path.read_bytes()
    try:
        return lalr.parser("config").parse(text)
    except lalr.Unexpected as error:
        if error.token is None:
            what = "unexpected character"
        else:
            what = "the file ends too early" if error.token.type == lalr.END else "unexpected text"
        raise ConfigError(what, Place(str(path), error.line, error.column)) from None


def fill(block: Block, node: Tree, path: Path, scopes: list[Block]) -> None:
    """Put the entries of `node` into `block`."""
    for child in node.children:
        key, value = child.children
        name = word(key, path)
        if name.text.lower() == "include" and not name.quoted:
            include(block, value, name, path, scopes)
            continue
        made = build(value, name, path, scopes)
        block.entries[name.text.lower()] = Entry(name.text, made, name.at)


def include(block: Block, node: Tree, name: Word, path: Path, scopes: list[Block]) -> None:
    """Read another file in place, relative to this one."""
    if node.data != "scalar":
        raise ConfigError("include wants the name of a file", name.at)
    target = word(node, path)
    if len(scopes) > DEEPEST:
        raise ConfigError(f"files that include {target.text} are nested too deep", target.at)
    other = path.parent / target.text
    try:
        found = tree(other)
    except OSError as error:
        raise ConfigError(f"can't include {target.text}: {error.strerror}", target.at) from None
    # Its variables are its own: it doesn't see those of the file around it.
    inner = Block(name.at)
    fill(inner, found, other, [inner] * (len(scopes) + 1))
    block.entries |= inner.entries
    block.used |= inner.used


def build(node: Tree, name: Word, path: Path, scopes: list[Block]) -> Value:
    """The value that `node` is; `name` is the key it belongs to."""
    if len(scopes) > DEEPEST:
        raise ConfigError(f"{name.text} is nested too deep", name.at)
    if node.data == "block":
        block = Block(name.at)
        fill(block, node, path, [*scopes, block])
        return block
    if node.data == "array":
        inner = [*scopes, scopes[-1]]
        items = tuple(build(child, name, path, inner) for child in node.children)
        return Array(items, name.at)
    return resolved(word(node, path), scopes)


def word(node: Tree, path: Path) -> Word:
    """The one word of `node`."""
    token: Token = node.children[0]  # scalar and key have one terminal
    at = Place(str(path), token.line, token.column)
    text = token.value.decode("utf-8", "replace")
    quoted = token.type == "QUOTED"
    if quoted and text.startswith("'"):
        return Word(text[1:-1], quoted, at)
    return Word(unescaped(text[1:-1] if quoted else text, at), quoted, at)


def unescaped(text: str, at: Place) -> str:
    """The text of a string in double quotes, or of a bare word, with its escapes read."""

    def read(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        if found[0][1:] not in ESCAPES:
            raise ConfigError(f"unknown escape {found[0]}", at)
        return ESCAPES[found[0][1:]]

    return ESCAPE.sub(read, text)


def resolved(found: Word, scopes: list[Block]) -> Value:
    """`found`, or what it stands for if it is a variable."""
    if found.quoted or not found.text.startswith("$") or found.text.startswith(BCRYPT):
        return found
    name = found.text[1:]
    for scope in reversed(scopes):
        if (entry := scope.entries.get(name.lower())) is not None and entry.key == name:
            scope.used.add(name.lower())
            return entry.value
    if name in os.environ:
        return Word(os.environ[name], False, found.at)
    raise ConfigError(f"variable reference for '{name}' can not be found", found.at)
