"""/varz: the server in numbers (LIM-001, LIM-013, PING-006, INFO-002)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nats_reference import info
from nats_reference import options as option_defaults

if TYPE_CHECKING:
    from nats_reference.server import Server

NANOSECONDS = 1_000_000_000


def stamp(moment: float) -> str:
    """A time of day as Go writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def since(seconds: float) -> str:
    """A span of time as nats-server writes it: `1y2d3h4m5s` without the empty parts in front."""
    rest = int(seconds)
    parts: list[str] = []
    for unit, size in (("y", 31536000), ("d", 86400), ("h", 3600), ("m", 60)):
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count}{unit}")
    return "".join([*parts, f"{rest}s"])


def nanoseconds(seconds: float) -> int:
    """Seconds as Go's durations count them."""
    return round(seconds * NANOSECONDS)


def varz(server: Server, now: float, requests: dict[str, int]) -> dict[str, Any]:
    """The document."""
    options, counters = server.options, server.counters
    live = server.connections.values()
    host, port = info.advertised(server)
    up = server.clock.now() - server.started
    totals = {
        name: getattr(counters, name) + sum(getattr(c, name) for c in live)
        for name in ("in_msgs", "in_bytes", "out_msgs", "out_bytes")
    }
    return {
        "server_id": server.id,
        "server_name": server.name,
        "version": option_defaults.VERSION,
        "proto": info.PROTO,
        "git_commit": info.GIT_COMMIT,
        "go": server.runtime,
        "host": host,
        "port": port,
        **({"auth_required": True} if options.authorization.required else {}),
        "max_connections": options.max_connections,
        **({"max_subscriptions": options.max_subscriptions} if options.max_subscriptions else {}),
        "ping_interval": nanoseconds(options.ping_interval),
        "ping_max": options.ping_max,
        "http_host": options.http_host or options.host,
        "http_port": server.http_port,
        "http_base_path": "",
        "https_port": 0,
        "auth_timeout": options.auth_timeout,
        "max_control_line": options.max_control_line,
        "max_payload": options.max_payload,
        "max_pending": options.max_pending,
        "cluster": {},
        "gateway": {},
        "leaf": {},
        "mqtt": {},
        "websocket": {},
        "jetstream": {},
        "tls_timeout": option_defaults.TLS_TIMEOUT,
        "write_deadline": nanoseconds(options.write_deadline),
        "start": stamp(now - up),
        "now": stamp(now),
        "uptime": since(up),
        "mem": memory(),
        "cores": os.cpu_count() or 1,
        "connections": len(server.connections),
        "total_connections": counters.total_connections,
        "routes": 0,
        "remotes": 0,
        "leafnodes": 0,
        **totals,
        "slow_consumers": counters.slow_consumers,
        "stale_connections": counters.stale_connections,
        "stalled_clients": counters.stalled,
        "subscriptions": sum(each.interest.index.count for each in server.accounts.values()),
        "http_req_stats": dict(requests),
        "slow_consumer_stats": by_kind(counters.slow_consumers),
        "stale_connection_stats": by_kind(counters.stale_connections),
    }


def by_kind(clients: int) -> dict[str, int]:
    """A count for each kind of connection; there are only clients here."""
    return {"clients": clients, "routes": 0, "gateways": 0, "leafs": 0}


def memory() -> int:
    """Bytes in use, where the system tells."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
