"""Every case there is: those in `cases/` and `properties/`, and the chapters' examples.

Importing this imports nothing of them; `load` does.
"""

from __future__ import annotations

import importlib
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nats_spec import requirements
from nats_spec.dialogue import Dialogue

from . import dialogue, script
from .cases import ATTRIBUTE, Case, Declared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from nats_spec.requirements import Catalogue, Example

    from .fixture import Nats

#: Where this package is.
HERE: Final = Path(__file__).parent


@cache
def specification() -> Catalogue:
    """The chapters."""
    return requirements.load()


def load(*, properties: bool = True) -> tuple[Case, ...]:
    """Every case, in the order of chapters, cases and properties.

    Without properties, Hypothesis need not be imported, which takes its time.
    """
    return _written() + (_of("properties") if properties else ())


@cache
def _written() -> tuple[Case, ...]:
    return (*example_cases(), *_of("cases"))


@cache
def _of(folder: str) -> tuple[Case, ...]:
    return tuple(
        each for name in modules(folder) for each in python_cases(importlib.import_module(name))
    )


def modules(folder: str) -> list[str]:
    """The modules with cases in one folder of this package."""
    names = sorted(entry.name for entry in (files(__package__) / folder).iterdir())
    stems = [n.removesuffix(".py") for n in names if n.startswith("test_") and n.endswith(".py")]
    return [f"{__package__}.{folder}.{stem}" for stem in stems]


def python_cases(module: ModuleType) -> Iterator[Case]:
    """The cases of one module, in the order in which they are written."""
    stem = module.__name__.rsplit(".", 1)[-1].removeprefix("test_")
    for name, value in vars(module).items():
        declared = getattr(value, ATTRIBUTE, None)
        if isinstance(declared, Declared) and value.__module__ == module.__name__:
            yield declared.named(f"{stem}:{name.removeprefix('test_')}", value)


def example_cases() -> Iterator[Case]:
    """The wire examples of the chapters."""
    for example in specification().examples:
        yield Case(
            example.id,
            (example.requirement,),
            partial(_perform, example),
            config=example.config,
            deliveries=example.language == "wire" and not example.whole,
        )


def _perform(example: Example, nats: Nats) -> None:
    parsed = example.script
    if isinstance(parsed, Dialogue):
        dialogue.perform(parsed, nats)
    else:
        script.perform(parsed, nats)
