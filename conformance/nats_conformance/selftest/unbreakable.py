"""MUSTs of which no fault can be made, with reason and date; keep it short."""

from __future__ import annotations

from typing import Final

_ACCOUNTS: Final = "needs a second account, which the reference doesn't have; 2026-11-25"

#: Requirement -> why a deliberate deviation makes no sense, and when that was decided.
UNBREAKABLE: Final[dict[str, str]] = {
    "JS-API-007": _ACCOUNTS,
    "JS-API-033": _ACCOUNTS,
    "JS-API-034": _ACCOUNTS,
}
