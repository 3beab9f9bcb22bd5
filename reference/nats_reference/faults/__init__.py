"""Named deviations: each breaks one requirement, so that a case can be seen to catch it.

A fault patches a function, a table or a grammar from outside, before the server
is built; the server itself knows of none. A module here holds the faults of one
chapter:

    @fault("FRAME-001", "verbs are known in upper case only")
    def upper_case_only(patch: Patch) -> None:
        patch.grammar("client", '"PING"i', '"PING"')

A fault's id is the requirement's, or `ID/word` where there are several.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from nats_reference.faults.patch import Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["FAULTS", "Fault", "Patch", "UnknownFault", "apply", "fault", "load"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be wrong."""

    id: str
    text: str
    install: Callable[[Patch], None]

    @property
    def requirement(self) -> str:
        """The requirement that it breaks."""
        return self.id.partition("/")[0]


class UnknownFault(LookupError):
    """There is no fault of that name."""


#: Every fault, by id, once `load` was called.
FAULTS: dict[str, Fault] = {}


def fault(name: str, text: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """Register the decorated function as the fault `name`, described by `text`."""

    def register(install: Callable[[Patch], None]) -> Callable[[Patch], None]:
        if name in FAULTS:
            raise ValueError(f"two faults are named {name}")
        FAULTS[name] = Fault(name, text, install)
        return install

    return register


def load() -> dict[str, Fault]:
    """Every fault there is, from all modules of this package."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return FAULTS


def apply(names: Iterable[str]) -> Patch:
    """Install the faults `names`; what comes back can undo it.

    Raises:
        UnknownFault: one of them does not exist.
    """
    known = load()
    patch = Patch()
    for name in names:
        if name not in known:
            raise UnknownFault(f"no fault named {name!r}; --list-faults shows them")
        known[name].install(patch)
    return patch
