"""/: a page of links to the others (MON-GEN-010)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.server import Server

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{name}</title></head>
<body>
<h1>{name}</h1>
<ul>
{links}
</ul>
</body>
</html>
"""


def root(server: Server, paths: Iterable[str]) -> str:
    """The page."""
    base = escape(server.options.http_base_path)
    links = "\n".join(f'<li><a href="{base}{path}">{path}</a></li>' for path in paths)
    return PAGE.format(name=escape(server.name), links=links)
