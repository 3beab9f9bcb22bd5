"""Faults that are one replacement each, as rows of a table; and a function around another.

A row: the fault's id, what it does wrong, the path, and what stands there instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Id, text, path, value.
Change: TypeAlias = "tuple[str, str, str, Any]"


def register(changes: Iterable[Change]) -> None:
    """Make a fault of each row."""
    for name, text, path, value in changes:
        fault(name, text)(_replacing(path, value))


def _replacing(path: str, value: Any) -> Callable[[Patch], None]:  # noqa: ANN401 - anything can be replaced
    def install(patch: Patch) -> None:
        patch.attribute(path, value)

    return install


def wrap(patch: Patch, path: str, around: Callable[..., Any]) -> None:
    """Have `around` called with what stands at `path`, and what that would be called with."""
    original = patch.original(path)

    def wrapped(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        return around(original, *arguments, **named)

    patch.attribute(path, wrapped)


def renumber(refusals: Iterable[tuple[str, int]]) -> None:
    """Make a fault of each row: what is refused with this err_code is refused with another."""
    for name, err_code in refusals:
        fault(name, f"what is refused with {err_code} is refused with another number")(
            _renumbering(err_code)
        )


def _renumbering(err_code: int) -> Callable[[Patch], None]:
    def install(patch: Patch) -> None:
        def as_json(original: Callable[[Any], Any], self: Any) -> Any:  # noqa: ANN401 - handed on
            found = original(self)
            return found | ({"err_code": 10001} if self.err_code == err_code else {})

        wrap(patch, "nats_reference.jetstream.errors:ApiError.as_json", as_json)

    return install
