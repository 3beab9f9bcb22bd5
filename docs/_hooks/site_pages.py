"""MkDocs hook: adds the pages that are made from the specification's own files.

Chapters and grammars become pages at build time; nothing of them is kept in `docs/`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import figures
import grammar_pages
import matrix_pages
import sources
import spec_pages
import wire_fence
from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_SECTIONS = {
    "Specification": spec_pages.pages,
    "Grammar": grammar_pages.pages,
    "Matrix": matrix_pages.pages,
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
    for entry in config.nav or []:
        for section in _SECTIONS.keys() & entry.keys():
            pages = list(_SECTIONS[section]())
            entry[section] += [{title: path} for path, title, _ in pages]
            _made.extend(pages)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for path, _, content in _made:
        files.append(File.generated(config, path, content=content))
    for path, content in matrix_pages.assets():
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
