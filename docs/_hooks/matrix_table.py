"""The matrix itself: a row for each requirement, a column for each target, as one HTML table.

What there is evidence of is a link to it. The filters above the table are a script's
(`assets/matrix.js`); without it the whole table is there.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from matrix_data import WORDS, columns, spelled

from nats_conformance.matrix import releases
from nats_conformance.results import Verdict
from nats_spec import requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matrix_data import Column

    from nats_spec.requirements import Chapter, Requirement


def table() -> str:
    """The filters and the table."""
    return "".join([_filters(), *_table()])


def _filters() -> str:
    catalogue = requirements.load()
    levels = dict.fromkeys(each.level.value for each in catalogue.requirements.values())
    profiles = dict.fromkeys(each.profile for each in catalogue.requirements.values())
    chapters = "".join(_option(str(c.number), f"{c.number} {c.title}") for c in catalogue.chapters)
    verdicts = "".join(
        _option(verdict.value, f"some {word}")
        for verdict, (word, _) in WORDS.items()
        if any(verdict is r.verdict for c in columns() for r in c.requirements.values())
    )
    return (
        '<form class="matrix-filters" id="matrix-filters" hidden>'
        '<label>Search <input type="search" name="text" placeholder="id or words"></label>'
        f"<label>Chapter <select name=chapter>{_option('', 'all')}{chapters}</select></label>"
        f"<label>Level <select name=level>{_option('', 'all')}"
        f"{''.join(_option(level, level) for level in levels)}</select></label>"
        f"<label>Profile <select name=profile>{_option('', 'all')}"
        f"{''.join(_option(profile, profile) for profile in profiles)}</select></label>"
        f"<label>Verdict <select name=verdict>{_option('', 'all')}"
        f"{_option('differs', 'releases differ')}{verdicts}</select></label>"
        '<output aria-live="polite"></output></form>'
    )


def _option(value: str, text: str) -> str:
    return f'<option value="{html.escape(value)}">{html.escape(text)}</option>'


def _table() -> Iterator[str]:
    heads = "".join(
        f'<th scope="col"{_kind(each)}><a href="{each.stem}/">{html.escape(each.brief)}</a></th>'
        for each in columns()
    )
    yield (
        '<div class="matrix-scroll" tabindex="0" role="region" aria-label="Requirements by server">'
        '<table class="matrix" id="matrix"><thead><tr><th scope="col">requirement</th>'
        f'<th scope="col" class="wide">what it says</th>{heads}</tr></thead>'
    )
    for chapter in requirements.load().chapters:
        rows = [_row(each, chapter) for each in chapter.requirements if _known(each)]
        if rows:
            title = f"{chapter.number} {chapter.title}"
            yield (
                f'<tbody data-chapter="{chapter.number}"><tr class="chapter">'
                f'<th scope="rowgroup" colspan="{2 + len(columns())}">'
                f'<a href="../spec/{chapter.name}/">{html.escape(title)}</a></th></tr>'
            )
            yield from rows
            yield "</tbody>"
    yield "</table></div>"


def _kind(column: Column) -> str:
    return ' data-kind="release"' if releases.is_release(column.name) else ""


def _known(each: Requirement) -> bool:
    return any(each.id in column.requirements for column in columns())


def _row(each: Requirement, chapter: Chapter) -> str:
    cells = "".join(_cell(column, each.id) for column in columns())
    level = each.level.value
    return (
        f'<tr id="{each.id}" data-level="{level}" data-profile="{html.escape(each.profile)}">'
        f'<th scope="row"><a href="../spec/{chapter.name}/#{each.id}">{each.id}</a>'
        f'<span class="level {level.lower()}">{level}</span></th>'
        f'<td class="wide">{spelled(each.text)}</td>{cells}</tr>'
    )


def _cell(column: Column, identifier: str) -> str:
    found = column.requirements.get(identifier)
    if found is None:
        return "<td></td>"
    word, sign = WORDS[found.verdict]
    if identifier not in column.shown:
        return f'<td class="{found.verdict.value}">{sign}</td>'
    holds = found.outside is Verdict.PASS
    told = f"{word}, but done" if holds else word
    return (
        f'<td class="{found.verdict.value}"><a href="{column.stem}/#{identifier}" '
        f'aria-label="{html.escape(column.brief)}: {told}">{sign}</a></td>'
    )
