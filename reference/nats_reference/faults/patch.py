"""What a fault may do: replace an attribute, or a piece of a grammar.

Paths are `module:attribute`, with dots for members of a class. A path or a
piece of grammar that does not exist is an error: a fault that changes nothing
would prove nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Patch:
    """Changes made so far, with what stood there before."""

    def __init__(self) -> None:
        self._originals: dict[str, tuple[Any, str, Any]] = {}

    def attribute(self, path: str, value: Any) -> None:  # noqa: ANN401 - anything can be replaced
        """Put `value` where `path` points."""
        holder, name = resolve(path)
        self._originals.setdefault(path, (holder, name, holder.__dict__[name]))
        setattr(holder, name, value)

    def original(self, path: str) -> Any:  # noqa: ANN401 - anything can be replaced
        """What stood at `path` before anything was replaced."""
        if path in self._originals:
            return self._originals[path][2]
        holder, name = resolve(path)
        return getattr(holder, name)

    def grammar(self, name: str, old: str, new: str) -> None:
        """Replace `old` by `new` in the text of grammar `name`, everywhere."""
        from nats_spec import grammars  # noqa: PLC0415 - Lark takes a tenth of a second

        grammars.edit(name, old, new)

    def undo(self) -> None:
        """Put everything back. Grammars are restored by `nats_spec.grammars.restore`."""
        for holder, name, value in self._originals.values():
            setattr(holder, name, value)
        self._originals.clear()


def resolve(path: str) -> tuple[Any, str]:
    """The object that holds what `path` points to, and its name there.

    Raises:
        AttributeError: there is nothing at `path`.
    """
    module, _, attribute = path.partition(":")
    *classes, name = attribute.split(".")
    holder: Any = import_module(module)
    for step in classes:
        holder = getattr(holder, step)
    if name not in vars(holder):
        raise AttributeError(f"there is no {path}")
    return holder, name
