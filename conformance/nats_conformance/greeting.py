"""Holds every INFO of every case against its schema (INFO-002).

A server sends much the same INFO to each of its clients, so one that differs from
a fitting one in nothing but client_id is taken as read. Leaves out what the
members mean: that's the matter of the cases of chapter 20.
"""

from __future__ import annotations

import json
import re
from typing import Final

from nats_spec import schemas

from . import visible
from .expect import Mismatch

_CLIENT_ID: Final = re.compile(rb'"client_id": ?[1-9][0-9]*(?=[,}])')
_FITTING: Final[set[bytes]] = set()


def check(text: bytes) -> None:
    """Whether the JSON of an INFO fits its schema.

    Raises:
        Mismatch: it does not, or is no JSON.
    """
    shape = _CLIENT_ID.sub(b"", text)
    if shape in _FITTING:
        return
    try:
        faults = schemas.validate("info", json.loads(text))
    except ValueError as error:
        faults = [f"no JSON: {error}"]
    if faults:
        raise Mismatch(
            f"an INFO doesn't fit its schema: {'; '.join(faults)}",
            "an INFO as the schema has it",
            visible.line(text),
        )
    _FITTING.add(shape)
