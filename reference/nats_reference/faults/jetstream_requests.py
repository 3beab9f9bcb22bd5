"""Faults of chapter 100: what a request may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_reference.jetstream.api.request import Request

DECODING = "nats_reference.jetstream.api.decoding"
REQUEST = "nats_reference.jetstream.api.request"
DIRECT = "nats_reference.jetstream.direct"

Members = dict[str, Any]


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
    within = patch.original(f"{DECODING}:_object")

    def lax(
        described: Mapping[str, Any], given: Mapping[str, Any], *, strict: bool, path: str
    ) -> Members:
        del strict
        found: Members = within(described, given, strict=False, path=path)
        return found

    patch.attribute(f"{DECODING}:_object", lax)


@fault("JS-API-037", "strict: false has no effect")
def always_strict(patch: Patch) -> None:
    """Who sends nonsense is to know."""
    strictness(patch, strict=True)


@fault("JS-API-013", "direct gets are read strictly")
def strict_directly(patch: Patch) -> None:
    """Like all others."""
    decode = patch.original(f"{DECODING}:decode")

    def exact(kind: str, body: bytes, *, strict: bool) -> Members:
        found: Members = decode(kind, body, strict=strict or kind == "direct_get_request")
        return found

    patch.attribute(f"{DECODING}:decode", exact)


@fault("JS-API-014", "a number in quotes is a number")
def quoted(patch: Patch) -> None:
    """It looks like one."""
    value_of = patch.original(f"{DECODING}:_value")

    def unquoted(described: Mapping[str, Any], given: Any, *, strict: bool, path: str) -> Any:  # noqa: ANN401 - JSON
        if described["type"] == "integer" and isinstance(given, str) and given.isdecimal():
            given = int(given)
        return value_of(described, given, strict=strict, path=path)

    patch.attribute(f"{DECODING}:_value", unquoted)


@fault("JS-API-014/float", "5.0 is 5")
def floating(patch: Patch) -> None:
    """As in JavaScript."""
    value_of = patch.original(f"{DECODING}:_value")

    def rounded(described: Mapping[str, Any], given: Any, *, strict: bool, path: str) -> Any:  # noqa: ANN401 - JSON
        if described["type"] == "integer" and isinstance(given, float) and given.is_integer():
            given = int(given)
        return value_of(described, given, strict=strict, path=path)

    patch.attribute(f"{DECODING}:_value", rounded)


@fault("JS-API-014/room", "numbers have no end")
def endless(patch: Patch) -> None:
    """As in Python."""
    patch.attribute(f"{DECODING}:fits", lambda _described, _number: True)


@fault("JS-API-015", "names of members are known in lower case only")
def lower_case_only(patch: Patch) -> None:
    """As they are documented."""
    within = patch.original(f"{DECODING}:_members")

    def exact(
        known: Mapping[str, Any], value: Mapping[str, Any], *, strict: bool, path: str
    ) -> Members:
        lowered = {key: each for key, each in value.items() if key == key.lower()}
        found: Members = within(known, lowered, strict=strict, path=path)
        return found

    patch.attribute(f"{DECODING}:_members", exact)


@fault("JS-API-042", "what stands behind the first object is not looked at")
def first_object(patch: Patch) -> None:
    """It is a request already."""
    decode = patch.original(f"{DECODING}:decode")
    decoder = patch.original(f"{DECODING}:_DECODER")

    def first(kind: str, body: bytes, *, strict: bool) -> Members:
        text = body.decode(errors="replace")
        try:
            _, end = decoder.raw_decode(text.lstrip(" \t\r\n"))
        except ValueError:
            end = len(text)
        found: Members = decode(kind, text.lstrip(" \t\r\n")[:end].encode(), strict=strict)
        return found

    patch.attribute(f"{DECODING}:decode", first)


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
