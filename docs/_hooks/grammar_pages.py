"""A page for each grammar: its source, definition by definition, beside its diagrams."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import diagrams
from links import linked

from nats_spec import grammars

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLES = {
    "client": "Client operations",
    "refusals": "Refused lines",
    "server": "Server operations",
    "headers": "Header block",
    "subjects": "Subjects",
    "config": "Configuration file",
    "acks": "Acknowledgements",
    "jetstream": "JetStream subjects",
}

_DEFINITION = re.compile(r"[?!]?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\.\d+)?:")
_SECTION = re.compile(r"// -+ \d+\. (?P<title>.*?) -+")
_TOKENS = re.compile(
    r"(?P<comment>//.*)"
    r'|(?P<string>"(?:[^"\\]|\\.)*"i?)'
    r"|(?P<regexp>/(?:[^/\\\n]|\\.)+/[imslux]*)"
    r"|(?P<alias>->\s*\w+)"
    r"|(?P<terminal>\b_?[A-Z][A-Z0-9_]*\b)"
    r"|(?P<rule>\b_?[a-z][a-z0-9_]*\b)"
    r"|(?P<punctuation>[|?*+()\[\]:])"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A definition with the comment above it; or a section's title; or a comment alone."""

    name: str | None
    title: str | None
    lines: tuple[str, ...]


def pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown of each grammar's page."""
    for name in grammars.STARTS:
        title = TITLES.get(name, name.capitalize())
        yield f"grammar/{name}.md", title, _page(name, title)


def _page(name: str, title: str) -> str:
    source = grammars.source(name)
    drawn = diagrams.draw(source)
    preamble, *blocks = list(_blocks(source))
    parts = [
        "---\nhide: [toc]\n---",
        f"# {title}",
        _prose(preamble.lines),
        f"`spec/nats_spec/grammar/{name}.lark`",
    ]
    for block in blocks:
        if block.title is not None:
            parts.append(f"## {block.title}")
        elif block.name is not None:
            parts.append(_definition(block, drawn))
        else:
            parts.append(_prose(block.lines))
    return "\n\n".join(parts) + "\n"


def _blocks(source: str) -> Iterator[Block]:
    """Cut a grammar's source at empty lines and definitions."""
    pending: list[str] = []
    current: str | None = None
    for line in [*source.splitlines(), ""]:
        definition = _DEFINITION.match(line)
        section = _SECTION.fullmatch(line)
        starts_anew = definition or section or (not line.strip()) or line.startswith("//")
        if current is not None and starts_anew:
            yield Block(current, None, tuple(pending))
            pending, current = [], None
        if section:
            yield Block(None, section["title"], ())
        elif definition:
            current = definition["name"]
            pending.append(line)
        elif line.strip():
            pending.append(line)
        elif pending:
            yield Block(None, None, tuple(pending))
            pending = []


def _prose(lines: tuple[str, ...]) -> str:
    text = "\n".join(line.removeprefix("//").strip() for line in lines)
    return linked(html.escape(text, quote=False), folder="../spec/")


def _definition(block: Block, drawn: diagrams.Grammar) -> str:
    name = block.name or ""
    code = "\n".join(_highlighted(line) for line in block.lines)
    diagram = drawn.diagrams.get(name)
    picture = (
        f'<div class="rule-diagram" tabindex="0" role="group" aria-label="diagram">{diagram}</div>'
        if diagram
        else ""
    )
    kind = "rule" if diagram else "rule rule-pattern"
    return (
        f'<div class="{kind}" id="{diagrams.anchor(name)}">'
        f'<pre class="rule-source"><code>{code}</code></pre>{picture}</div>'
    )


def _highlighted(line: str) -> str:
    done = 0
    out: list[str] = []
    for token in _TOKENS.finditer(line):
        out.append(html.escape(line[done : token.start()]))
        out.append(f'<span class="g-{token.lastgroup}">{html.escape(token.group())}</span>')
        done = token.end()
    return "".join(out) + html.escape(line[done:])
