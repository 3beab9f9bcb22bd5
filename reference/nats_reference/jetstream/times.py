"""Moments as JetStream's JSON spells them: RFC 3339 with nanoseconds, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

#: The moment that stands for none.
ZERO: Final = "0001-01-01T00:00:00Z"
NANOSECONDS: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def rfc3339(nanoseconds: int) -> str:
    """The text of a moment in nanoseconds since 1970, without needless zeros."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    whole = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{whole}{fraction}Z"


def nanoseconds(text: str) -> int:
    """The moment that `text` spells, in nanoseconds since 1970.

    Raises:
        ValueError: it is none.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"parsing time {text!r} as RFC 3339: cannot parse it")
    day, time, fraction, zone = found.groups()
    moment = datetime.strptime(f"{day}T{time}", "%Y-%m-%dT%H:%M:%S").replace(tzinfo=_zone(zone))
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    return seconds * NANOSECONDS + int((fraction or "").ljust(9, "0")[:9])


def canonical(text: str) -> str:
    """The same moment in the same zone, without needless zeros.

    Raises:
        ValueError: `text` spells none.
    """
    nanoseconds(text)
    found = _TEXT.fullmatch(text)
    assert found is not None  # noqa: S101 - or it would have no nanoseconds
    day, time, fraction, zone = found.groups()
    fraction = (fraction or "")[:9].rstrip("0")
    zone = "Z" if zone in {"+00:00", "-00:00"} else zone
    return f"{day}T{time}{'.' if fraction else ''}{fraction}{zone}"


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = map(int, text[1:].split(":"))
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
