"""Renderers of the one results model, and the options that ask for them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from nats_conformance.results import Results

#: Each option is a module of its name here, with a `render(results) -> str`.
FORMATS: Final[dict[str, str]] = {
    "junit": "JUnit XML, for CI systems",
    "html": "a page that needs no server, with every conversation drawn",
    "markdown": "a summary for people, e.g. of a CI job",
    "badge": "JSON for shields.io's endpoint badge",
}


def add_options(to: argparse.ArgumentParser) -> None:
    """An option for each format."""
    for name, about in FORMATS.items():
        to.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write {about}")


def rendered(results: Results, options: argparse.Namespace) -> Iterator[tuple[Path, str]]:
    """Where to write what, of the formats that were asked for."""
    for name in FORMATS:
        path: Path | None = getattr(options, name)
        if path is not None:
            renderer = importlib.import_module(f"{__name__}.{name}")
            yield path, renderer.render(results)
