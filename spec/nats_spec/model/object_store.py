"""What an object store is to its users: named contents, replaced and deleted, until it is sealed.

A pure fold: each function takes a store and gives the next one, or a refusal. How it is written
to a stream is chapter 140's matter; OBJ-INV-008, OBJ-INV-009, OBJ-INV-012 .. OBJ-INV-015,
OBJ-INV-017 .. OBJ-INV-019 say what must come of it. Leaves out time, and limits of the bucket.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Refused(Enum):
    """Why nothing was done."""

    SEALED = "the bucket is sealed"
    MISSING = "there is no such object"
    TAKEN = "there is an object of that name"
    NAMELESS = "an object has a name"
    A_LINK = "it is a link"
    A_BUCKET = "it is a link to a bucket"
    ROUND = "links go round"


@dataclass(frozen=True, slots=True)
class Link:
    """A name for an object; for the whole bucket if `name` is empty."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """A bucket at one moment."""

    #: Every name that was ever used and not purged: content, link, or None if it is deleted.
    objects: Mapping[str, bytes | Link | None] = field(default_factory=dict)
    sealed: bool = False

    def has(self, name: str) -> bool:
        """Whether there is something of this name."""
        return self.objects.get(name) is not None

    @property
    def names(self) -> frozenset[str]:
        """What a listing shows (OBJ-INV-013)."""
        return frozenset(name for name in self.objects if self.has(name))


def put(store: Store, name: str, content: bytes) -> Store | Refused:
    """Write an object, whatever was there (OBJ-INV-008)."""
    if not name:
        return Refused.NAMELESS
    return _with(store, name, content)


def delete(store: Store, name: str) -> Store | Refused:
    """Delete an object, or a link (OBJ-INV-011, OBJ-INV-012)."""
    return _with(store, name, None) if store.has(name) else Refused.MISSING


def link(store: Store, name: str, target: str) -> Store | Refused:
    """Have `name` lead to an object, or with an empty target to the bucket (OBJ-INV-017)."""
    if target and not store.has(target):
        return Refused.MISSING
    if isinstance(store.objects.get(target), Link):
        return Refused.A_LINK
    if isinstance(store.objects.get(name), bytes):
        return Refused.TAKEN
    return _with(store, name, Link(target))


def rename(store: Store, name: str, new: str) -> Store | Refused:
    """Give an object another name (OBJ-INV-014, OBJ-INV-015)."""
    if not store.has(name):
        return Refused.MISSING
    if not new:
        return Refused.NAMELESS
    if new != name and store.has(new):
        return Refused.TAKEN
    if store.sealed:
        return Refused.SEALED
    others = {each: what for each, what in store.objects.items() if each != name}
    return replace(store, objects={**others, new: store.objects[name]})


def seal(store: Store) -> Store:
    """From now on it is only read (OBJ-INV-019)."""
    return replace(store, sealed=True)


def get(store: Store, name: str) -> bytes | Refused:
    """The content of an object, or of what a link leads to (OBJ-INV-017)."""
    seen: set[str] = set()
    found = store.objects.get(name)
    while isinstance(found, Link):
        if not found.name:
            return Refused.A_BUCKET
        if found.name in seen:
            return Refused.ROUND
        seen.add(found.name)
        found = store.objects.get(found.name)
    return Refused.MISSING if found is None else found


def astray(store: Store) -> frozenset[str]:
    """The links that lead to no object, since it was deleted or became a link (OBJ-INV-017)."""
    links = {name: what for name, what in store.objects.items() if isinstance(what, Link)}
    return frozenset(
        name
        for name, link in links.items()
        if link.name and not isinstance(store.objects.get(link.name), bytes)
    )


def _with(store: Store, name: str, what: bytes | Link | None) -> Store | Refused:
    if store.sealed:
        return Refused.SEALED
    return replace(store, objects={**store.objects, name: what})
