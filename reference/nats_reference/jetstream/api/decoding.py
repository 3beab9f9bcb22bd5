"""The body of a request: JSON as Go's decoder reads it, members as the schema has them.

JS-API-012 .. JS-API-018. Names of members are compared in any case, several
objects in a row are laid over one another, later ones on top, and null changes nothing.
What members there are, and of which types, the request schemas of nats_spec say.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NoReturn

from nats_reference.jetstream import times
from nats_reference.jetstream.api import members
from nats_reference.jetstream.api.spelling import HALVES
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.api.members import Member

BLANKS: Final = " \t\r\n"
OPENINGS: Final = ("{", "[")
#: Names of JSON's types in complaints.
SPOKEN: Final[dict[type, str]] = {str: "string", bool: "bool", list: "array"}
#: What null is where it changes nothing.
ABSENT: Final = object()


class Fraction(str):
    """A number with a fraction or an exponent, as it is written."""

    __slots__ = ()


class Pairs(list[tuple[str, object]]):
    """An object: names and values in the order in which they come, equal names included."""

    __slots__ = ()


def no_constant(name: str) -> NoReturn:
    """NaN and Infinity, which Python reads and JSON doesn't have."""
    raise ValueError(f"invalid character {name[0]!r} looking for beginning of value")


DECODER: Final = json.JSONDecoder(
    object_pairs_hook=Pairs, parse_float=Fraction, parse_constant=no_constant
)


def unreadable(why: str) -> ApiError:
    """The refusal of a body that is not what the request has."""
    return ApiError(10025, err=why)


def decode(request: str, body: bytes, *, strict: bool) -> dict[str, Any]:
    """The members that the body of a `request` sets, by the names that the schema gives them.

    Args:
        request: the schema's name, as `stream_create_request`.
        body: what was sent.
        strict: whether members that nobody knows are refused (JS-API-012).

    Raises:
        ApiError: it can't be read (10025).
    """
    try:
        return overlaid(members.of_request(request), values(body), strict=True)
    except ApiError:
        if strict:
            raise
    return decode_alone(request, body)


def decode_alone(request: str, body: bytes) -> dict[str, Any]:
    """The same of a body that is one value, in which nobody minds unknown members (JS-API-013).

    Raises:
        ApiError: it can't be read (10025).
    """
    found = values(body)
    if len(found) != 1:
        raise unreadable("unexpected end of JSON input" if not found else "text after the value")
    return overlaid(members.of_request(request), found, strict=False)


def wanted(body: bytes) -> bool:
    """Whether an optional body is there: anything but an object or array is none (JS-API-017)."""
    return body.decode("utf-8", "replace").lstrip(BLANKS).startswith(OPENINGS)


def empty(body: bytes) -> bool:
    """Whether there is no body, or an object without members (JS-API-018)."""
    if not body:
        return True
    try:
        return values(body) == [[]] and wanted(body) and b"{" in body
    except ApiError:
        return False


def values(body: bytes) -> list[object]:
    """The JSON values that the body consists of (JS-API-016).

    Raises:
        ApiError: it has something else in it.
    """
    text = body.decode("utf-8", "surrogateescape")
    found: list[object] = []
    place = skip(text, 0)
    while place < len(text):
        try:
            value, place = DECODER.raw_decode(text, place)
        except json.JSONDecodeError as error:
            raise unreadable(complaint(error)) from None
        except (ValueError, RecursionError) as error:
            raise unreadable(f"{error} at offset {place + 1}") from None
        found.append(value)
        place = skip(text, place)
    return found


def skip(text: str, place: int) -> int:
    """Where the next thing begins."""
    while place < len(text) and text[place] in BLANKS:
        place += 1
    return place


def complaint(error: json.JSONDecodeError) -> str:
    """What is wrong with the text, and where (JS-API-014)."""
    if error.pos >= len(error.doc):
        return "unexpected EOF"
    what = error.msg[:1].lower() + error.msg[1:]
    return f"invalid character {error.doc[error.pos]!r}: {what} at offset {error.pos + 1}"


# ---- Values by type ------------------------------------------------------------


