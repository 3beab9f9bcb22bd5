"""MUSTs of which no fault can be made, with reason and date; keep it short."""

from __future__ import annotations

from typing import Final

#: Requirement -> why a deliberate deviation makes no sense, and when that was decided.
UNBREAKABLE: Final[dict[str, str]] = {}
