"""The tables of chapter 90, made from the OpenAPI document: endpoints, and their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_spec import monitoring

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The schemas of parameters that have a name: what the table says instead.
KINDS = {
    "Flag": "flag",
    "Whole": "number",
    "Natural": "number, no sign",
    "LiteralSubject": "subject",
}


def endpoints() -> str:
    """The Markdown of the table of endpoints."""
    rows = [
        (f"`{each.path}`", each.summary, _codes(each.parameters), ", ".join(each.statuses))
        for each in monitoring.endpoints()
    ]
    return _table(("path", "what it tells", "parameters", "statuses"), rows)


def parameters() -> str:
    """The Markdown of the table of parameters."""
    rows = [
        (
            f"`{each.path}`",
            f"`{one['name']}`",
            _kind(one["schema"]),
            one["description"] + (f" Since {one['x-since']}." if "x-since" in one else ""),
        )
        for each in monitoring.endpoints()
        for one in monitoring.parameters(each.path)
    ]
    return _table(("path", "parameter", "value", "meaning"), rows)


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return "flag, or `detail`"
    if "$ref" in schema:
        return KINDS[schema["$ref"].rpartition("/")[2]]
    words = [str(each) for each in (*schema.get("enum", ()), *schema.get("examples", ())) if each]
    default = f"; `{schema['default']}` unless given" if "default" in schema else ""
    return _codes(words) + default if words else "text"


def _codes(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{each}`" for each in words)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)
