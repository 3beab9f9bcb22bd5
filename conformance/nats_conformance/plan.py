"""What a run is to do, as it travels from the command line to every worker."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from .engine import Settings
from .selection import Selection


@dataclass(frozen=True, slots=True)
class Aim:
    """One target of a run and what it announced."""

    name: str
    release: tuple[int, ...]
    #: Only these cases; all when None.
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Targets, selection and settings."""

    aims: tuple[Aim, ...]
    settings: Settings
    selection: Selection = field(default_factory=Selection)

    def to_text(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Plan:
        """The plan that `to_text` wrote."""
        data: dict[str, Any] = json.loads(text)
        aims = tuple(
            Aim(
                each["name"],
                tuple(each["release"]),
                None if each["only"] is None else tuple(each["only"]),
            )
            for each in data["aims"]
        )
        chosen = data["selection"]
        selection = Selection(
            tuple(chosen["select"]),
            tuple(chosen["deselect"]),
            chosen["level"],
            tuple(chosen["profiles"]),
        )
        return cls(aims, Settings(**data["settings"]), selection)
