"""Why a text is no configuration: in words, for people (CONF-SYN-011).

Looks at what stands where the grammar gave up; a table of how that begins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nats_spec import lalr

if TYPE_CHECKING:
    from nats_spec.lalr import Unexpected

#: How the text goes on at the place, and what is wrong with that.
REASONS: Final = [
    (re.compile(pattern), reason)
    for pattern, reason in (
        (rb'"[^"]*\\[^tnr"\\x]', r"only \t, \n, \r, \", \\ and \xXX are escapes in a string"),
        (rb'"[^"]*\\x', r"\x in a string wants two hexadecimal digits"),
        (rb"[\"']", "a string without an end, or one that has no place here"),
        (rb"\(", "a block of text ends with a bracket that has a line of its own"),
        (rb"\d{4}-", "a date is written as 2026-01-31T12:00:00Z; quote what is none"),
        (rb"\d+-|-", "a number can't go on like that; quote what is none"),
        (rb"\d+\]", "a number needs a blank before ]"),
        (rb"\d+[kmgtpeKMGTPE]", "a size ends with k, kb, ki or kib, and so on with m, g, t, p, e"),
        (rb"[\d.]", "a number that is none; quote what is text"),
        (rb"\r?\n", "a value stands on the line of its key"),
        (rb"[,;]", "one sign ends an entry, and a value comes before it"),
        (rb"[}\]]", "nothing is open that this would close, or a value is missing"),
        (rb"[{\[]", "a block or an array has no place here"),
        (rb"[:=]", "a key comes before the sign"),
        (rb"\\", r"only \t, \n, \r, \", \\ and \xXX are escapes"),
    )
]
NEW_LINE: Final = "a line end or a comma comes before the next key"


def reason(content: bytes, error: Unexpected) -> str:
    """Why the grammar has nothing that goes on as `content` does at the place of `error`."""
    if error.token is not None and error.token.type == lalr.END:
        return "the file ends before a value, a block or an array does"
    lines = content.split(b"\n")
    rest = b"\n".join(lines[error.line - 1 :])[error.column - 1 :]
    found = next((text for pattern, text in REASONS if pattern.match(rest)), NEW_LINE)
    if found is NEW_LINE:
        shown = rest.split(maxsplit=1)[0].decode("utf-8", "replace")
        return f"unexpected '{shown}': {found}"
    return found
