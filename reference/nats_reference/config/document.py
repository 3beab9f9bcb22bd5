"""A configuration file as a tree of blocks, arrays and words, each with its place.

The grammar is config.lark. This module resolves variables and includes
(CONF-SYN-006, CONF-SYN-007), lets the last of equal keys win (CONF-SYN-009) and
says where a file goes wrong (CONF-SYN-010, CONF-SYN-011).
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nats_reference.config import words
from nats_reference.config.nodes import (
    Array,
    Block,
    ConfigError,
    ConfigErrors,
    Entry,
    Kind,
    Place,
    Value,
    Word,
)
from nats_spec import lalr

if TYPE_CHECKING:
    from nats_spec.lalr import Tree

__all__ = [
    "Array", "Block", "ConfigError", "ConfigErrors", "Entry", "Kind", "Place", "Value",
    "Word", "read",
]  # fmt: skip

#: Blocks and files in one another go no deeper.
DEEPEST = 100
#: Under which key the value of an environment variable is read.
OUTSIDE = b"value="


def read(path: Path) -> Block:
    """The tree of the file at `path`.

    Raises:
        ConfigError: it does not follow the grammar, or a variable is not set.
        OSError: it can't be read.
    """
    top = Block(Place(str(path), 1, 1))
    fill(top, tree(path.read_bytes(), path), path, [top])
    return top


def tree(content: bytes, path: Path) -> Tree:
    """The grammar's tree of `content`, the text of the file at `path`."""
    try:
        return lalr.parser("config").parse(content)
    except lalr.Unexpected as error:
        from nats_reference.config.reasons import reason  # noqa: PLC0415 - seldom needed

        at = Place(str(path), error.line, error.column)
        raise ConfigError(reason(content, error), at) from None


def fill(block: Block, node: Tree, path: Path, scopes: list[Block]) -> None:
    """Put the entries of `node` into `block`."""
    for child in node.children:
        name = words.word(child.children[0], path)
        if child.data == "include":
            include(block, name, path, scopes)
        else:
            value = build(child.children[1], name, path, scopes)
            block.put(Entry(name.text, value, name.at))


def include(block: Block, name: Word, path: Path, scopes: list[Block]) -> None:
    """Read another file in place, relative to this one."""
    if len(scopes) > DEEPEST:
        raise ConfigError(f"files that include {name.text} are nested too deep", name.at)
    other = beside(path, name.text)
    try:
        content = other.read_bytes()
    except OSError as error:
        raise ConfigError(f"can't include {name.text}: {error.strerror}", name.at) from None
    # Its variables are its own: it doesn't see those of the file around it.
    inner = Block(name.at)
    fill(inner, tree(content, other), other, [inner] * (len(scopes) + 1))
    for entry in inner.exact.values():
        block.put(entry)
    block.used |= inner.used


def beside(path: Path, name: str) -> Path:
    """The file that the one at `path` calls `name` (CONF-SYN-007)."""
    return path.parent / name


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
    found = words.word(node, path)
    return resolved(found, scopes) if found.kind is Kind.VARIABLE else found


def resolved(variable: Word, scopes: list[Block]) -> Value:
    """What a variable stands for: a key around it, else something of the environment."""
    name = variable.text
    for scope in reversed(scopes):
        if (entry := scope.exact.get(name)) is not None:
            scope.used.add(name.lower())
            return entry.value
    if name not in os.environ:
        raise ConfigError(f"variable reference for '{name}' can not be found", variable.at)
    if not (value := os.environb[os.fsencode(name)]):
        return replace(variable, text="", kind=Kind.STRING)
    return outside(variable, value, len(scopes))


def outside(variable: Word, value: bytes, depth: int) -> Value:
    """The value of an environment variable, which is read as if it stood in a file."""
    block = Block(variable.at)
    try:
        node = lalr.parser("config").parse(OUTSIDE + value)
        fill(block, node, Path(variable.at.file), [block] * (depth + 1))
        entry = block.exact[OUTSIDE[:-1].decode()]
    except (lalr.Unexpected, ConfigError, KeyError):
        text = f"variable reference for '{variable.text}' could not be parsed"
        raise ConfigError(text, variable.at) from None
    if isinstance(entry.value, Word):
        return replace(entry.value, at=variable.at)
    return entry.value
