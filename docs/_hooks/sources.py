"""The project's own code on the site: links to it, and the pages that they lead to.

`` `nats_reference.clock:VirtualClock` `` in a page's prose, and a place that is given as
`source:nats_reference/clock.py#L12`, become links. They lead to the repository if `mkdocs.yml` names
one (`repo_url`), else to pages of this site, written here without MkDocs: they need neither
navigation nor search, and there are hundreds.
"""

from __future__ import annotations

import ast
import html
import keyword
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

ROOT: Final = Path(__file__).parents[2]
#: Where each package lies.
PACKAGES: Final = {
    "nats_spec": "spec",
    "nats_reference": "reference",
    "nats_conformance": "conformance",
}
_NAMED: Final = re.compile(
    r"(?<!\[)`(?P<module>nats_(?:spec|reference|conformance)(?:\.\w+)*):(?P<name>\w+(?:\.\w+)*)`"
)
_PLACE: Final = re.compile(r'href="source:(?P<file>[^"#]+)(?:#L(?P<line>\d+))?"')


class NoSuchCode(LookupError):
    """A page names a function that isn't there."""


def named(markdown: str) -> str:
    """A page with the functions that it names made links."""
    return _NAMED.sub(lambda each: _link(each["module"], each["name"]), markdown)


def _link(module: str, name: str) -> str:
    file = module.replace(".", "/") + ".py"
    if not path(file).is_file():
        file = module.replace(".", "/") + "/__init__.py"
    number = line(file, name)
    if number is None:
        raise NoSuchCode(f"there is no {name} in {file}")
    return f"[`{module}`](source:{file}) [`{name}`](source:{file}#L{number})"


def path(file: str) -> Path:
    """Where a module, given from its package on, lies in the repository."""
    return ROOT / PACKAGES[file.partition("/")[0]] / file


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(path(file).read_text(encoding="utf-8"))


def line(file: str, name: str) -> int | None:
    """The line in which a function, class or method begins, or None."""
    body: list[ast.stmt] = _tree(file).body
    number = None
    for step in name.split("."):
        found = next((each for each in body if getattr(each, "name", None) == step), None)
        if found is None:
            return None
        body, number = getattr(found, "body", []), found.lineno
    return number


def links(content: str, url: str, config: MkDocsConfig) -> str:
    """A page's HTML with the places in its code made addresses."""

    def address(place: re.Match[str]) -> str:
        file, number = place["file"], place["line"]
        if not path(file).is_file():
            raise NoSuchCode(f"there is no {file}")
        anchor = f"#L{number}" if number else ""
        if config.repo_url:
            where = (
                f"{config.repo_url.rstrip('/')}/blob/main/{path(file).relative_to(ROOT).as_posix()}"
            )
        else:
            where = "../" * url.removeprefix("./").count("/") + f"source/{file}.html"
        return f'href="{where}{anchor}"'

    return _PLACE.sub(address, content)


def write(site: Path) -> None:
    """Write a page for each module."""
    for package, folder in PACKAGES.items():
        for module in sorted((ROOT / folder / package).rglob("*.py")):
            file = module.relative_to(ROOT / folder).as_posix()
            target = site / "source" / f"{file}.html"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_page(file, module.read_text(encoding="utf-8")), encoding="utf-8")


def _page(file: str, code: str) -> str:
    home = "../" * (file.count("/") + 1)
    lines = "\n".join(
        f'<i id="L{number}">{number:>4}</i>  {text}'
        for number, text in enumerate(_coloured(code).splitlines(), 1)
    )
    return _TEMPLATE.format(title=html.escape(file), home=home, code=lines)


def _coloured(code: str) -> str:
    done = 0
    out: list[str] = []
    for token in _TOKEN.finditer(code):
        out.append(html.escape(code[done : token.start()], quote=False))
        between = f'</span>\n<span class="{token.lastgroup}">'
        text = html.escape(token.group(), quote=False).replace("\n", between)
        out.append(f'<span class="{token.lastgroup}">{text}</span>')
        done = token.end()
    return "".join(out) + html.escape(code[done:], quote=False)


#: Enough of Python to be read by: a real lexer takes ten seconds for all of it.
_TOKEN: Final = re.compile(
    r'''(?P<string>[rbfu]{0,2}(?:"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))'''
    r"|(?P<comment>\#.*)"
    r"|(?P<name>(?<=\bdef )\w+|(?<=\bclass )\w+|^\ *@[\w.]+)"
    rf"|(?P<keyword>\b(?:{'|'.join(keyword.kwlist)})\b)",
    re.MULTILINE,
)
_TEMPLATE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - nats-spec</title>
<link rel="stylesheet" href="{home}assets/source.css">
<script>
for (const key of Object.keys(localStorage)) if (key.endsWith("__palette")) {{
  const scheme = JSON.parse(localStorage[key])?.color?.scheme;
  if (scheme) document.documentElement.dataset.scheme = scheme === "slate" ? "dark" : "light";
}}
</script>
</head><body><header><a href="{home}index.html">nats-spec</a> <h1>{title}</h1></header>
<main tabindex="0"><pre>{code}
</pre></main></body></html>
"""
