"""How answers spell moments and spans of time, and themselves (MON-GEN-009, MON-VARZ-005)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

NANOSECONDS = 1_000_000_000
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
#: Spaces for each level of most answers, and of those about the inside of the server.
INDENT = 2
INSIDE_INDENT = 3


def stamp(moment: float) -> str:
    """A time of day as Go writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def since(seconds: float) -> str:
    """A span of time as nats-server writes it: `1y2d3h4m5s` without the empty parts in front."""
    rest = int(seconds)
    parts: list[str] = []
    for unit, size in (("y", 31536000), ("d", 86400), ("h", 3600), ("m", 60)):
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count}{unit}")
    return "".join([*parts, f"{rest}s"])


def duration(seconds: float) -> str:
    """A short span of time as Go writes it: `916µs`, `1.5ms`, `2.25s`."""
    if seconds >= 60:
        return since(seconds)
    count = nanoseconds(max(seconds, 0))
    for unit, size in (("s", NANOSECONDS), ("ms", 1_000_000)):
        if count >= size:
            return f"{count / size:.9f}".rstrip("0").rstrip(".") + unit
    return f"{count // 1000}µs" if count >= 1000 else f"{count}ns" if count else "0s"


def nanoseconds(seconds: float) -> int:
    """Seconds as Go's durations count them."""
    return round(seconds * NANOSECONDS)


def document(found: dict[str, Any], indent: int | None = INDENT) -> bytes:
    """The bytes of a JSON answer."""
    compact = (",", ":") if indent is None else None
    return json.dumps(found, indent=indent, separators=compact).encode()
