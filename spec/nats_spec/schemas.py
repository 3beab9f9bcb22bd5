"""The JSON objects of the protocol: INFO, CONNECT, and every message of JetStream's API.

The schemas are JSON Schema 2020-12, one file each in `schemas/`. Those of INFO and CONNECT
allow unknown members. Those in `schemas/jetstream` don't: a request with one is
refused (JS-API-012), an answer with one is news. Each
member says since which release it is there (`x-since`) and where it was read
(`x-source`). Serves INFO-002 and CONN-004 .. CONN-008; the field tables of
chapter 20 are made from `field_table`.

Leaves out what an object means: that's the chapters' matter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from nats_spec import fitting

if TYPE_CHECKING:
    from collections.abc import Container

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator
    from referencing import Registry


#: What the schemas of JetStream have in common.
DEFINITIONS: Final = "jetstream/definitions"
_URN: Final = f"urn:nats-spec:schema:{DEFINITIONS}"


@dataclass(frozen=True, slots=True)
class Field:
    """One member of an object, as a row of a table."""

    name: str
    #: JSON's name of the type, e.g. `integer`; for lists e.g. `array of string`.
    type: str
    required: bool
    #: What a missing member means, as JSON; empty if it may not be missing.
    default: str
    #: The release from which on it is there; `2.0` for always.
    since: str
    meaning: str


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema called `name`: `info`, `connect`, or one of JetStream as `jetstream/pub_ack`.

    Raises:
        FileNotFoundError: there is no such schema.
    """
    text = (files("nats_spec") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def names(folder: str) -> tuple[str, ...]:
    """The names of the schemas in one folder, as `schema` takes them."""
    found = (files("nats_spec") / "schemas" / folder).iterdir()
    return tuple(sorted(f"{folder}/{each.name.removesuffix('.json')}" for each in found))


def definition(name: str) -> dict[str, Any]:
    """One of the definitions that JetStream's schemas refer to."""
    found: dict[str, Any] = schema(DEFINITIONS)["$defs"][name]
    return found


def resolved(described: dict[str, Any]) -> dict[str, Any]:
    """A member's description, or the definition that it refers to."""
    pointer = str(described.get("$ref", ""))
    return definition(pointer.rpartition("/")[2]) if pointer else described


@cache
def known(name: str) -> bool:
    """Whether there is a schema called `name`."""
    return (files("nats_spec") / "schemas" / f"{name}.json").is_file()


def validate(name: str, instance: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """What is wrong with `instance`, a sentence each; nothing if it fits the schema."""
    return [f"{fault.json_path}: {fault.message}" for fault in _faults(name, instance)]


def unreadable(name: str, instance: Any, needed: Container[str]) -> list[str]:  # noqa: ANN401 - any JSON
    """Which members that are `needed` are missing in `instance`, and which are of another type."""
    faults = [
        # An answer is an error or, the last alternative, what was asked for.
        fault.context[-1] if fault.validator == "anyOf" and fault.context else fault
        for fault in _faults(name, instance)
    ]
    return [
        f"{each.json_path}: {each.message}"
        for each in faults
        if each.validator == "type"
        or (each.validator == "required" and each.message.split("'")[1] in needed)
    ]


def _faults(name: str, instance: Any) -> list[ValidationError]:  # noqa: ANN401 - any JSON
    if _quick(name)(instance):
        return []
    return sorted(_validator(name).iter_errors(instance), key=lambda fault: fault.json_path)


def field_table(name: str) -> tuple[Field, ...]:
    """The members of the object that `name` describes, in the order of the schema."""
    whole = schema(name)
    return tuple(
        Field(
            name=member,
            type=_type(described),
            required=member in whole["required"],
            default=json.dumps(described["default"]) if "default" in described else "",
            since=described["x-since"],
            meaning=described["description"],
        )
        for member, described in whole["properties"].items()
    )


@cache
def _quick(name: str) -> fitting.Check:
    return fitting.compiled(schema(name), _referred)


def _referred(pointer: str) -> dict[str, Any]:
    """The schema that a `$ref` means: they all mean definitions."""
    if not pointer.startswith((f"{_URN}#/$defs/", "#/$defs/")):
        raise LookupError(f"no definition: {pointer}")
    return definition(pointer.rpartition("/")[2])


@cache
def _validator(name: str) -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - the reference starts without it

    formats = FormatChecker(formats=())
    formats.checks("date-time")(
        lambda value: not isinstance(value, str) or bool(fitting.MOMENT.fullmatch(value))
    )
    return Draft202012Validator(schema(name), registry=_registry(), format_checker=formats)


@cache
def _registry() -> Registry[Any]:
    from referencing import Registry, Resource  # noqa: PLC0415 - the reference starts without it

    definitions = Resource.from_contents(schema(DEFINITIONS))
    found: Registry[Any] = Registry().with_resource(_URN, definitions)
    return found


def _type(described: dict[str, Any]) -> str:
    described = resolved(described)
    names = described["type"] if isinstance(described["type"], list) else [described["type"]]
    shown = [name for name in names if name != "null"]
    if "items" in described:
        shown[0] += f" of {resolved(described['items'])['type']}"
    return " or ".join(shown)
