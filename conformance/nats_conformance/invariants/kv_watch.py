"""What must hold of a watch: initial entries, one signal, then all that comes later.

KV-INV-021 .. KV-INV-024, as one pure function over what was told and what the stream held. What
was told is a list of revisions, with `SIGNAL` where a client said that the initial entries
are over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nats_spec.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nats_spec.kv import Kind

#: Stands for the end of the initial entries.
SIGNAL: Final = None


@dataclass(frozen=True, slots=True)
class Written:
    """A message of the bucket."""

    revision: int
    key: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """What a watch is of."""

    filters: tuple[str, ...] = (">",)
    history: bool = False
    updates_only: bool = False
    ignore_deletes: bool = False

    def wants(self, each: Written) -> bool:
        """Whether it is one to be told of."""
        if self.ignore_deletes and each.kind.ends:
            return False
        return any(matches(one.encode(), each.key.encode()) for one in self.filters)


def initial(asked: Asked, there: Sequence[Written]) -> list[int]:
    """The revisions that are told first, if these messages are there."""
    if asked.updates_only:
        return []
    if not asked.history:
        newest = {each.key: each.revision for each in there}
        there = [each for each in there if newest[each.key] == each.revision]
    return [each.revision for each in there if asked.wants(each)]


def violations(
    asked: Asked,
    told: Sequence[int | None],
    there: Sequence[Written],
    later: Sequence[Written],
) -> Iterator[tuple[str, str]]:
    """What is wrong: requirement and sentence.

    When the watch began the bucket held what is `there`; `later` was written until it ended.
    """
    signals = [place for place, each in enumerate(told) if each is SIGNAL]
    if len(signals) != 1:
        yield "KV-INV-023", f"the end of the initial entries was told {len(signals)} times"
        return
    first, rest = told[: signals[0]], told[signals[0] + 1 :]
    expected = initial(asked, there)
    if list(first) != expected:
        requirement = "KV-INV-024" if asked != Asked() else "KV-INV-023"
        yield requirement, f"first came {list(first)}, not {expected}"
    updates = [each.revision for each in later if asked.wants(each)]
    if list(rest) != updates:
        yield "KV-INV-023", f"later came {list(rest)}, not {updates}"
