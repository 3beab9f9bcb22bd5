"""Snapshots, which the reference doesn't make: what is refused before, as nats-server refuses it (JS-API-018)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from nats_reference.jetstream.config import reading
from nats_reference.jetstream.errors import ApiError
from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request

#: What stands in for a snapshot.
NONE = "not supported by the reference"


def snapshot(request: Request) -> NoReturn:
    """STREAM.SNAPSHOT.

    Raises:
        ApiError: always.
    """
    request.something()
    request.account.stream(request.names[0])
    asked = request.members("stream_snapshot_request")
    if not subjects.valid_literal(asked.get("deliver_subject", "").encode()):
        raise ApiError(10015)
    raise ApiError(10064, err=NONE)


def restore(request: Request) -> NoReturn:
    """STREAM.RESTORE.

    Raises:
        ApiError: always.
    """
    asked: dict[str, Any] = request.required("stream_restore_request")
    config = reading.from_json(asked.get("config") or {})
    config = replace(config, name=config.name or request.names[0])
    if config.name != request.names[0]:
        raise ApiError(10056)
    request.account.check(config, pedantic=False)
    if request.names[0] in request.account.streams:
        raise ApiError(10130)
    raise ApiError(10062, err=NONE)
