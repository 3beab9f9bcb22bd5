"""What a check of a configuration file says: it is valid, and its digest; or what is wrong, and where.

The digest came with nats-server 2.11. Before it only validity can be seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .expect import Mismatch

if TYPE_CHECKING:
    from .fixture import Nats

_DIGEST = re.compile(r"is valid \((sha256:[0-9a-f]{64})\)")


def digest(nats: Nats, text: str, **env: str) -> str:
    """The digest of a configuration that must be valid; empty if the release tells none."""
    ended = nats.check(text, **env)
    if ended.status:
        raise Mismatch("a configuration is refused", "it is valid", ended.err.strip())
    if "is valid" not in ended.err:
        raise Mismatch("the check doesn't say so", "configuration file … is valid", ended.err)
    found = _DIGEST.search(ended.err)
    return found[1] if found else ""


def same(nats: Nats, first: str, *others: str) -> None:
    """These texts say the same."""
    expected = digest(nats, first)
    for text in others:
        if (found := digest(nats, text)) != expected:
            raise Mismatch(f"{text!r} means something else", f"the same as {first!r}", found)


def other(nats: Nats, first: str, second: str) -> None:
    """These texts are both valid and say different things."""
    if (found := digest(nats, first)) and found == digest(nats, second):
        raise Mismatch(f"{second!r} means the same", f"something else than {first!r}", found)


def refused(
    nats: Nats, text: str, line: int | None = None, column: int | None = None, word: str = ""
) -> None:
    """This text is refused with a line (this one), its column if one is given, and this word."""
    ended = nats.check(text)
    if ended.status != 1:
        raise Mismatch(f"status {ended.status} for {text!r}", "it is refused with status 1")
    row = line or r"\d+"
    place = rf"server\.conf:{row}:{column}: " if column else rf"(?:server\.conf:|line ){row}\b"
    told = next((told for told in ended.err.splitlines() if re.search(place, told)), None)
    if told is None or word not in told:
        raise Mismatch(f"{text!r} is refused otherwise", f"{place} … {word}", ended.err.strip())
