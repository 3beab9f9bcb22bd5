"""MkDocs hook: adds the pages that are made from the specification's own files.

Chapters and grammars become pages at build time; nothing of them is kept in `docs/`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bench_pages
import data_pages
import evidence_pages
import figures
import grammar_pages
import matrix_pages
import schema_pages
import sources
import spec_pages
import wire_fence
from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_SECTIONS: dict[str, tuple[Callable[[], Iterable[tuple[str, str, str]]], ...]] = {
    "Specification": (spec_pages.pages,),
    "Tables": (data_pages.pages,),
    "Schemas": (schema_pages.pages,),
    "Grammars": (grammar_pages.pages,),
    "Evidence": (evidence_pages.pages, bench_pages.pages),
    "Matrix": (matrix_pages.pages,),
}
#: What `on_config` made of them, for `on_files`.
_made: list[tuple[str, str, str]] = []


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Teach Markdown the fences of examples, and list the generated pages in the navigation."""
    fences = config.mdx_configs.setdefault("pymdownx.superfences", {})
    fences["custom_fences"] = [
        {
            "name": language,
            "class": "wire",
            "format": wire_fence.format_wire,
            "validator": wire_fence.validate_wire,
        }
        for language in ("wire", "jetstream")
    ] + [
        {"name": kind, "class": f"figure figure-{kind}", "format": figures.format_figure}
        for kind in figures.KINDS
    ]
    _made.clear()
    _fill(config.nav or [])
    return config


def _fill(nav: list[Any]) -> None:
    """Put the generated pages before what a section of the navigation has already."""
    for entry in nav:
        for title, inside in entry.items() if isinstance(entry, dict) else ():
            if not isinstance(inside, list):
                continue
            _fill(inside)
            pages = [page for made in _SECTIONS.get(title, ()) for page in made()]
            inside[:0] = [{name: path} for path, name, _ in pages]
            _made.extend(pages)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for path, _, content in _made:
        files.append(File.generated(config, path, content=content))
    for path, content in (*matrix_pages.assets(), *schema_pages.raw()):
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Show requirements where a written page asks for them, and lead from names to code."""
    folder = "../spec/" if "/" in page.file.src_uri else "spec/"
    return sources.named(spec_pages.with_boxes(markdown, folder))


def on_page_content(html: str, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Fill in the matrix, make control pictures readable and places in the code addresses."""
    linked = sources.links(html, page.url, config)
    return wire_fence.with_labels(matrix_pages.filled(linked))


def on_post_page(output: str, **_: object) -> str:
    """Name the dialog that the theme leaves without a name."""
    return output.replace(' role="dialog"', ' role="dialog" aria-label="Search"', 1)


def on_post_build(config: MkDocsConfig) -> None:
    """Show the code here if no repository does."""
    if not config.repo_url:
        sources.write(Path(config.site_dir))
