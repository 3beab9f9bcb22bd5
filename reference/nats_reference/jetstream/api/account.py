"""INFO: what the account uses and may use (JS-API-024 .. JS-API-026, JS-LIM-030)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference import info

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request

#: There is one account, and nothing limits it but the machine.
LIMITS: dict[str, Any] = {
    "max_memory": -1,
    "max_storage": -1,
    "max_streams": -1,
    "max_consumers": -1,
    "max_ack_pending": -1,
    "memory_max_stream_bytes": -1,
    "storage_max_stream_bytes": -1,
    "max_bytes_required": False,
}


def account_info(request: Request) -> dict[str, Any]:
    """The account's figures."""
    account = request.account
    for stream in account.streams.values():
        stream.drain()
    found: dict[str, Any] = {
        "memory": account.used("memory"),
        "storage": account.used("file"),
        "reserved_memory": account.reserved("memory"),
        "reserved_storage": account.reserved("file"),
        "streams": len(account.streams),
        "consumers": sum(map(account.consumers_of, account.streams.values())),
        "limits": LIMITS,
    }
    if account.domain:
        found["domain"] = account.domain
    found["api"] = {"level": info.API_LEVEL, "total": account.calls, "errors": account.errors}
    return found
