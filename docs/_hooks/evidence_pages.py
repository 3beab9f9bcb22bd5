"""Pages of evidence: disagreements, findings in released servers, the kill matrix."""

from __future__ import annotations

import html
import json
import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import places
from links import linked

from nats_conformance import catalogue, traceability
from nats_spec import requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What `nats-conformance selftest --json docs/data/kills.json` wrote.
KILLS = Path(__file__).parents[1] / "data" / "kills.json"
#: Of each line of releases the one to try.
_NEWEST = {
    "2.15.*": "2.15.1",
    "2.14.*": "2.14.6",
    "2.12.*": "2.12.8",
    "2.11.*": "2.11.11",
    "2.10.*": "2.10.26",
    "2.*": "2.15.1",
}


def pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown of each."""
    yield "evidence/disagreements.md", "Disagreements", _disagreements()
    yield "evidence/findings.md", "Findings in released servers", _findings()
    yield "evidence/kills.md", "Kill matrix", _kills()


def _disagreements() -> str:
    catalogue_ = requirements.load()
    disputed = [each for each in catalogue_.requirements.values() if each.disputed]
    parts = [
        "# Disagreements",
        (
            "NATS has documents, design records, clients and a server, and they don't always say the same. "
            f"Here are the {len(disputed)} sentences of this specification that somebody contradicts, and who. "
            "What released servers do decides; the requirement says on which releases that was measured."
        ),
    ]
    chapter = ""
    for each in disputed:
        if each.chapter != chapter:
            chapter = each.chapter
            title = next(c.title for c in catalogue_.chapters if c.name == chapter)
            parts.append(f"## {title}")
        parts.append(f"**{each.id}** {each.text}\n\n:   {each.disputed}")
    return linked("\n\n".join(parts), folder="../spec/") + "\n"


def findings() -> list[dict[str, Any]]:
    """Every entry of the shipped baselines."""
    folder = files("nats_conformance") / "baselines"
    found: list[dict[str, Any]] = []
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            found += tomllib.loads(file.read_text(encoding="utf-8"))["expected"]
    return found


def _findings() -> str:
    known = requirements.load().requirements
    cases = {case.id: case for case in catalogue.load()}
    entries = findings()
    parts = [
        "# Findings in released servers",
        (
            f"Where released nats-servers do otherwise than NATS is meant to: {len(entries)} findings, each with what "
            "was seen, the releases it was seen on, and a command that shows it again. They are the "
            "[baseline](../guides/baseline-a-failure.md) with which nats-server is graded."
        ),
    ]
    for number, entry in enumerate(entries, 1):
        ids = (
            [entry["requirement"]] if "requirement" in entry else cases[entry["case"]].requirements
        )
        selected = entry.get("requirement") or entry["case"]
        release = next(_NEWEST.get(glob, glob) for glob in reversed(entry["releases"]))
        seen = ", ".join(f"`{each}`" for each in entry["releases"])
        sometimes = " It is a race, and not seen every time." if entry.get("sometimes") else ""
        proof = places.case(entry["case"]) if "case" in entry else ""
        rows = [
            f"## {number}. {ids[0]}",
            "\n\n".join(f"> {each}: {known[each].text}" for each in ids),
            f"{html.escape(_sentence(entry['evidence']), quote=False)}{sometimes}",
            f"Seen on {seen}, {entry['date']}.{f' Case {proof}.' if proof else ''}"
            + (f" Reported: <{entry['upstream']}>." if "upstream" in entry else ""),
            f"```sh\nnats-conformance nats-server@{release} --select '{selected}' --baseline /dev/null\n```",
        ]
        parts += rows
    return linked("\n\n".join(parts), folder="../spec/") + "\n"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _kills() -> str:
    rows = json.loads(KILLS.read_text(encoding="utf-8"))["faults"]
    chapters = {each.id: each.chapter for each in requirements.load().requirements.values()}
    fates = Counter(row["fate"].lower() for row in rows)
    seconds = sum(row["seconds"] for row in rows)
    missing = {each.id for each in traceability.faults()} - {row["id"] for row in rows}
    summary = ", ".join(f"{number:,} {fate}" for fate, number in fates.most_common())
    parts = [
        "---\nhide: [toc]\n---",
        "# Kill matrix",
        (
            "A suite that passes everything proves nothing. So the reference is broken on purpose, fault by fault, "
            "each against one requirement, and a case that covers it must fail; the same case must pass on the sound "
            f"reference. {len(rows):,} faults: **{summary}**, in {seconds / 60:.0f} minutes of server time."
            + (f" {len(missing)} newer ones are not in this table yet." if missing else "")
        ),
        "```sh\nnats-conformance selftest --json kills.json\n```",
        _table(rows, chapters),
    ]
    return "\n\n".join(parts) + "\n"


def _table(rows: list[dict[str, Any]], chapters: dict[str, str]) -> str:
    """As HTML: Markdown takes its time over a thousand rows."""
    body = "".join(_row(row, chapters) for row in rows if row["id"].partition("/")[0] in chapters)
    heads = "".join(
        f"<th>{head}</th>" for head in ("fault", "what it does wrong", "noticed by", "s")
    )
    return (
        '<form class="matrix-filters" data-table="kills" hidden>'
        '<label>Search <input type="search" name="text" placeholder="id or words"></label>'
        '<output aria-live="polite"></output></form>'
        '<div class="md-typeset__scrollwrap" tabindex="0"><div class="md-typeset__table">'
        f'<table class="evidence" id="kills"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></div>'
    )


def _row(row: dict[str, Any], chapters: dict[str, str]) -> str:
    identifier = row["id"].partition("/")[0]
    where = f"../../spec/{chapters[identifier]}/#{identifier}"
    by = html.escape(row["by"])
    place = places.case_place(row["by"])
    case = f'<a href="source:{place}">{by}</a>' if place else f"<code>{by}</code>"
    fault = f'<a href="{where}">{row["id"]}</a>'
    killed = "" if row["fate"] == "KILLED" else f" <strong>{row['fate'].lower()}</strong>"
    return (
        f"<tr><td>{fault}{killed}</td><td>{html.escape(row['text'])}</td>"
        f"<td>{case}</td><td>{row['seconds']:.1f}</td></tr>"
    )
