"""A page for each JSON Schema: its members as a table, and the JSON itself to take away."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from links import linked

from nats_spec import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = ("member", "type", "required", "default", "since", "description")


def names() -> tuple[str, ...]:
    """Every schema, as `nats_spec.schemas.schema` takes it."""
    return ("info", "connect", *schemas.names("jetstream"))


def pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown of each schema's page; the first is their list."""
    yield "schema/index.md", "All schemas", _index()
    for name in names():
        yield f"schema/{short(name)}.md", _title(name), _page(name)


def short(name: str) -> str:
    """The name without its folder."""
    return name.rpartition("/")[2]


def raw() -> Iterator[tuple[str, str]]:
    """The schemas as they are, for programs: path on the site, and content."""
    for name in names():
        content = (files("nats_spec") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
        yield f"schema/json/{short(name)}.json", content


def _index() -> str:
    parts = [
        "# All schemas",
        (
            "What INFO, CONNECT and every message of JetStream hold, as JSON Schema 2020-12. Each answer of "
            "each server that is graded is checked against them."
        ),
        "| schema | what it describes |\n|---|---|",
    ]
    rows = [
        f"| [{_title(name)}]({short(name)}.md) | {_cell(schemas.schema(name)['description'])} |"
        for name in names()
    ]
    return "\n\n".join(parts) + "\n" + "\n".join(rows) + "\n"


def _title(name: str) -> str:
    return {"info": "INFO", "connect": "CONNECT"}.get(name, short(name))


def _page(name: str) -> str:
    whole = schemas.schema(name)
    extra = (
        "Other members may come, and must be ignored."
        if whole.get("additionalProperties", True)
        else "There are no other members."
    )
    parts = [
        "---\nhide: [toc]\n---",
        f"# {_title(name)}",
        f"{whole['description']} {extra if 'properties' in whole else ''}",
        f"[The JSON Schema](json/{short(name)}.json)",
    ]
    if "$defs" in whole:
        for each, described in whole["$defs"].items():
            parts += [f"## {each} {{ #{each} }}", described["description"], *_tables(described)]
    else:
        parts += _tables(whole, "##")
    return linked("\n\n".join(parts), folder="../spec/") + "\n"


def _tables(described: dict[str, Any], level: str = "###") -> list[str]:
    """The members of an object, and those of the objects in it that have no name of their own."""
    if "properties" not in described:
        return []
    required = described.get("required", [])
    rows = [_HEAD, ("---",) * len(_HEAD)]
    inner: list[str] = []
    for name, member in described["properties"].items():
        default = f"`{json.dumps(member['default'])}`" if "default" in member else ""
        about = _cell(" ".join(filter(None, (member.get("description", ""), _limits(member)))))
        needed = "yes" if name in required else ""
        rows.append(
            (f"`{name}`", _type(member), needed, default, str(member.get("x-since", "")), about)
        )
        nested = member.get("items", member)
        if "properties" in nested:
            inner += [f"{level} {name}", *_tables(nested, f"{level}#")]
    return ["\n".join(f"| {' | '.join(row)} |" for row in rows), *inner]


def _type(member: dict[str, Any]) -> str:
    if reference := str(member.get("$ref", "")):
        name = reference.rpartition("/")[2]
        return f"[{name}](definitions.md#{name})"
    if "const" in member:
        return f"`{json.dumps(member['const'])}`"
    types = member.get("type", "any")
    shown = " or ".join(types) if isinstance(types, list) else str(types)
    if "items" in member:
        return f"{shown} of {_type(member['items'])}"
    extra = member.get("additionalProperties")
    return f"{shown} of {_type(extra)}" if isinstance(extra, dict) else shown


def _limits(member: dict[str, Any]) -> str:
    if "enum" in member:
        return "One of " + ", ".join(f"`{json.dumps(each)}`" for each in member["enum"]) + "."
    said = {"minimum": "At least", "maximum": "At most", "format": "Format"}
    return " ".join(f"{word} {member[key]}." for key, word in said.items() if key in member)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
