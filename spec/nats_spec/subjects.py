"""Which subjects there are, and which subscription matches which of them.

Validity is what subjects.lark says; matching, subset and collision are the
relations that routing, permissions and mappings stand on. Implements SUBJ-001
.. SUBJ-006, SUBJ-011, SUBJ-012, SUB-006, PED-001.

Leaves out speed: the reference keeps a tree, and is checked against this.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from nats_spec.recogniser import recogniser

ONE: Final = b"*"
REST: Final = b">"


def valid_subscription(subject: bytes) -> bool:
    """Whether SUB takes `subject`: no empty token, `>` only at the end (SUB-006)."""
    return recogniser("subjects", "pattern").pattern.fullmatch(subject) is not None


def valid_literal(subject: bytes) -> bool:
    """Whether pedantic PUB takes `subject`: no empty token, no wildcard token (PED-001)."""
    return recogniser("subjects", "literal").pattern.fullmatch(subject) is not None


def tokens(subject: bytes) -> list[bytes]:
    """The tokens of `subject`; empty ones too, if it has any."""
    return subject.split(b".")


def matches(pattern: bytes, subject: bytes) -> bool:
    """Whether a subscription to `pattern` receives what is published to `subject`.

    `subject` is taken literally: a `*` in it is a token like any other (PUB-006).
    An empty token in it matches nothing (PUB-007).
    """
    asked, given = tokens(pattern), tokens(subject)
    if b"" in given:
        return False
    for index, token in enumerate(asked):
        if index >= len(given):
            return False
        if token == REST and index == len(asked) - 1:
            return True
        if token not in (ONE, given[index]):
            return False
    return len(asked) == len(given)


def is_subset(inner: bytes, outer: bytes) -> bool:
    """Whether every subject that `inner` matches is matched by `outer` too (SUBJ-011)."""
    inside, outside = tokens(inner), tokens(outer)
    for index, token in enumerate(outside):
        if index >= len(inside):
            return False
        if token == REST:
            return True
        if inside[index] == REST:
            return False
        if token == ONE or token == inside[index]:
            continue
        return False
    return len(inside) == len(outside)


def collide(one: bytes, other: bytes) -> bool:
    """Whether some subject is matched by both patterns (SUBJ-012)."""
    for left, right in zip_longest(tokens(one), tokens(other)):
        if left is None or right is None:
            return False
        if REST in (left, right):
            return True
        if ONE not in (left, right) and left != right:
            return False
    return True
