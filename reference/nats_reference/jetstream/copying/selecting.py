"""What a mirror or source takes of its origin: filters, subjects, the first sequence.

JS-MIRROR-002, JS-MIRROR-005, JS-MIRROR-006, JS-MIRROR-010. Pure; a filter is a transform that
changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nats_reference.jetstream import times, transform
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nats_reference.jetstream.store.index import Index

#: Stands between several filters, and several destinations, of one source.
BETWEEN: Final = b"\f"


@dataclass(frozen=True, slots=True)
class Selection:
    """One mirror or source of a configuration, ready for use."""

    name: str
    #: Subjects that are taken, and what makes the new subject of each; None leaves it.
    maps: tuple[tuple[bytes, Callable[[bytes], bytes | None] | None], ...]
    #: The same as a source field spells it.
    filters: bytes
    destinations: bytes
    start_seq: int
    #: Nanoseconds since 1970; 0 for none.
    start_time: int

    @property
    def key(self) -> str:
        """What tells it from the other sources of its stream."""
        return f"{self.name} {self.filters.decode()} {self.destinations.decode()}"

    @property
    def patterns(self) -> tuple[bytes, ...]:
        """The filters; none if everything is taken."""
        found = tuple(pattern for pattern, _ in self.maps)
        return () if found == (subjects.REST,) else found

    def renamed(self, subject: bytes) -> bytes:
        """The subject that a message gets: the first filter that matches says it."""
        for pattern, change in self.maps:
            if subjects.matches(pattern, subject):
                return (change(subject) if change else None) or subject
        return subject

    def first(self, index: Index) -> int:
        """Where to begin, if nothing was taken yet."""
        if self.start_seq:
            return self.start_seq
        if self.start_time:
            return index.at_time(self.start_time) or index.last_seq + 1
        return 1


def selection(described: Mapping[str, Any], draw: Callable[[int], int]) -> Selection:
    """A mirror or source as it is configured."""
    pairs = [
        (str(each.get("src") or ""), str(each.get("dest") or ""))
        for each in described.get("subject_transforms") or ()
    ] or [(str(described.get("filter_subject") or ""), "")]
    rest = subjects.REST.decode()
    return Selection(
        described["name"],
        tuple(
            (
                source.encode() or subjects.REST,
                transform.compiled(source or rest, destination, draw),
            )
            for source, destination in pairs
        ),
        BETWEEN.join(source.encode() or subjects.REST for source, _ in pairs),
        BETWEEN.join(destination.encode() or subjects.REST for _, destination in pairs),
        described.get("opt_start_seq", 0),
        times.nanoseconds(described["opt_start_time"]) if described.get("opt_start_time") else 0,
    )
