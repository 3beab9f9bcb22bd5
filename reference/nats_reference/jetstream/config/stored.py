"""A configuration as a stream keeps it: JSON, with all its members."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any, Final

from nats_reference.jetstream.config import Republish, StreamConfig, SubjectTransform

#: What a store keeps it under.
KEY: Final = "config"


def encode(config: StreamConfig) -> bytes:
    """The configuration as bytes."""
    return json.dumps(asdict(config), separators=(",", ":")).encode()


def decode(data: bytes) -> StreamConfig:
    """The configuration that `encode` made `data` of.

    Raises:
        ValueError: it is none.
        TypeError: a member is missing.
    """
    members: dict[str, Any] = json.loads(data)
    known = {field.name for field in fields(StreamConfig)}
    values = {name: value for name, value in members.items() if name in known}
    for name in ("subjects", "sources"):
        values[name] = tuple(values[name] or ()) if name in values else ()
    if values.get("subject_transform"):
        values["subject_transform"] = SubjectTransform(**values["subject_transform"])
    if values.get("republish"):
        values["republish"] = Republish(**values["republish"])
    return StreamConfig(**values)
