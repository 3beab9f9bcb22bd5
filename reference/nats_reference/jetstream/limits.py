"""What an account may have, and what the server has for all of them.

JS-API-026, JS-CFG-008, JS-LIM-028 .. JS-LIM-030. A reservation counts, not what is used.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_reference.jetstream.config import StreamConfig

UNLIMITED: Final = -1
STORAGES: Final = ("memory", "file")
#: The error of a reservation that is too large, by the kind of storage.
NO_ROOM: Final[Mapping[str, int]] = {"memory": 10028, "file": 10047}


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """The limits of one account, in the order in which INFO shows them."""

    max_memory: int = UNLIMITED
    max_storage: int = UNLIMITED
    max_streams: int = UNLIMITED
    max_consumers: int = UNLIMITED
    max_ack_pending: int = UNLIMITED
    memory_max_stream_bytes: int = UNLIMITED
    storage_max_stream_bytes: int = UNLIMITED
    max_bytes_required: bool = False

    def as_json(self) -> dict[str, Any]:
        """What INFO shows."""
        return asdict(self)

    def of_storage(self, storage: str) -> int:
        """Bytes that all streams of one kind of storage may reserve."""
        return self.max_memory if storage == "memory" else self.max_storage

    def of_stream(self, storage: str) -> int:
        """Bytes that one stream may have."""
        memory = storage == "memory"
        return self.memory_max_stream_bytes if memory else self.storage_max_stream_bytes


def reservation(config: StreamConfig) -> int:
    """Bytes that a stream reserves (JS-LIM-030)."""
    return max(config.max_bytes, 0)


def check_streams(limits: AccountLimits, others: int) -> None:
    """Refuse one stream too many.

    Raises:
        ApiError: there are `others` already (10027).
    """
    if 0 < limits.max_streams <= others:
        raise ApiError(10027)


def check_consumers(limits: AccountLimits, config: StreamConfig) -> None:
    """Refuse a stream that asks for more consumers than its account may have.

    Raises:
        ApiError: it does (10026).
    """
    if 0 < limits.max_consumers < config.max_consumers:
        raise ApiError(10026)


def check_reservation(config: StreamConfig, before: int, limit: int) -> None:
    """Refuse a reservation that doesn't fit beside what is reserved `before`; without storage there is none.

    Raises:
        ApiError: it does not (10028, 10047).
    """
    wanted = config.max_bytes if config.max_bytes >= 0 else 1
    if config.storage and limit >= 0 and before + wanted > limit:
        raise ApiError(NO_ROOM[config.storage])
