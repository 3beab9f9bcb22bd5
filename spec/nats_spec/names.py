"""What a stream or a consumer may be called (JS-STREAM-002, JS-STREAM-003, JS-CFG-046).

The language is in jetstream.lark. Leaves out how long a name may be.
"""

from __future__ import annotations

from nats_spec.recogniser import recogniser


def valid(name: str) -> bool:
    """Whether a stream or consumer can have this name."""
    return recogniser("jetstream", "name").match(name.encode("utf-8", "replace")) is not None
