"""Keeps what lets us into a server out of everything that is written or shown.

A target's own credentials are blotted out of its name and of each CONNECT that was
sent; what cases invent (`pw`) stays, since it is part of what they show.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from . import visible
from .transcript import CLIENT

if TYPE_CHECKING:
    from .results import CaseResult, TargetResult
    from .targets import Target

#: What stands instead.
BLOT: Final = "***"
#: The fields of CONNECT that nobody else may know.
_SECRET: Final = ("pass", "auth_token", "jwt", "sig", "nkey")


def redacted(result: TargetResult, target: Target) -> TargetResult:
    """The same result without the credentials of `target`."""
    secrets = [value for name, value in target.credentials.items() if name in _SECRET]
    if not secrets:
        return result
    cases = [_case(case, secrets) for case in result.cases]
    return dataclasses.replace(result, name=shown(target), cases=cases)


def shown(target: Target) -> str:
    """The name of the target as anybody may read it."""
    name = target.name
    for field, value in target.credentials.items():
        if field in _SECRET:
            for spelling in {value, quote(value, safe="")}:
                name = name.replace(f":{spelling}@", f":{BLOT}@").replace(
                    f"//{spelling}@", f"//{BLOT}@"
                )
    return name


def restored(data: bytes, target: Target) -> bytes:
    """What a client said, with the credentials of `target` in the place of what was blotted out."""
    for field, value in target.credentials.items():
        if field in _SECRET:
            blotted = re.compile(rf'("{field}"\s*:\s*)"{re.escape(BLOT)}"'.encode())
            # The replacement is a template: its backslashes stand for themselves if doubled.
            secret = json.dumps(value).encode().replace(b"\\", b"\\\\")
            data = blotted.sub(b"\\g<1>" + secret, data)
    return data


def _case(case: CaseResult, secrets: list[str]) -> CaseResult:
    entries = case.transcript.as_json()
    return dataclasses.replace(case, recorded=[_entry(entry, secrets) for entry in entries])


def _entry(entry: dict[str, Any], secrets: list[str]) -> dict[str, Any]:
    data = str(entry["data"])
    if entry["side"] != CLIENT or "connect" not in data.lower():
        return entry
    for secret in secrets:
        data = data.replace(visible.show(json.dumps(secret).encode()), json.dumps(BLOT))
    return {**entry, "data": data}
