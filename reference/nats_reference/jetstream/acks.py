"""What a publisher is told: JS-PUB-001, JS-PUB-002."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.jetstream.stream import Stream


def opening(stream: Stream) -> bytes:
    """How each of this stream's acknowledgements begins."""
    domain = stream.host.domain
    named = f'"domain":{json.dumps(domain)}, ' if domain else ""
    return f'{{"stream":{json.dumps(stream.config.name)}, {named}"seq":'.encode()
