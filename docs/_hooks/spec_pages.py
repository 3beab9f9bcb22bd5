"""A page for each chapter: its own text, with every requirement in a box of its own.

The box shows the id (which is its permanent anchor), the level, since when, the sentence, the
prose and examples, and below them where it comes from and what checks it. An id in any prose
becomes a link. `<!-- table: NAME -->` becomes the table that the data of that name gives.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import matrix_pages
import places
import tables
from links import linked

from nats_conformance import traceability
from nats_spec import requirements
from nats_spec.requirements import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_conformance.traceability import Traced
    from nats_spec.requirements import Catalogue, Chapter, Example, Requirement

_BOX = re.compile(r"<!-- requirement: (?P<id>[A-Z0-9-]+) -->")
_TABLE = re.compile(r"<!-- table: (?P<name>[a-z-]+) -->")
_EXCLUDED = re.compile(r"^\| *(?P<id>[A-Z][A-Z0-9-]*-\d{3}) *\|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Where:
    """The page that something is rendered for."""

    chapter: str = ""
    #: The way from the page to the chapters' folder.
    folder: str = ""

    @property
    def up(self) -> str:
        """The way from the page's address to the site's root."""
        return "" if self.folder == "spec/" else "../../"

    def linked(self, text: str) -> str:
        """Markdown with its ids made links."""
        return linked(text, self.chapter, self.folder)


def with_boxes(markdown: str, folder: str) -> str:
    """A written page with `<!-- requirement: ID -->` replaced by that requirement's box."""
    catalogue = requirements.load()
    return _BOX.sub(
        lambda marker: box(catalogue.requirements[marker["id"]], Where(folder=folder)), markdown
    )


def pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown of each chapter's page, and of the index of requirements."""
    catalogue = requirements.load()
    yield "spec/index.md", "All requirements", _index(catalogue)
    for chapter in catalogue.chapters:
        yield (
            f"spec/{chapter.name}.md",
            f"{chapter.number} {chapter.title}",
            _page(chapter),
        )


def _page(chapter: Chapter) -> str:
    lines = chapter.text.splitlines()
    page = Where(chapter.name)
    parts: list[str] = []
    done = 0
    for requirement in chapter.requirements:
        first, end = requirement.lines
        parts.append(_prose("\n".join(lines[done : first - 1]), page))
        parts.append(box(requirement, page))
        done = end - 1
    parts.append(_prose("\n".join(lines[done:]), page))
    return "\n\n".join(parts) + "\n"


def box(requirement: Requirement, page: Where) -> str:
    """A requirement as it stands on a page."""
    level = requirement.level.value
    badges = [f'<span class="level">{level}</span>']
    if requirement.since != "2.0":
        badges.append(f'<span class="badge">since {html.escape(requirement.since)}</span>')
    if requirement.until:
        badges.append(f'<span class="badge">until {html.escape(requirement.until)}</span>')
    if requirement.profile != "core":
        badges.append(f'<span class="badge">{html.escape(requirement.profile)}</span>')
    if requirement.disputed:
        badges.append('<span class="badge disputed">disputed</span>')
    heading = (
        f"### {requirement.id} {' '.join(badges)} "
        f'{{ #{requirement.id} data-toc-label="{requirement.id}" }}'
    )
    parts = [
        f'<section class="requirement {level.lower()}" markdown>',
        heading,
        f"{page.linked(requirement.text)}\n{{: .sentence }}",
        _prose(requirement.prose, page),
        *(_example(example) for example in requirement.examples),
        _origin(requirement, page),
        matrix_pages.who_passes(requirement.id, page.up),
        "</section>",
    ]
    return "\n\n".join(part for part in parts if part)


def _example(example: Example) -> str:
    usual = example.config in {"default", "jetstream"}
    option = "" if usual else f' config="{example.config}"'
    return f"```{example.language}{option}\n{example.text}\n```"


def _origin(requirement: Requirement, page: Where) -> str:
    trace = _traced()[requirement.id]
    rows = [("provenance", page.linked(requirement.provenance))]
    if requirement.disputed:
        rows.append(("disputed", page.linked(requirement.disputed)))
    for name, values, place in (
        ("cases", trace.cases, places.case),
        ("faults", trace.faults, places.fault),
        ("code", trace.code, places.code),
    ):
        if values:
            rows.append((name, ", ".join(place(value) for value in values)))
    terms = "\n\n".join(f"{name}\n:   {value}" for name, value in rows)
    return (
        '<details class="origin" markdown>\n<summary>where it comes from, what checks it</summary>'
        f"\n\n{terms}\n\n</details>"
    )


@cache
def _traced() -> dict[str, Traced]:
    traced = traceability.trace(traceability.faults())
    return {each.requirement.id: each for each in traced}


def _prose(text: str, page: Where) -> str:
    text = _EXCLUDED.sub(lambda row: f'| <span id="{row["id"]}">{row["id"]}</span> |', text)
    text = _TABLE.sub(lambda marker: tables.table(marker["name"]), text)
    return page.linked(text)


def _index(catalogue: Catalogue) -> str:
    """Every requirement in one table, for those who look for an id or a word."""
    counts = Counter(each.level.value for each in catalogue.requirements.values())
    summary = ", ".join(f"{counts[level.value]} {level.value}" for level in Level)
    parts = [
        "# All requirements",
        f"{len(catalogue.requirements)} requirements: {summary}.",
        (
            f"{len(catalogue.excluded)} facts are left out, each with its reason, in the last section "
            "of their chapter."
        ),
    ]
    for chapter in catalogue.chapters:
        parts.append(f"## [{chapter.number} {chapter.title}]({chapter.name}.md)")
        rows = ["| id | level | requirement |", "|---|---|---|"]
        rows += [
            f"| [{each.id}]({chapter.name}.md#{each.id}) | {each.level.value} "
            f"| {_cell(each.text)} |"
            for each in chapter.requirements
        ]
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
