"""Whether JSON fits a schema, told quickly: each schema becomes one function.

jsonschema takes up to a millisecond for an answer of JetStream, and a tenth of a
second to import. What a function of this module accepts does fit (a property holds
it against jsonschema); what it does not accept is jsonschema's to judge, which
also has the words. So a keyword that isn't known here costs time and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

Check: TypeAlias = Callable[[Any], bool]
#: Finds the schema that a `$ref` means.
Refer: TypeAlias = Callable[[str], "dict[str, Any]"]
#: A schema, the whole of whose part in a check is decided elsewhere.
_Maker: TypeAlias = "Callable[[dict[str, Any], Refer], Check]"

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
#: A time as Go writes it, RFC 3339.
MOMENT: Final = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)
#: Keywords that say nothing about what fits.
_NOTES: Final = frozenset(
    ("$schema", "$id", "$defs", "title", "description", "default", "contentEncoding", "examples")
)


def compiled(schema: dict[str, Any] | bool, refer: Refer) -> Check:
    """A function that accepts only what fits `schema`."""
    if isinstance(schema, bool):
        return lambda _value: schema
    keys = {key for key in schema if key not in _NOTES and not key.startswith("x-")}
    if not keys <= _MAKERS.keys():
        return _never
    makers = dict.fromkeys(_MAKERS[key] for key in sorted(keys))
    checks = tuple(maker(schema, refer) for maker in makers)
    if len(checks) == 1:
        return checks[0]
    return lambda value: all(check(value) for check in checks)


def _never(_value: Any) -> bool:  # noqa: ANN401 - any JSON
    return False


def _type(schema: dict[str, Any], _refer: Refer) -> Check:
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    types = frozenset(each for name in names for each in _TYPES[name])
    return lambda value: type(value) in types


def _object(schema: dict[str, Any], refer: Refer) -> Check:
    members = {key: compiled(each, refer) for key, each in schema.get("properties", {}).items()}
    required = frozenset(schema.get("required", ()))
    other = compiled(schema.get("additionalProperties", True), refer)

    def check(value: Any) -> bool:  # noqa: ANN401 - any JSON
        if type(value) is not dict:
            return True
        return required <= value.keys() and all(
            members.get(key, other)(member) for key, member in value.items()
        )

    return check


def _items(schema: dict[str, Any], refer: Refer) -> Check:
    item = compiled(schema["items"], refer)
    return lambda value: type(value) is not list or all(map(item, value))


def _one_of_these(schema: dict[str, Any], _refer: Refer) -> Check:
    if {"enum", "const"} <= schema.keys():
        return _never
    # JSON's 1 and true are two values, Python's are equal.
    allowed = [(type(each), each) for each in schema.get("enum", [schema.get("const")])]
    simple = (str, int, float, bool, type(None))
    return lambda value: type(value) in simple and (type(value), value) in allowed


def _numbers(schema: dict[str, Any], _refer: Refer) -> Check:
    least, most = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    return lambda value: type(value) not in (int, float) or least <= value <= most


def _lengths(schema: dict[str, Any], _refer: Refer) -> Check:
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    return lambda value: type(value) is not str or least <= len(value) <= most


def _pattern(schema: dict[str, Any], _refer: Refer) -> Check:
    search = re.compile(schema["pattern"]).search
    return lambda value: type(value) is not str or bool(search(value))


def _format(schema: dict[str, Any], _refer: Refer) -> Check:
    if schema["format"] != "date-time":
        return _never
    return lambda value: type(value) is not str or bool(MOMENT.fullmatch(value))


def _any_of(schema: dict[str, Any], refer: Refer) -> Check:
    checks = tuple(compiled(each, refer) for each in schema["anyOf"])
    return lambda value: any(check(value) for check in checks)


def _then(schema: dict[str, Any], refer: Refer) -> Check:
    """What fits `then` fits, whether it fits `if` or not."""
    return _never if "else" in schema else compiled(schema.get("then", {}), refer)


def _dependent(schema: dict[str, Any], _refer: Refer) -> Check:
    wanted = {key: frozenset(others) for key, others in schema["dependentRequired"].items()}
    return lambda value: (
        type(value) is not dict
        or all(others <= value.keys() for key, others in wanted.items() if key in value)
    )


def _reference(schema: dict[str, Any], refer: Refer) -> Check:
    made: list[Check] = []

    def check(value: Any) -> bool:  # noqa: ANN401 - any JSON
        if not made:  # when it is first needed: a definition may refer to itself
            made.append(compiled(refer(schema["$ref"]), refer))
        return made[0](value)

    return check


_MAKERS: Final[dict[str, _Maker]] = {
    "type": _type,
    "properties": _object,
    "required": _object,
    "additionalProperties": _object,
    "items": _items,
    "enum": _one_of_these,
    "const": _one_of_these,
    "minimum": _numbers,
    "maximum": _numbers,
    "minLength": _lengths,
    "maxLength": _lengths,
    "pattern": _pattern,
    "format": _format,
    "anyOf": _any_of,
    "if": _then,
    "then": _then,
    "dependentRequired": _dependent,
    "$ref": _reference,
}
