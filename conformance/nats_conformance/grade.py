"""From what the cases found to verdicts: baseline applied, order fixed, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .engine import applies
from .results import CaseResult, RequirementResult, TargetResult, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nats_spec.requirements import Requirement

    from .baseline import Baseline
    from .cases import Case
    from .probe import Probed
    from .selection import Selection


@dataclass(frozen=True, slots=True)
class Graded:
    """One target of a run: what it is and what is expected of it."""

    name: str
    probed: Probed
    baseline: Baseline


def grade(
    graded: Graded,
    found: Sequence[CaseResult],
    cases: Sequence[Case],
    requirements: Mapping[str, Requirement],
    selection: Selection,
) -> TargetResult:
    """The target's results; `cases` are those of the run, in their order."""
    by_id = {each.id: graded.baseline.judge(each) for each in found}
    ordered = [by_id[case.id] for case in cases if case.id in by_id]
    covered: dict[str, list[Verdict]] = {}
    outside: dict[str, list[Verdict]] = {}
    for result in ordered:
        for identifier in result.requirements:
            covered.setdefault(identifier, []).append(result.verdict)
            if result.outside is not None:
                outside.setdefault(identifier, []).append(result.outside.verdict)
    judged = [
        RequirementResult(
            each.id,
            each.level.value,
            each.profile,
            _verdict(each, covered[each.id], graded),
            worst(outside[each.id]) if each.id in outside else None,
        )
        for each in requirements.values()
        if each.id in covered and selection.requirement(each)
    ]
    return TargetResult(graded.name, graded.probed.address, graded.probed.info, judged, ordered)


def _verdict(requirement: Requirement, verdicts: list[Verdict], graded: Graded) -> Verdict:
    if not applies(requirement, graded.probed.release):
        return Verdict.NA
    if graded.baseline.stale(requirement.id, verdicts):
        return Verdict.XPASS
    return worst(verdicts)
