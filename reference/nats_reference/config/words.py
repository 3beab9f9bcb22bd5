"""What one word of a configuration file is: its text, its kind, and what it stands for.

The grammar tells kinds apart; here escapes are read (CONF-SYN-003), hashes kept
(CONF-SYN-008) and variables named for whoever knows the scopes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nats_reference.config.nodes import ConfigError, Kind, Place, Word

if TYPE_CHECKING:
    from pathlib import Path

    from nats_spec.lalr import Token, Tree

ESCAPE: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
ESCAPES: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b'"': b'"', b"\\": b"\\"}

#: What the grammar calls the words that are no plain strings.
KINDS: Final = {
    "INTEGER": Kind.INTEGER,
    "FLOAT": Kind.FLOAT,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "VARIABLE": Kind.VARIABLE,
}
#: What stands between quotes or brackets.
QUOTED: Final = frozenset({"QUOTED", "LITERAL", "TEXT"})
#: Where a backslash means something.
ESCAPED: Final = frozenset({"BARE", "ITEM", "DIGITS"})


def word(node: Tree, path: Path) -> Word:
    """The one word of `node`.

    Raises:
        ConfigError: it is no text.
    """
    token: Token = node.children[0]
    quoted = token.type in QUOTED
    # Its place is that of what the quotes hold.
    at = Place(str(path), token.line, token.column + quoted)
    try:
        text = said(token).decode()
    except UnicodeDecodeError:
        raise ConfigError("text that is not UTF-8", at) from None
    return Word(text, quoted, at, KINDS.get(token.type, Kind.STRING))


def said(token: Token) -> bytes:
    """What the word says, without quotes, brackets and escapes."""
    written = token.value
    if token.type == "VARIABLE":
        return written[1:]
    if token.type in QUOTED:
        inner = written[1:-1]
        return unescaped(inner) if token.type == "QUOTED" and written[:1] == b'"' else inner
    return unescaped(written) if token.type in ESCAPED else written


def unescaped(written: bytes) -> bytes:
    """The text of a word with its escapes read."""
    return ESCAPE.sub(
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else ESCAPES[found[0][1:]],
        written,
    )
