"""INFO: what the account uses and may use (JS-API-024 .. JS-API-026, JS-LIM-030)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference import info

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request


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
        "limits": account.limits.as_json(),
    }
    if account.domain:
        found["domain"] = account.domain
    found["api"] = {"level": info.API_LEVEL, "total": account.calls, "errors": account.errors}
    return found
