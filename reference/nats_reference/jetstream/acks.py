"""What a publisher is told: JS-PUB-001, JS-PUB-002, JS-PUB-017."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.jetstream.errors import ApiError

_COMPACT = (",", ":")


def opening(stream: str, domain: str) -> bytes:
    """How each acknowledgement of a stream begins."""
    named = f',"domain":{json.dumps(domain)}' if domain else ""
    return f'{{"stream":{json.dumps(stream)}{named},"seq":'.encode()


def stored(opening: bytes, seq: int) -> bytes:
    """The message is stored."""
    return b"%b%d}" % (opening, seq)


def duplicate(opening: bytes, seq: int) -> bytes:
    """A message of this id was stored before."""
    return b'%b%d,"duplicate": true}' % (opening, seq)


def refusal(error: ApiError, stream: str) -> bytes:
    """The message is not stored."""
    answer = {"error": error.as_json(), "stream": stream, "seq": 0}
    return json.dumps(answer, separators=_COMPACT, ensure_ascii=False).encode()
