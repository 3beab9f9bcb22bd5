"""The pages of the matrix: all servers side by side, what changed between releases, each server.

Most of a page is HTML that Markdown needn't read: it stands in the page as a comment
`<!-- matrix: WHAT -->` until the page is HTML (`filled`).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING

import matrix_changes
import matrix_evidence
import matrix_table
import matrix_viewer
from matrix_data import BAD, WORDS, columns, spans, spelled

from nats_conformance.matrix import releases
from nats_conformance.reports.html import part
from nats_conformance.results import Verdict
from nats_spec import requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matrix_data import Column

    from nats_conformance.results import RequirementResult

_SLOT = re.compile(r"<!-- matrix: (?P<what>\S+)(?: (?P<group>\S+))? -->")
_QUIET = "---\nhide: [toc]\nsearch:\n  exclude: true\n---\n\n"

#: What a server's page shows of requirements, in order.
_GROUPS = {
    "failures": "Failures",
    "known": "Known failures",
    "undone": "Not required of it, and not done",
    "done": "Not required of it, yet done",
    "unclaimed": "Not claimed",
    "passing": "Passes, where a neighbouring release does not",
}


def assets() -> Iterator[tuple[str, str]]:
    """Files that are made for the pages, and the page that is none of MkDocs'."""
    for name in ("diagram.js", "diagram.css"):
        yield f"assets/{name}", part(name)
    yield "matrix/viewer/index.html", matrix_viewer.page()


def pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown of each page."""
    yield "matrix/index.md", "All servers", _index()
    yield "matrix/changes.md", "What changed", _changes()
    for column in columns():
        yield f"matrix/{column.stem}.md", column.title, _server(column)


def filled(content: str) -> str:
    """The HTML of a page with what its slots ask for."""
    return _SLOT.sub(lambda slot: _slot(slot["what"], slot["group"] or ""), content)


def who_passes(identifier: str, up: str) -> str:
    """Which targets do what a requirement says, with a link to its row."""
    told = [
        (name, spans(chosen, identifier))
        for name, chosen in (
            ("passes", lambda r: r.verdict is Verdict.PASS),
            ("known failure", lambda r: r.verdict is Verdict.XFAIL),
            ("fails", lambda r: r.verdict in BAD),
            ("not required", lambda r: r.verdict is Verdict.NA),
        )
    ]
    parts = "; ".join(f"{name}: {who}" for name, who in told if who)
    if not parts:
        return ""
    return f'<p class="tested">{parts} <a href="{up}matrix/#{identifier}">in the matrix</a></p>'


def _index() -> str:
    names = ", ".join(each.brief for each in columns() if releases.is_release(each.name))
    present = {r.verdict for each in columns() for r in each.requirements.values()}
    legend = ", ".join(f"{sign} {word}" for v, (word, sign) in WORDS.items() if v in present)
    return (
        f"{_QUIET}# Servers and requirements\n\n"
        f"Every requirement, run against nats-server {names} and the reference server. "
        "A cell that is a link has a conversation behind it; a row's id leads to the requirement. "
        "What a release need not do was tried all the same, and is shown.\n\n"
        f"{legend}. [What changed between releases](changes.md) shows both sides of each change. "
        "The files behind this page are made by `nats-conformance matrix`; "
        '<a href="viewer/">a results.json of your own</a> can be shown, too.\n\n'
        "<!-- matrix: table -->\n\n"
        '<script src="../assets/matrix.js" defer></script>\n'
    )


def _changes() -> str:
    parts = [
        f"{_QUIET}# What changed between releases",
        (
            "The same cases, run against one release after the other; here is each that came out "
            "otherwise, with both conversations. To compare two releases on your own machine: "
            "[Compare two releases](../guides/compare-releases.md)."
        ),
    ]
    rows = ["| from | to | changes |", "|---|---|---|"]
    for before, after, count in matrix_changes.steps():
        old, new = releases.brief(before), releases.brief(after)
        shown = f"[{count}](#{_step(after)})" if count else "none"
        rows.append(f"| {old} | {new} | {shown} |")
    parts.append("\n".join(rows))
    for before, after, count in matrix_changes.steps():
        if count:
            old, new = releases.brief(before), releases.brief(after)
            parts.append(f"## {old} → {new} {{ #{_step(after)} }}")
            parts.append(f"<!-- matrix: changes {after} -->")
    return "\n\n".join(parts) + "\n"


def _step(after: str) -> str:
    return f"to-{releases.brief(after)}"


def _server(column: Column) -> str:
    results = column.kept.results
    server = column.kept.target.server
    counts = column.kept.target.summary
    summary = ", ".join(f"{counts[v.value]} {WORDS[v][0]}" for v in WORDS if counts[v.value])
    again = f"nats-conformance run {column.name} --seed {results.seed}"
    parts = [
        f"{_QUIET}# {column.title}",
        f"{len(column.requirements)} requirements: {summary}.",
        (
            f"It announces version {server.get('version', '?')}, built with {server.get('go', '?')}. "
            f"Run on {results.started[:10]} by nats-spec {results.suite_version}, budget "
            f"{results.budget}, in {results.seconds:.0f} s. Again: `{again}`. "
            "[All servers](index.md)"
        ),
        "## By chapter",
        _by_chapter(column),
    ]
    for group, title in _GROUPS.items():
        if any(_group(column, each) == group for each in column.requirements.values()):
            parts += [f"## {title}", f"<!-- matrix: {column.stem} {group} -->"]
    parts.append(
        '<script src="../../assets/diagram.js" defer></script>'
        '<script src="../../assets/matrix.js" defer></script>'
    )
    return "\n\n".join(parts) + "\n"


def _by_chapter(column: Column) -> str:
    present = [v for v in WORDS if column.kept.target.summary[v.value]]
    heads = ["chapter", *(WORDS[v][0] for v in present)]
    rows = [f"| {' | '.join(heads)} |", f"|---{'|--:' * len(present)}|"]
    for chapter in requirements.load().chapters:
        counts = Counter(
            column.requirements[each.id].verdict
            for each in chapter.requirements
            if each.id in column.requirements
        )
        if counts:
            cells = [str(counts[v] or "") for v in present]
            title = f"[{chapter.number} {chapter.title}](../spec/{chapter.name}.md)"
            rows.append(f"| {' | '.join([title, *cells])} |")
    return "\n".join(rows)


def _group(column: Column, found: RequirementResult) -> str:
    if found.verdict in BAD:
        return "failures"
    if found.verdict is Verdict.XFAIL:
        return "known"
    if found.verdict is Verdict.PASS:
        return "passing" if found.id in column.shown else ""
    if found.outside is Verdict.PASS:
        return "done"
    return "undone" if found.outside is not None else "unclaimed"


def _slot(what: str, group: str) -> str:
    if what == "table":
        return matrix_table.table()
    if what == "changes":
        return matrix_changes.step(group)
    column = next(each for each in columns() if each.stem == what)
    return "".join(
        _entry(column, found)
        for found in column.requirements.values()
        if _group(column, found) == group
    )


def _entry(column: Column, found: RequirementResult) -> str:
    requirement = requirements.load().requirements[found.id]
    word = WORDS[found.verdict][0]
    seed = column.kept.results.seed
    cases: list[str] = []
    for case in column.shown.get(found.id, []):
        first = next(name for name in case.requirements if name in column.requirements)
        if first == found.id:
            cases.append(matrix_evidence.case(case, seed, column.name, column.version))
        else:
            there = matrix_evidence.anchor(case.id)
            cases.append(f'<p><a href="#{there}">{html.escape(case.id)}</a></p>')
    return (
        f'<section class="entry" id="{found.id}"><h3>'
        f'<a href="../../spec/{requirement.chapter}/#{found.id}">{found.id}</a> '
        f'<span class="mark {found.verdict.value}">{word}</span></h3>'
        f"<p>{spelled(requirement.text)}</p>{''.join(cases)}</section>"
    )
