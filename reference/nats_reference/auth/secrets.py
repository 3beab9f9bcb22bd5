"""Whether a password or token is the one that the configuration has (AUTH-USER-001 .. AUTH-USER-003, AUTH-USER-005).

In clear, or as a bcrypt hash. A hash takes a tenth of a second by design, and
nobody else is to wait for it: `to_compute` says what there is to do, for a
thread, and `learn` keeps the outcome, so that a client that comes back, or a
reload, costs nothing. What is kept is no password but a digest of it, under a
key of this process.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a bcrypt hash looks like; anything else is the secret itself.
HASH = re.compile(r"\$2[abxy]\$\d{2}\$.*", re.DOTALL)
#: bcrypt looks at no more bytes than these (AUTH-USER-005).
LONGEST = 72
#: Outcomes kept at most.
MAX_KNOWN = 4096

_key = os.urandom(32)
_known: dict[bytes, bool] = {}


def agree(given: str, expected: str) -> bool:
    """Whether `given` is the secret; in time that doesn't tell."""
    if not is_hash(expected):
        return same(given, expected)
    known = _known.get(digest(given, expected))
    return learn(given, expected, matches(given, expected)) if known is None else known


def same(given: str, expected: str) -> bool:
    """Whether two texts are equal, in time that doesn't tell."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def is_hash(expected: str) -> bool:
    """Whether what the configuration has is a hash."""
    return HASH.fullmatch(expected) is not None


def to_compute(given: str, expected: str) -> Callable[[], bool] | None:
    """What has to be computed before `agree` can answer at once, if anything."""
    if not is_hash(expected) or digest(given, expected) in _known:
        return None
    return partial(matches, given, expected)


def learn(given: str, expected: str, outcome: bool) -> bool:
    """Remember what was computed; it comes back."""
    while len(_known) >= MAX_KNOWN:
        del _known[next(iter(_known))]
    _known[digest(given, expected)] = outcome
    return outcome


def matches(given: str, expected: str) -> bool:
    """Compute the hash: slow."""
    import bcrypt  # noqa: PLC0415 - most servers have no hashes

    try:
        return bcrypt.checkpw(given.encode("utf-8", "replace")[:LONGEST], expected.encode())
    except ValueError:
        # It begins as a hash does and is none: nobody can know the password.
        return False


def digest(given: str, expected: str) -> bytes:
    """What stands for the two of them."""
    text = b"\0".join((expected.encode(), given.encode("utf-8", "replace")))
    return hashlib.blake2b(text, key=_key).digest()
