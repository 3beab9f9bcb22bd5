"""A configuration file as a tree of blocks, arrays and words, each with its place.

The grammar is config.lark. This module resolves variables and includes
(CONF-SYN-006, CONF-SYN-007), lets the last of equal keys win (CONF-SYN-009) and
says where a file goes wrong (CONF-SYN-010, CONF-SYN-011).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput
from lark.lexer import Token

from nats_spec import grammars

if TYPE_CHECKING:
    from pathlib import Path

    from lark import Tree

#: What stands at the start of a password that is a hash and no variable (CONF-SYN-008).
BCRYPT = ("$2a$", "$2b$", "$2x$", "$2y$")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


class ConfigError(ValueError):
    """Something is wrong with a configuration, and where."""

    def __init__(self, text: str, line: int, column: int) -> None:
        super().__init__(f"{text} (line {line}, column {column})")


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is one word."""

    text: str
    quoted: bool
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Array:
    """Values in brackets."""

    items: tuple[Value, ...]
    line: int
    column: int


@dataclass(slots=True)
class Block:
    """Keys and values in braces; keys in lower case, the last of equal ones."""

    line: int
    column: int
    entries: dict[str, Entry] = field(default_factory=dict)
    #: Names that were used as variables: no error if they are no keys.
    used: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, as it is written, and its value."""

    key: str
    value: Value
    line: int
    column: int


Value = Word | Array | Block


def read(path: Path) -> Block:
    """The tree of the file at `path`.

    Raises:
        ConfigError: it does not follow the grammar, or a variable is not set.
        OSError: it can't be read.
    """
    top = Block(1, 1)
    fill(top, tree(path.read_bytes()), path, [top])
    return top


def tree(text: bytes) -> Tree[Token]:
    """The grammar's tree of `text`."""
    try:
        return grammars.parser("config").parse(text)
    except UnexpectedEOF as error:
        raise ConfigError("the file ends too early", error.line, error.column) from None
    except UnexpectedCharacters as error:
        raise ConfigError("unexpected character", error.line, error.column) from None
    except UnexpectedInput as error:
        raise ConfigError("unexpected text", error.line, error.column) from None


def fill(block: Block, node: Tree[Token], path: Path, scopes: list[Block]) -> None:
    """Put the entries of `node` into `block`."""
    for child in node.children:
        key, value = child.children  # type: ignore[union-attr]
        name = word(key)  # type: ignore[arg-type]
        if name.text == "include" and not name.quoted:
            include(block, word(value), path, scopes)  # type: ignore[arg-type]
            continue
        made = build(value, name, path, scopes)  # type: ignore[arg-type]
        block.entries[name.text.lower()] = Entry(name.text, made, name.line, name.column)


def include(block: Block, name: Word, path: Path, scopes: list[Block]) -> None:
    """Read another file in place, relative to this one."""
    other = path.parent / name.text
    try:
        text = other.read_bytes()
    except OSError as error:
        raise ConfigError(f"can't include {name.text}: {error}", name.line, name.column) from None
    fill(block, tree(text), other, scopes)


def build(node: Tree[Token], name: Word, path: Path, scopes: list[Block]) -> Value:
    """The value that `node` is; `name` is the key it belongs to."""
    if node.data == "block":
        block = Block(name.line, name.column)
        fill(block, node, path, [*scopes, block])
        return block
    if node.data == "array":
        items = tuple(build(child, name, path, scopes) for child in node.children)  # type: ignore[arg-type]
        return Array(items, name.line, name.column)
    return resolved(word(node), scopes)


def word(node: Tree[Token]) -> Word:
    """The one word of `node`."""
    token = node.children[0]
    if not isinstance(token, Token):
        raise ConfigError("expected one word", 0, 0)
    raw: bytes = token.value
    text = raw.decode("utf-8", "replace")
    quoted = token.type == "QUOTED"
    if quoted:
        text = text[1:-1] if text.startswith("'") else unescaped(text[1:-1])
    return Word(text, quoted, token.line or 0, token.column or 0)


def unescaped(text: str) -> str:
    """The text of a string in double quotes."""
    parts = text.split("\\")
    found = [parts[0]]
    rest = iter(parts[1:])
    for part in rest:
        if part:
            found.append(ESCAPES.get(part[0], "\\" + part[0]) + part[1:])
        else:
            found.append("\\" + next(rest, ""))
    return "".join(found)


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
        return Word(os.environ[name], False, found.line, found.column)
    raise ConfigError(f"variable reference for '{name}' can not be found", found.line, found.column)
