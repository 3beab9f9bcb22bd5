"""Requests as Go's encoding/json reads them, their members known from the schemas.

JS-API-012 .. JS-API-018: keys in any case, unknown members refused in strict mode, wrong
types refused, several objects one after another merged. Leaves out what values mean.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from nats_reference.jetstream import times
from nats_reference.jetstream.errors import ApiError
from nats_spec import schemas

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECODER: Final = json.JSONDecoder()
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_EMPTY: Final = re.compile(rb"(?:[ \t\r\n]*\{[ \t\r\n]*\}[ \t\r\n]*)?")
#: Halves of characters, which Go replaces.
_HALVES: Final = re.compile("[\ud800-\udfff]")
#: What Go calls JSON's types.
KINDS: Final[dict[type, str]] = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}
#: Which Python types a schema's type takes, and what Go calls it.
TYPES: Final[dict[str, tuple[type, str]]] = {
    "string": (str, "string"),
    "boolean": (bool, "bool"),
    "integer": (int, "int"),
    "array": (list, "slice"),
    "object": (dict, "struct"),
}
#: Integers have 64 bits.
LARGEST: Final = 1 << 63


def wanted(body: bytes) -> bool:
    """Whether a body is JSON at all, where one may be left out (JS-API-017)."""
    return body.lstrip()[:1] in {b"{", b"["}


def empty(body: bytes) -> bool:
    """Whether a body says nothing: none, or an empty object (JS-API-018)."""
    return _EMPTY.fullmatch(body) is not None


def decode(request: str, body: bytes, *, strict: bool) -> dict[str, Any]:
    """The members of a request of this kind, those that were said.

    Args:
        request: the schema's name, as `stream_create_request`.
        body: what was sent.
        strict: whether unknown members are refused.

    Raises:
        ApiError: 10025, with what is wrong and where.
    """
    text = body.decode(errors="replace")
    found: dict[str, Any] = {}
    at = _BLANKS.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise invalid(f"{syntax(text, error)} at offset {error.pos}") from None
        except (ValueError, RecursionError):
            raise invalid("exceeded what a number or a depth may be") from None
        if value is not None and not isinstance(value, dict):
            raise invalid(f"json: cannot unmarshal {KINDS[type(value)]} into Go value")
        found |= members(f"jetstream/{request}", value or {}, strict=strict)
        at = _BLANKS.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing, too
    return found


def syntax(text: str, error: json.JSONDecodeError) -> str:
    """What Go says of a syntax error."""
    if error.pos >= len(text):
        return "unexpected end of JSON input"
    return f"invalid character '{text[error.pos]}' looking for beginning of value"


def invalid(text: str) -> ApiError:
    """The refusal of a body that can't be understood."""
    return ApiError(10025, err=text)


def members(schema: str, value: Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    """The members of an object, by the schema called `schema`."""
    return _members(_properties(schema), value, strict=strict, path="")


@cache
def _properties(schema: str) -> dict[str, Any]:
    found: dict[str, Any] = schemas.schema(schema)["properties"]
    return found


def _members(
    known: Mapping[str, Any], value: Mapping[str, Any], *, strict: bool, path: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, given in value.items():
        name = key if key in known else key.lower()
        if name not in known:
            if strict:
                raise invalid(f'json: unknown field "{key}"')
            continue
        described = schemas.resolved(known[name])
        if given is None and "enum" in described:
            raise invalid("json: can not unmarshal null")
        if given is not None:
            found[name] = _value(described, given, strict=strict, path=f"{path}.{name}".strip("."))
    return found


def _value(described: Mapping[str, Any], given: Any, *, strict: bool, path: str) -> Any:  # noqa: ANN401 - JSON
    """One value, which must be of the type that is described."""
    kind, name = TYPES[
        described["type"] if isinstance(described["type"], str) else described["type"][0]
    ]
    if type(given) is not kind:
        shown = KINDS[type(given)]
        raise invalid(f"json: cannot unmarshal {shown} into Go struct field {path} of type {name}")
    value: Any = given
    if kind is int and not fits(described, value):
        raise invalid(f"json: cannot unmarshal number {given} into Go struct field {path}")
    if kind is str:
        return _text(described, _HALVES.sub("\ufffd", value))
    if kind is list:
        item = schemas.resolved(described.get("items", {"type": "string"}))
        return [_value(item, each, strict=strict, path=path) for each in value if each is not None]
    if kind is dict:
        return _object(described, value, strict=strict, path=path)
    return given


def fits(described: Mapping[str, Any], number: int) -> bool:
    """Whether a number has room where it goes: 64 bits unless the schema says otherwise."""
    unsigned = described.get("minimum") == 0
    least = 0 if unsigned else described.get("minimum", -LARGEST)
    most = described.get("maximum", 2 * LARGEST - 1 if unsigned else LARGEST - 1)
    return bool(least <= number <= most)


def _text(described: Mapping[str, Any], given: str) -> str:
    """A text, which may have to be a word of a table (JS-CFG-004, JS-CFG-065) or a moment."""
    if "x-letter-case" in described:
        given = given.lower()
    if "enum" in described and given not in described["enum"]:
        raise invalid(f"json: can not unmarshal {json.dumps(given)}")
    if described.get("format") == "date-time":
        try:
            times.nanoseconds(given)
        except ValueError as error:
            raise invalid(f"json: {error}") from None
    return given


def _object(
    described: Mapping[str, Any], given: Mapping[str, Any], *, strict: bool, path: str
) -> dict[str, Any]:
    if "properties" in described:
        return _members(described["properties"], given, strict=strict, path=path)
    item = described.get("additionalProperties", {"type": "string"})
    return {key: _value(item, value, strict=strict, path=path) for key, value in given.items()}
