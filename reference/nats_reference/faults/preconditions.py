"""Faults of the checks that a publish has to pass: one is left out, or comes in another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.faults import Patch

PRECONDITIONS = "nats_reference.jetstream.preconditions"


def without_check(patch: Patch, name: str) -> None:
    """Never ask for this."""
    path = f"{PRECONDITIONS}:CHECKS"
    patch.attribute(path, tuple(check for check in patch.original(path) if check[0] != name))


def moved_check(patch: Patch, name: str, *, after: str) -> None:
    """Ask for this later, or sooner."""
    path = f"{PRECONDITIONS}:CHECKS"
    checks = list(patch.original(path))
    moved = next(check for check in checks if check[0] == name)
    checks.remove(moved)
    place = [check[0] for check in checks].index(after)
    checks.insert(place + 1, moved)
    patch.attribute(path, tuple(checks))
