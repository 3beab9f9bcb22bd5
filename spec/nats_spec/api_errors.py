"""The errors of JetStream: every err_code that a single server can answer with.

Reads the `[[api]]` tables of `errors.toml`. JS-API-003, JS-API-004. An err_code is for
good; its text is free, and may hold values. Leaves out when a server refuses
what: the chapters and the reference say that.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Final

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class ApiErrorEntry:
    """One way in which JetStream refuses."""

    #: Which failure it is; never reused.
    err_code: int
    #: What kind of failure it is, as HTTP has it.
    code: int
    #: The text that nats-server 2.15 gives, with placeholders.
    text: str
    #: What brings it about.
    trigger: str
    #: The server release from which on it exists.
    since: str
    #: The requirement that says so.
    requirement: str

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """What varies in the text, in order."""
        return tuple(_PLACEHOLDER.findall(self.text))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a description must match as a whole."""
        escaped = re.sub(r"\\\{[a-z_]+\\\}", ".*", re.escape(self.text))
        return re.compile(escaped, re.DOTALL)

    def describe(self, **values: object) -> str:
        """The text with these values in it.

        Raises:
            KeyError: a value is missing.
        """
        return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), self.text)

    def as_json(self, **values: object) -> dict[str, int | str]:
        """The `error` member of an answer (JS-API-003)."""
        description = self.describe(**values)
        return {"code": self.code, "err_code": self.err_code, "description": description}


@cache
def entries() -> dict[int, ApiErrorEntry]:
    """Every entry, by err_code."""
    text = (files("nats_spec") / "errors.toml").read_text(encoding="utf-8")
    found = [ApiErrorEntry(**entry) for entry in tomllib.loads(text)["api"]]
    return {entry.err_code: entry for entry in found}


def api_error(err_code: int) -> ApiErrorEntry:
    """The entry of this number.

    Raises:
        KeyError: there is none.
    """
    return entries()[err_code]


def markdown() -> str:
    """The table of all of them."""
    rows = [["err_code", "code", "text", "when", "since", "see"], ["---"] * 6]
    for each in entries().values():
        cells = [str(each.err_code), str(each.code), f"`{each.text}`", each.trigger]
        rows.append([*cells, each.since, each.requirement])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
