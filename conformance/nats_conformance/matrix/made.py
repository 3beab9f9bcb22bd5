"""What a file of the matrix was made of, as one digest: whether it is made again depends on it.

It covers the selected cases with the modules that they stand in, the requirements that they
cover, the expected failures, and the settings; of the reference its own code, too. It leaves
out the rest of the runner: `--again` is for those who changed that.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from nats_conformance import catalogue
from nats_conformance.running import suite_version

from .releases import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nats_conformance.cases import Case
    from nats_conformance.engine import Settings


def made(target: str, cases: Sequence[Case], settings: Settings) -> str:
    """The digest of a run of these cases against this target."""
    digest = hashlib.sha256()
    for piece in _pieces(target, cases, settings):
        digest.update(piece.encode() + b"\0")
    return digest.hexdigest()[:32]


def _pieces(target: str, cases: Sequence[Case], settings: Settings) -> Iterator[str]:
    yield f"{suite_version()} {settings!r}"
    known = catalogue.specification().requirements
    modules: set[str] = set()
    for case in cases:
        yield f"{case.id} {case.config} {' '.join(case.requirements)}"
        for each in (known[name] for name in case.requirements if name in known):
            yield f"{each.level} {each.profile} {each.since} {each.until}"
            if case.id.startswith("example:"):
                yield next((e.text for e in each.examples if e.id == case.id), "")
        module = inspect.getsourcefile(case.run) if inspect.isfunction(case.run) else None
        modules |= {module} if module else set()
    for path in sorted(modules):
        yield Path(path).read_text("utf-8")
    for entry in sorted((files("nats_conformance") / "baselines").iterdir(), key=lambda e: e.name):
        yield entry.read_text("utf-8")
    if target == REFERENCE:
        yield _reference()


@cache
def _reference() -> str:
    """A digest of the reference's code, which is found without being imported."""
    found = importlib.util.find_spec("nats_reference")
    digest = hashlib.sha256()
    for folder in (found.submodule_search_locations or []) if found else []:
        for path in sorted(Path(folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
