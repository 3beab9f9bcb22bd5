"""A run in Markdown, for the summary of a CI job: the table, then each failure with its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nats_conformance import catalogue, counted, durations
from nats_conformance.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.results import CaseResult, RequirementResult, Results, TargetResult

#: Failures shown whole; of the others only the names.
_IN_FULL: Final = 10
#: What each verdict is called in the table, in order.
_WORDS: Final = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "**fail**",
    Verdict.UNTESTABLE: "**untestable**",
    Verdict.ERROR: "**error**",
    Verdict.XPASS: "**passes unexpectedly**",
    Verdict.XFAIL: "known failure",
    Verdict.NA: "n/a",
}


def render(results: Results) -> str:
    """The document."""
    lines = ["# NATS conformance", ""]
    for target in results.targets:
        sign, says = ("✅", "conforms") if target.conforms else ("❌", "does not conform")
        lines.append(f"- {sign} **{_plain(target.name)}** {_version(target)} {says}")
    lines += ["", *_table(results), ""]
    for target in results.targets:
        lines += _failures(target)
    for error in results.errors:
        lines += [f"Suite error: {_plain(error)}", ""]
    lines += _times(results)
    cases = sum(len(target.cases) for target in results.targets)
    lines.append(
        f"{cases} {counted.of(cases, 'case')} in {results.seconds:.1f} s, seed {results.seed}"
    )
    return "\n".join(lines) + "\n"


def _table(results: Results) -> list[str]:
    heads = [f"{_plain(each.name)} {_version(each)}".strip() for each in results.targets]
    rows = [_row("chapter", heads), _row("---", ["---"] * len(heads))]
    verdicts = [{r.id: r for r in target.requirements} for target in results.targets]
    for chapter in catalogue.specification().chapters:
        ids = [requirement.id for requirement in chapter.requirements]
        cells = [_counts([found[i] for i in ids if i in found]) for found in verdicts]
        if any(cells):
            rows.append(_row(f"{chapter.number} {chapter.title}", cells))
    return [*rows, _row("**all**", [_counts(list(each.values())) for each in verdicts])]


def _counts(requirements: Sequence[RequirementResult]) -> str:
    found = [each.verdict for each in requirements]
    return ", ".join(
        f"{found.count(verdict)} {word}" for verdict, word in _WORDS.items() if verdict in found
    )


def _failures(target: TargetResult) -> list[str]:
    bad = [case for case in target.cases if not case.verdict.conforms]
    lines: list[str] = []
    for case in bad[:_IN_FULL]:
        lines += _failure(case, target.name)
    if bad[_IN_FULL:]:
        names = ", ".join(f"`{case.id}`" for case in bad[_IN_FULL:])
        lines += [f"And {len(bad) - _IN_FULL} more on {_plain(target.name)}: {names}", ""]
    return lines


def _failure(case: CaseResult, target: str) -> list[str]:
    known = catalogue.specification().requirements
    lines = [f"## {case.verdict.value} `{case.id}` on {_plain(target)}", ""]
    for identifier in case.requirements[:3]:
        if identifier in known:
            lines += [f"**{identifier}** {known[identifier].text}", ""]
    facts = (("", case.message), ("expected ", case.expected), ("got ", case.got))
    told = [f"{name}{value}" for name, value in facts if value]
    return [*lines, *_fenced([*case.transcript.shortest(), "", *told]), ""]


def _times(results: Results) -> list[str]:
    """Where the time went, folded up."""
    lines = ["<details><summary>Where the time went</summary>", ""]
    for target in results.targets:
        lines += [
            f"**{_plain(target.name)}**",
            "",
            "| chapter | cases | seconds |",
            "|---|--:|--:|",
        ]
        for each in durations.by_chapter(target, catalogue.specification()):
            lines.append(_row(_plain(each.chapter), [str(each.cases), f"{each.seconds:.1f}"]))
        lines += ["", "| slowest cases | seconds |", "|---|--:|"]
        lines += [
            _row(f"`{each.id}`", [f"{each.seconds:.1f}"]) for each in durations.slowest(target)
        ]
        lines.append("")
    return [*lines, "</details>", ""]


def _fenced(lines: Sequence[str]) -> list[str]:
    """A code block that nothing in it ends."""
    text = "\n".join(lines)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", text, fence]


def _row(head: str, cells: Sequence[str]) -> str:
    return f"| {head} | {' | '.join(cells)} |"


def _version(target: TargetResult) -> str:
    version = str(target.server.get("version", ""))
    return "" if version in target.name else version


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text)
