"""A change in words and as Markdown; the verb prints it, its `--markdown` and the site show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nats_conformance import baseline, catalogue

from . import releases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.results import CaseResult

    from .changes import Change, Pair


def headline(change: Change) -> str:
    """What becomes of the requirement, in a few words."""
    after = releases.brief(change.after)
    return f"holds from {after} on" if change.begins else f"no longer holds in {after}"


def sentences(change: Change) -> list[tuple[str, str]]:
    """Id and sentence of each requirement."""
    known = catalogue.specification().requirements
    return [(name, known[name].text) for name in change.requirements if name in known]


def found(case: CaseResult) -> str:
    """Why a case came out as it did; empty if it holds."""
    if case.outside is not None:
        told, got = case.outside.message, case.outside.got
    else:
        told, got = case.message.partition(baseline.EXPECTED)[0], case.got
    return f"{told}: {got}" if got and got not in told else told


def markdown(changes: Sequence[Change], first: str, last: str) -> str:
    """The changelog."""
    first, last = releases.brief(first), releases.brief(last)
    lines = [f"# What changed from nats-server {first} to {last}", ""]
    lines.append(
        "Found by running the same cases against each release. `-` is what the earlier release"
        " did, `+` what the later one does."
    )
    steps = dict.fromkeys((change.before, change.after) for change in changes)
    for before, after in steps:
        lines += ["", f"## {releases.brief(before)} → {releases.brief(after)}"]
        for change in changes:
            if (change.before, change.after) == (before, after):
                lines += ["", *_entry(change)]
    if not changes:
        lines += ["", "No case comes out otherwise."]
    return "\n".join(lines) + "\n"


def _entry(change: Change) -> list[str]:
    lines = [f"### {', '.join(change.requirements)} {headline(change)}", ""]
    lines += [text + "  " for _, text in sentences(change)]
    for pair in change.pairs:
        lines += ["", f"`{pair.before.id}`", "", *_diff(pair)]
    return lines


def _diff(pair: Pair) -> list[str]:
    """A block that nothing in it ends."""
    parted = pair.parted()
    told = [
        f"{sign} ({found(case)})"
        for sign, case in (("-", pair.before), ("+", pair.after))
        if found(case)
    ]
    text = "\n".join([*parted, *(" ".join(line.split()) for line in told)])
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}diff", text, fence]
