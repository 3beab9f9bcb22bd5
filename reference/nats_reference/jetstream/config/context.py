"""What a configuration is checked against: the server's limits, the other streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import acks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_reference.jetstream.config import StreamConfig


@dataclass(frozen=True, slots=True)
class Context:
    """Limits and neighbours."""

    #: The other streams of the account, by name.
    streams: Mapping[str, StreamConfig] = field(default_factory=dict)
    pedantic: bool = False
    #: Nanoseconds; 0 for no limit.
    max_duplicate_window: int = 0
    #: Whether the account wants max_bytes in every stream, and how large it may be; 0 for any.
    max_bytes_required: bool = False
    max_stream_bytes: int = 0

    @staticmethod
    def spoken(nanoseconds: int) -> str:
        """A duration in the words of texts."""
        return acks.spoken(nanoseconds)
