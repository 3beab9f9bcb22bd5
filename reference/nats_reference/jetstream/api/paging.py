"""Lists in parts (JS-API-019, JS-API-020, JS-CAPI-026 .. JS-CAPI-028)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Item = TypeVar("Item")

#: Names, and whole descriptions, in one answer.
NAMES = 1024
LISTED = 256


def page(items: Sequence[Item], offset: int, limit: int) -> tuple[dict[str, Any], Sequence[Item]]:
    """What an answer says of its part, and the part."""
    offset = min(max(offset, 0), len(items))
    said = {"total": len(items), "offset": offset, "limit": limit}
    return said, items[offset : offset + limit]
