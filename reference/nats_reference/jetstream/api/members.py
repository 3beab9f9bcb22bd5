"""What members a request can have, and of which types: read from the schemas of nats_spec."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from nats_spec import schemas

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a member is that isn't there.
ZEROS: Final[Mapping[str, Any]] = {"string": "", "boolean": False, "integer": 0, "moment": None}
#: Objects that are there even if a request says null.
ALWAYS_THERE: Final = frozenset({"config", "consumer_limits", "state"})
#: The largest numbers, by the smallest there is.
SIGNED: Final = (-(1 << 63), (1 << 63) - 1)
UNSIGNED: Final = (0, (1 << 64) - 1)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object."""

    name: str
    #: A key of `decoding.READERS`.
    kind: str
    low: int = SIGNED[0]
    high: int = SIGNED[1]
    choices: frozenset[str] = frozenset()
    #: Whether its words may be written with large letters.
    caseless: bool = False
    #: What stands in an array or table.
    items: Member | None = None
    #: The members of an object, by their names in small letters.
    form: dict[str, Member] = field(default_factory=dict)


def folded(name: str) -> str:
    """A name as it is compared: in any case, the long s and the Kelvin sign included (JS-API-015)."""
    return name.replace("\u017f", "s").lower()


@cache
def of_request(request: str) -> dict[str, Member]:
    """The members of the request that `schemas/jetstream/<request>.json` describes."""
    return form(schemas.schema(f"jetstream/{request}"))


def form(described: Mapping[str, Any]) -> dict[str, Member]:
    """The members of an object."""
    return {
        folded(name): member(name, inner)
        for name, inner in described.get("properties", {}).items()
        if "x-until" not in inner
    }


def member(name: str, described: Mapping[str, Any]) -> Member:
    """One member."""
    if "$ref" in described:
        described = schemas.resolved(dict(described))
    if "enum" in described:
        choices = frozenset(described["enum"])
        return Member(name, "choice", choices=choices, caseless="x-letter-case" in described)
    kind = described["type"]
    if isinstance(kind, list):
        kind = next(each for each in kind if each != "null")
    if kind == "integer":
        low, high = UNSIGNED if described.get("minimum") == 0 else SIGNED
        return Member(name, kind, described.get("minimum", low), described.get("maximum", high))
    if kind == "array":
        return Member(name, kind, items=member(name, described["items"]))
    if kind == "string" and described.get("format") == "date-time":
        return Member(name, "moment")
    if kind == "object" and isinstance(described.get("additionalProperties"), dict):
        return Member(name, "table", items=member(name, described["additionalProperties"]))
    return Member(name, kind, form=form(described) if kind == "object" else {})
