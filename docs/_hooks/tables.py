"""The tables that chapters ask for with `<!-- table: NAME -->`, made from the same data as code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.config import keys
from nats_spec import api_errors, configuration, errors, schemas
from nats_spec.monitoring import tables

if TYPE_CHECKING:
    from collections.abc import Callable

#: The tables of the members of an object: the schema that each is made from.
FIELDS = {"info": "info", "connect": "connect", "stream-config": "jetstream/stream_create_request"}


def _reference(option: str) -> str:
    """What the reference does with an option: it obeys it, or refuses it by name."""
    return "refuses" if option in keys.UNSUPPORTED else "obeys"


#: The tables that their data makes itself.
WHOLE: dict[str, Callable[[], str]] = {
    "errors": errors.markdown,
    "api-errors": api_errors.markdown,
    "broken-configurations": configuration.broken_markdown,
    "config-options": lambda: configuration.markdown(_reference),
    "endpoints": tables.endpoints,
    "monitoring-parameters": tables.parameters,
}


class UnknownTableError(LookupError):
    """A chapter asks for a table that nothing gives."""


def table(name: str) -> str:
    """The Markdown of the table called `name`."""
    if name in WHOLE:
        return WHOLE[name]()
    if name in FIELDS:
        return _fields(FIELDS[name])
    known = ", ".join([*WHOLE, *FIELDS])
    raise UnknownTableError(f"no table is named {name!r}; there are {known}")


def _fields(name: str) -> str:
    rows = [("field", "type", "required", "default", "since", "meaning"), ("---",) * 6]
    for field in schemas.field_table(name):
        required = "yes" if field.required else ""
        default = f"`{field.default}`" if field.default else ""
        rows.append((f"`{field.name}`", field.type, required, default, field.since, field.meaning))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
