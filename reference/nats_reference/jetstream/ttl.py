"""How long a message says it wants to live (JS-TTL-001, JS-TTL-002, JS-TTL-005)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import fields

if TYPE_CHECKING:
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.publication import Publication

FIELD: Final = b"Nats-TTL"
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
_SECONDS: Final = re.compile(r"0*\d{1,19}", re.ASCII)
#: More than 63 bits is no number.
_MOST: Final = 1 << 63


def seconds(value: bytes) -> int | None:
    """Whole seconds, or NEVER; None if `value` is no time to live."""
    text = value.decode(errors="replace").strip(" ")
    if text.lower() == "never":
        return NEVER
    if _SECONDS.fullmatch(text):
        amount = whole = int(text.lstrip("0") or "0")
    elif _DURATION.fullmatch(text.removeprefix("+")):
        parts = re.findall(_PART, text, re.ASCII)
        amount = int(sum(Decimal(number) * _UNITS[unit] for number, unit in parts))
        whole = amount // 10**9
    else:
        return None
    return whole if whole >= 1 and amount < _MOST else None


def counts(config: StreamConfig, lifetime: int) -> bool:
    """Whether a message of another stream lives as long as it says there (JS-TTL-012)."""
    return config.allow_msg_ttl or lifetime == NEVER


def take_effect(config: StreamConfig, publication: Publication, lifetime: int) -> None:
    """Have a message live as long as it says, and at least as long as a marker (JS-TTL-005)."""
    least = floor(config)
    if 0 < lifetime < least:
        publication.headers = rewritten(publication.headers or b"", least)
        lifetime = least
    publication.ttl = lifetime


def floor(config: StreamConfig) -> int:
    """The least that a message may live: as long as a marker, if readers need both (JS-TTL-005)."""
    return config.subject_delete_marker_ttl // 10**9 if config.max_msgs_per_subject != 1 else 0


def rewritten(block: bytes, ttl: int) -> bytes:
    """The header block with another time to live."""
    rest = fields.without(block, FIELD)
    return rest.removesuffix(fields.END) + b"%b: %d\r\n\r\n" % (FIELD, ttl)
