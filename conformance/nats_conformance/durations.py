"""Where the time of a run went: by chapter and by case, for each target.

Cases run beside each other, so their seconds add up to more than the run took.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nats_spec.requirements import Catalogue

    from .results import CaseResult, TargetResult

#: Cases that are named.
SLOWEST: Final = 10


@dataclass(frozen=True, slots=True)
class Duration:
    """A chapter of one target."""

    chapter: str
    cases: int
    seconds: float


def by_chapter(target: TargetResult, catalogue: Catalogue) -> list[Duration]:
    """The chapters, those that took longest first; a case counts for that of its first requirement."""
    chapter_of = {
        each.id: f"{chapter.number} {chapter.title.lower()}"
        for chapter in catalogue.chapters
        for each in chapter.requirements
    }
    found: dict[str, list[float]] = {}
    for case in target.cases:
        chapter = next(
            (chapter_of[id_] for id_ in case.requirements if id_ in chapter_of), "others"
        )
        found.setdefault(chapter, []).append(case.seconds)
    durations = [Duration(name, len(took), sum(took)) for name, took in found.items()]
    return sorted(durations, key=lambda each: -each.seconds)


def slowest(target: TargetResult) -> list[CaseResult]:
    """The cases that took longest."""
    return sorted(target.cases, key=lambda case: -case.seconds)[:SLOWEST]
