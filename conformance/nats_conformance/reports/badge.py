"""The badge of a run: JSON as shields.io's endpoint badge wants it.

The worst target decides. Known failures of a baseline are told, and no alarm.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nats_conformance.results import Verdict

if TYPE_CHECKING:
    from nats_conformance.results import Results, TargetResult


def render(results: Results) -> str:
    """The document."""
    worst = min(results.targets, key=_share, default=None)
    message, colour = ("nothing graded", "lightgrey") if worst is None else _message(worst)
    badge = {
        "schemaVersion": 1,
        "label": "NATS conformance",
        "message": message,
        "color": colour,
    }
    return json.dumps(badge, indent=1) + "\n"


def _message(target: TargetResult) -> tuple[str, str]:
    kept, graded = _kept(target)
    known = target.summary[Verdict.XFAIL.value]
    told = f"{kept} of {graded}" + (f", {known} known" if known else "")
    if not target.conforms:
        return told, "red"
    return told, "green" if known else "brightgreen"


def _share(target: TargetResult) -> tuple[bool, float]:
    kept, graded = _kept(target)
    return target.conforms, kept / graded if graded else 0.0


def _kept(target: TargetResult) -> tuple[int, int]:
    """Requirements kept, of those that hold for the target."""
    graded = sum(each.verdict is not Verdict.NA for each in target.requirements)
    return target.summary[Verdict.PASS.value], graded
