"""Ids in prose become links to where they stand."""

from __future__ import annotations

import re

from nats_spec import requirements

_ID = re.compile(r"(?<![\w/#>\[-])(?<!id=.)[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d{3}(?![\w-])")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def linked(text: str, chapter: str = "", folder: str = "") -> str:
    """Markdown with its ids made links, code left alone.

    Args:
        text: the Markdown.
        chapter: the chapter on whose page it stands, if any.
        folder: the way from that page to the chapters' folder.
    """
    catalogue = requirements.load()

    def link(match: re.Match[str]) -> str:
        found = catalogue.requirements.get(match.group()) or catalogue.excluded.get(match.group())
        if found is None:
            return match.group()
        page = "" if found.chapter == chapter else f"{folder}{found.chapter}.md"
        return f"[{found.id}]({page}#{found.id})"

    pieces = _CODE.split(text)
    return "".join(
        piece if index % 2 else _ID.sub(link, piece) for index, piece in enumerate(pieces)
    )