def overlaid(form: dict[str, Member], given: list[object], *, strict: bool) -> dict[str, Any]:
    """What several objects in a row set."""
    found: dict[str, Any] = {}
    for value in given:
        if value is not None:
            overlay(strict, form, value, found, "the request")
    return found


def overlay(
    strict: bool, form: dict[str, Member], value: object, found: dict[str, Any], into: str
) -> None:
    """Lay an object over what was found before; an unknown member is refused (JS-API-012)."""
    if not isinstance(value, Pairs):
        raise mismatch(value, into)
    for name, inner in value:
        member = form.get(members.folded(name))
        if member is not None:
            made = READERS[member.kind](strict, member, inner, found.get(member.name))
            if made is not ABSENT:
                found[member.name] = made
        elif strict:
            raise unreadable(f"json: unknown field {json.dumps(name)}")


def mismatch(value: object, into: str) -> ApiError:
    """The error that a value has the wrong type (JS-API-014)."""
    return unreadable(f"json: cannot unmarshal {spoken(value)} into {into}")


def spoken(value: object) -> str:
    """What a complaint calls a value: a number as it is written, others by their type."""
    if isinstance(value, Fraction) or type(value) is int:
        return f"number {value}"
    return "object" if isinstance(value, Pairs) else SPOKEN.get(type(value), "null")


def text(_strict: bool, member: Member, value: object, _before: object) -> object:
    """Text; what is no character is replaced."""
    if value is None:
        return ABSENT
    if type(value) is not str:
        raise mismatch(value, member.name)
    return HALVES.sub("\ufffd", value)


def switch(_strict: bool, member: Member, value: object, _before: object) -> object:
    """True or false."""
    if value is None:
        return ABSENT
    if type(value) is not bool:
        raise mismatch(value, member.name)
    return value


def whole(_strict: bool, member: Member, value: object, _before: object) -> object:
    """A number without a fraction, in the range of its type."""
    if value is None:
        return ABSENT
    if type(value) is not int or not fits(member, value):
        raise mismatch(value, member.name)
    return value


def fits(member: Member, number: int) -> bool:
    """Whether a number has room where it goes."""
    return member.low <= number <= member.high


def choice(_strict: bool, member: Member, value: object, _before: object) -> object:
    """One of some words, spelled as it is (JS-CFG-004)."""
    said = value.lower() if member.caseless and isinstance(value, str) else value
    if not isinstance(said, str) or said not in member.choices:
        raise unreadable(f"can not unmarshal {json.dumps(json.dumps(value))}")
    return said


def moment(_strict: bool, member: Member, value: object, _before: object) -> object:
    """A time, as text."""
    if value is None:
        return None
    if type(value) is not str:
        raise mismatch(value, member.name)
    try:
        return times.canonical(value)
    except ValueError as error:
        raise unreadable(str(error)) from None


def array(strict: bool, member: Member, value: object, _before: object) -> object:
    """Values in a row; null is none."""
    if value is None:
        return None
    if type(value) is not list:
        raise mismatch(value, member.name)
    return [item(strict, member, inner) for inner in value]


def table(strict: bool, member: Member, value: object, before: object) -> object:
    """Names and values, all of one type; null is none."""
    if value is None:
        return None
    if not isinstance(value, Pairs):
        raise mismatch(value, member.name)
    said = {HALVES.sub("\ufffd", name): item(strict, member, inner) for name, inner in value}
    return {**(before if isinstance(before, dict) else {}), **said}


def item(strict: bool, member: Member, value: object) -> object:
    """One value of an array or table."""
    inner = member.items
    assert inner is not None  # noqa: S101 - the schema says what is in it
    made = READERS[inner.kind](strict, inner, value, None)
    return members.ZEROS.get(inner.kind) if made is ABSENT else made


def nested(strict: bool, member: Member, value: object, before: object) -> object:
    """An object in an object; null is none, or changes nothing."""
    if value is None:
        return ABSENT if member.name in members.ALWAYS_THERE else None
    found = dict(before) if isinstance(before, dict) else {}
    overlay(strict, member.form, value, found, member.name)
    return found


READERS: Final[dict[str, Callable[[bool, Member, object, object], object]]] = {
    "string": text,
    "boolean": switch,
    "integer": whole,
    "choice": choice,
    "moment": moment,
    "array": array,
    "table": table,
    "object": nested,
}
