"""MkDocs hook: adds the pages that are made from the specification's own files.

Chapters and grammars become pages at build time; nothing of them is kept in `docs/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import grammar_pages
import spec_pages
import wire_fence
from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_SECTIONS = {"Specification": spec_pages.pages, "Grammar": grammar_pages.pages}


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
    ]
    for entry in config.nav or []:
        for section, pages in _SECTIONS.items():
            if section in entry:
                entry[section] = [{title: path} for path, title, _ in pages()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for pages in _SECTIONS.values():
        for path, _, content in pages():
            files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Show requirements where a written page asks for them."""
    return spec_pages.with_boxes(markdown, "../spec/" if "/" in page.file.src_uri else "spec/")


def on_page_content(html: str, **_: object) -> str:
    """Make control pictures readable without a font for them."""
    return wire_fence.with_labels(html)
