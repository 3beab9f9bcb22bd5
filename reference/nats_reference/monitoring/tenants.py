"""/accountz and /accstatz: the accounts (MON-ACC-001 .. MON-ACC-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference import options as option_defaults
from nats_reference.monitoring import subsz
from nats_reference.monitoring.asking import Query, Refused
from nats_reference.monitoring.writing import stamp

if TYPE_CHECKING:
    from nats_reference.accounts import Account
    from nats_reference.connection import Connection
    from nats_reference.server import Server


def accountz(server: Server, query: Query) -> dict[str, Any]:
    """The names of all, or one in detail."""
    system = server.options.system_account or option_defaults.SYSTEM_ACCOUNT
    found: dict[str, Any] = {
        "server_id": server.id,
        "now": stamp(server.wall()),
        "system_account": system,
    }
    name = query.text("acc")
    if not name:
        return found | {"accounts": list(server.accounts)}
    if name not in server.accounts:
        raise Refused(f"Account {name} does not exist")
    return found | {"account_detail": detail(server, server.accounts[name])}


def detail(server: Server, account: Account) -> dict[str, Any]:
    """An account in detail (MON-ACC-002)."""
    streams = server.jetstream is not None and account.name in server.jetstream.accounts
    return {
        "account_name": account.name,
        "update_time": stamp(server.configured),
        **({"is_system": True} if account.system else {}),
        "expired": False,
        "complete": True,
        "jetstream_enabled": streams,
        "leafnode_connections": 0,
        "client_connections": len(members(server, account)),
        "subscriptions": account.interest.index.count,
        "name_tag": account.name,
        "sublist_stats": subsz.statistics([account]),
    }


def accstatz(server: Server, query: Query) -> dict[str, Any]:
    """The accounts that somebody is connected to, or all (MON-ACC-003)."""
    unused = query.flag("unused")
    return {
        "server_id": server.id,
        "now": stamp(server.wall()),
        "account_statz": [
            numbers(each, members(server, each))
            for each in server.accounts.values()
            if unused or members(server, each)
        ],
    }


def numbers(account: Account, here: list[Connection]) -> dict[str, Any]:
    """An account in numbers, connections that are gone included."""
    gone = account.gone
    return {
        "acc": account.name,
        "name": account.name,
        "conns": len(here),
        "leafnodes": 0,
        "total_conns": len(here),
        "num_subscriptions": account.interest.index.count,
        "sent": traffic(
            gone.out_msgs + sum(each.out_msgs for each in here),
            gone.out_bytes + sum(each.out_bytes for each in here),
        ),
        "received": traffic(
            gone.in_msgs + sum(each.in_msgs for each in here),
            gone.in_bytes + sum(each.in_bytes for each in here),
        ),
        "slow_consumers": account.slow_consumers,
    }


def traffic(msgs: int, size: int) -> dict[str, Any]:
    """Messages and bytes, all of them from clients or to them."""
    none = {"msgs": 0, "bytes": 0}
    return {"msgs": msgs, "bytes": size, "gateways": none, "routes": none, "leafs": none}


def members(server: Server, account: Account) -> list[Connection]:
    """Who is connected to it."""
    return [each for each in server.connections.values() if each.account is account]
