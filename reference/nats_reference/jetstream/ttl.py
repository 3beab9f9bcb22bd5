"""How long a message says it wants to live (JS-TTL-001, JS-TTL-002)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

#: What a message says that never expires.
NEVER: Final = -1

_UNITS: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART: Final = r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)"
_DURATION: Final = re.compile(rf"(?:{_PART})+", re.ASCII)
_SECONDS: Final = re.compile(r"\+?\d+", re.ASCII)


def seconds(value: bytes) -> int | None:
    """Whole seconds, or NEVER; None if `value` is no time to live."""
    text = value.decode(errors="replace")
    if text.lower() == "never":
        return NEVER
    if _SECONDS.fullmatch(text):
        whole = int(text)
    elif _DURATION.fullmatch(text.removeprefix("+")):
        parts = re.findall(_PART, text, re.ASCII)
        whole = int(sum(Decimal(number) * _UNITS[unit] for number, unit in parts) // 10**9)
    else:
        return None
    return whole if whole >= 1 else None
