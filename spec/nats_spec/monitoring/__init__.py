"""The HTTP endpoints of the monitoring port: an OpenAPI 3.1 document, and the one way to read it.

`document` is the whole, `document(release)` what one release answers: members that came
later are gone, those that are never left out are required. Schemas of streams and
consumers are JetStream's own (`schemas.py`). Serves MON-GEN-001 and every requirement
about members; chapter 90 makes its table of endpoints from `endpoints`.

Leaves out what a member means beyond its description, and which requests are refused
for a combination of parameters: that's the chapter's matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from nats_spec import schemas

#: Where the document refers to JetStream's definitions, and where these do to one another.
_OUTSIDE: Final = re.compile(r".*jetstream/definitions(?:\.json)?#/\$defs/(?P<name>\w+)")
_INSIDE: Final = "#/components/schemas/{}"
#: Later than any release.
NEWEST: Final = (999,)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path that is answered."""

    path: str
    operation: str
    summary: str
    parameters: tuple[str, ...]
    #: The statuses it may answer with.
    statuses: tuple[str, ...]
    #: The first release that has it; empty if all have.
    since: str


@cache
def source() -> dict[str, Any]:
    """The document as it is written, with references to the schemas of JetStream."""
    import yaml  # noqa: PLC0415 - few need it

    text = (files("nats_spec") / "monitoring" / "openapi.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(text, loader)  # noqa: S506 - a safe loader, and our file
    return found


@cache
def document(release: tuple[int, ...] | None = None) -> dict[str, Any]:
    """The document in one piece, of all releases or as one release answers."""
    bundled: dict[str, Any] = {}
    found = _rewritten(source(), bundled)
    pending = list(bundled)
    while pending:
        name = pending.pop()
        before = set(bundled)
        bundled[name] = _rewritten(schemas.definition(name), bundled)
        pending += bundled.keys() - before
    found["components"]["schemas"] |= bundled
    whole: dict[str, Any] = _as_of(found, release or NEWEST)
    return whole if release else found | {"paths": whole["paths"]}


def endpoints() -> tuple[Endpoint, ...]:
    """Every path, in the order of the document."""
    whole = source()
    return tuple(
        Endpoint(
            path=path,
            operation=described["get"]["operationId"],
            summary=described["get"]["summary"],
            parameters=tuple(dict.fromkeys(each["name"] for each in parameters(path))),
            statuses=tuple(described["get"]["responses"]),
            since=described["get"].get("x-since", ""),
        )
        for path, described in whole["paths"].items()
    )


def parameters(path: str) -> list[dict[str, Any]]:
    """The parameters of a path, those of former releases left out."""
    whole = source()
    found = whole["paths"][path]["get"].get("parameters", ())
    return [each for each in (_resolved(whole, one) for one in found) if "x-until" not in each]


def refusals(path: str) -> tuple[str, ...]:
    """Patterns of the texts with which `path` may refuse what is right parameter by parameter."""
    return tuple(source()["paths"][path]["get"].get("x-refusals", ()))


def members(schema: str, release: tuple[int, ...] | None = None) -> tuple[set[str], set[str]]:
    """The members of a schema that are always there, and all that may be."""
    described = document(release)["components"]["schemas"][schema]
    return set(described.get("required", ())), set(described["properties"])


def _resolved(whole: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """A parameter, or the one that it refers to."""
    if "$ref" not in described:
        return described
    found: dict[str, Any] = whole["components"]["parameters"][described["$ref"].rpartition("/")[2]]
    return found


def _rewritten(value: Any, bundled: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """The same, with references to JetStream's definitions pointing into the document."""
    if isinstance(value, list):
        return [_rewritten(each, bundled) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _rewritten(each, bundled) for name, each in value.items()}
    outside = _OUTSIDE.fullmatch(made["$ref"]) if isinstance(made.get("$ref"), str) else None
    if outside:
        bundled.setdefault(outside["name"], {})
        made["$ref"] = _INSIDE.format(outside["name"])
    return made


def _as_of(value: Any, release: tuple[int, ...]) -> Any:  # noqa: ANN401 - any JSON
    """The same without what came after `release`, and with what it never leaves out required."""
    if isinstance(value, list):
        kept = [each for each in value if not _later(each, release)]
        return [_as_of(each, release) for each in kept]
    if not isinstance(value, dict):
        return value
    made = {
        name: _as_of(each, release) for name, each in value.items() if not _later(each, release)
    }
    members_ = made.get("properties")
    if isinstance(members_, dict) and made.get("type") == "object":
        always = [
            name
            for name, each in members_.items()
            if isinstance(each, dict) and "x-always" in each and _at(each["x-always"]) <= release
        ]
        asked = [name for name in made.get("required", ()) if name in members_]
        if asked or always:
            made["required"] = [*asked, *always]
    return made


def _later(value: Any, release: tuple[int, ...]) -> bool:  # noqa: ANN401 - any JSON
    """Whether something, or the operation of a path, came after `release`, or went before."""
    if not isinstance(value, dict):
        return False
    operation = value.get("get", {})
    since = value.get("x-since") or (operation.get("x-since") if operation else None)
    until = value.get("x-until")
    gone = isinstance(until, str) and _at(until) <= release
    return gone or (isinstance(since, str) and _at(since) > release)


def _at(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
