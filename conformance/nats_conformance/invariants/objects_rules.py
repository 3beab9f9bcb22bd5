"""What an invariant of an object store is: a named pure function, and what it proves.

It takes what was observed of a bucket and gives what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from .objects_log import Bucket

    Invariant: TypeAlias = "Callable[[Bucket], Iterator[Breach]]"


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is wrong."""

    text: str
    #: Where; None is the bucket as a whole.
    seq: int | None = None
    #: The object, by its name, or chunks, by their nuid.
    of: str | None = None
    #: It may be explained by what is going on, or does no harm.
    remark: bool = False


@dataclass(frozen=True, slots=True)
class Violation:
    """A breach of a named invariant."""

    #: The invariant's name.
    invariant: str
    requirement: str
    text: str
    seq: int | None
    object: str | None
    remark: bool

    @property
    def place(self) -> str:
        """Where, in words."""
        where = "the bucket" if self.object is None else f"object {self.object!r}"
        if self.seq is None:
            return where
        return f"message {self.seq}" if self.object is None else f"{where}, message {self.seq}"

    def __str__(self) -> str:
        """What a person reads in a failure."""
        where = "".join(
            [
                f" of {self.object!r}" if self.object is not None else "",
                f" at {self.seq}" if self.seq is not None else "",
            ]
        )
        return f"{self.requirement} {self.invariant}{where}: {self.text}"


#: Every invariant, by its name: the requirement that it proves, and the function.
INVARIANTS: Final[dict[str, tuple[str, Invariant]]] = {}


def proves(requirement: str) -> Callable[[Invariant], Invariant]:
    """Register an invariant under the function's name."""

    def register(function: Invariant) -> Invariant:
        INVARIANTS[function.__name__] = requirement, function
        return function

    return register
