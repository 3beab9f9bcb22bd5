"""What only a cluster can do (JS-API-030, JS-CAPI-030)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request


def refuse(_request: Request) -> NoReturn:
    """A single server can't.

    Raises:
        ApiError: always.
    """
    raise ApiError(10010)
