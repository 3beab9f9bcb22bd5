"""Which cases a run holds: by id glob, requirement, level, profile.

A glob matches a case's id or one of its requirements' ids, whatever the letter
case, so `--select 'FRAME-*'` and `--select 'example:*'` both do what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nats_spec.requirements import Requirement

    from .cases import Case

#: From the most binding on; `--level SHOULD` means MUST and SHOULD.
LEVELS: Final = ("MUST", "SHOULD", "MAY", "OBSERVED")


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for."""

    select: tuple[str, ...] = ()
    deselect: tuple[str, ...] = ()
    level: str | None = None
    profiles: tuple[str, ...] = ()
    #: Whether cases that generate their inputs are among them.
    properties: bool = True

    def cases(self, cases: Iterable[Case], requirements: Mapping[str, Requirement]) -> list[Case]:
        """The selected cases, in their order."""
        return [case for case in cases if self._holds(case, requirements)]

    def requirement(self, requirement: Requirement) -> bool:
        """Whether level and profile let this requirement in."""
        return (
            self.level is None or LEVELS.index(requirement.level.value) <= LEVELS.index(self.level)
        ) and (not self.profiles or requirement.profile in self.profiles)

    def named(self, names: Iterable[str]) -> bool:
        """Whether the globs let something of these names in."""
        folded = [name.casefold() for name in names]
        wanted = not self.select or _any(self.select, folded)
        return wanted and not _any(self.deselect, folded)

    def _holds(self, case: Case, requirements: Mapping[str, Requirement]) -> bool:
        if case.generated and not self.properties:
            return False
        if not self.named((case.id, *case.requirements)):
            return False
        known = [requirements[each] for each in case.requirements if each in requirements]
        return not known or any(map(self.requirement, known))


def _any(globs: Iterable[str], names: list[str]) -> bool:
    return any(fnmatchcase(name, glob.casefold()) for glob in globs for name in names)
