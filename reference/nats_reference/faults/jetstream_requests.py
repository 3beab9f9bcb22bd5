"""Faults of chapter 100: what a request may be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request

DECODING = "nats_reference.jetstream.api.decoding"
MEMBERS = "nats_reference.jetstream.api.members"
REQUEST = "nats_reference.jetstream.api.request"
DIRECT = "nats_reference.jetstream.direct"

Members = dict[str, Any]


#: Reads a value: whether strictly, as which member, the value, and what stood there before.
Reader = Callable[..., object]


def reading(patch: Patch, kind: str, change: Callable[..., object]) -> None:
    """Have values of one kind read by `change(reader, strict, member, value, before)`."""
    path = f"{DECODING}:READERS"
    readers = patch.original(path)
    patch.attribute(path, {**readers, kind: partial(change, readers[kind])})


def strictness(patch: Patch, *, strict: bool) -> None:
    """Whether all requests are read strictly."""
    decode = patch.original(f"{DECODING}:decode")

    def members(request: Request, kind: str) -> Members:
        found: Members = decode(kind, request.body, strict=strict)
        return found

    patch.attribute(f"{REQUEST}:Request.members", members)


@fault("JS-API-012", "members that the server does not know are passed over")
def lenient(patch: Patch) -> None:
    """As before 2.12."""
    strictness(patch, strict=False)


@fault("JS-API-012/depth", "only the outermost members must be known")
def shallow(patch: Patch) -> None:
    """Nobody looks into them."""
    reading(patch, "object", lambda read, _strict, *rest: read(False, *rest))


@fault("JS-API-037", "strict: false has no effect")
def always_strict(patch: Patch) -> None:
    """Who sends nonsense is to know."""
    strictness(patch, strict=True)


@fault("JS-API-013", "direct gets are read strictly")
def strict_directly(patch: Patch) -> None:
    """Like all others."""
    decode = patch.original(f"{DECODING}:decode")
    patch.attribute(f"{DECODING}:decode_alone", partial(decode, strict=True))


@fault("JS-API-014", "a number in quotes is a number")
def quoted(patch: Patch) -> None:
    """It looks like one."""

    def unquoted(
        read: Reader, strict: bool, member: object, given: object, before: object
    ) -> object:
        digits = isinstance(given, str) and given.isdecimal()
        return read(strict, member, int(str(given)) if digits else given, before)

    reading(patch, "integer", unquoted)


@fault("JS-API-014/float", "5.0 is 5")
def floating(patch: Patch) -> None:
    """As in JavaScript."""
    fraction = patch.original(f"{DECODING}:Fraction")

    def rounded(
        read: Reader, strict: bool, member: object, given: object, before: object
    ) -> object:
        whole = isinstance(given, fraction) and float(str(given)).is_integer()
        return read(strict, member, int(float(str(given))) if whole else given, before)

    reading(patch, "integer", rounded)


@fault("JS-API-014/room", "numbers have no end")
def endless(patch: Patch) -> None:
    """As in Python."""
    patch.attribute(f"{DECODING}:fits", lambda _member, _number: True)


@fault("JS-API-015", "names of members are known in lower case only")
def lower_case_only(patch: Patch) -> None:
    """As they are documented."""
    patch.attribute(f"{MEMBERS}:folded", str)


@fault("JS-API-042", "what stands behind the first object is not looked at")
def first_object(patch: Patch) -> None:
    """It is a request already."""
    values = patch.original(f"{DECODING}:values")
    decoder = patch.original(f"{DECODING}:DECODER")

    def first(body: bytes) -> list[object]:
        try:
            value, _ = decoder.raw_decode(body.decode(errors="replace").lstrip(" \t\r\n"))
        except ValueError:
            found: list[object] = values(body)
            return found
        return [value]

    patch.attribute(f"{DECODING}:values", first)


@fault("JS-API-017", "what does not begin like JSON is refused, where a request may be empty")
def nothing_but_json(patch: Patch) -> None:
    """As 2.10 does."""
    patch.attribute(f"{DECODING}:wanted", bool)


@fault("JS-API-018", "an empty object is not an empty request")
def objects_say_something(patch: Patch) -> None:
    """It is two bytes long."""
    patch.attribute(f"{DECODING}:empty", lambda body: not body)


@fault("JS-API-018/delete", "STREAM.DELETE takes any request")
def deleted_anyhow(patch: Patch) -> None:
    """What it says doesn't matter."""
    patch.attribute(f"{REQUEST}:Request.nothing", lambda _request: None)
