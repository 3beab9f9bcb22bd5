"""/varz: the server in numbers, and its configuration (MON-VARZ-001 .. MON-VARZ-006).

Also LIM-001, LIM-013, PING-006, INFO-002.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from nats_reference import info
from nats_reference import options as option_defaults
from nats_reference.monitoring import jsz
from nats_reference.monitoring.writing import nanoseconds, since, stamp

if TYPE_CHECKING:
    from nats_reference.monitoring.asking import Query
    from nats_reference.server import Server

#: What nats-server can switch on and off, and how it is unless configured.
FEATURES = {
    "js_ack_fc_v2": False,
    "js_api_reply_v2": False,
    "js_raft_delete_range": True,
    "js_snapshot_sources": False,
}
#: What of other kinds there is: nothing, so nothing is configured.
NOTHING = ("cluster", "gateway", "leaf", "mqtt", "websocket")
TRAFFIC = ("in_msgs", "in_bytes", "out_msgs", "out_bytes")


def varz(server: Server, _query: Query, requests: dict[str, int]) -> dict[str, Any]:
    """The document."""
    return (
        identity(server) | configuration(server) | counters(server) | statistics(server, requests)
    )


def identity(server: Server) -> dict[str, Any]:
    """Who it is and where."""
    host, port = info.advertised(server)
    found: dict[str, Any] = {
        "server_id": server.id,
        "server_name": server.name,
        "version": option_defaults.VERSION,
        "proto": info.PROTO,
        "git_commit": info.GIT_COMMIT,
        "go": server.runtime,
        "host": host,
        "port": port,
    }
    if server.options.authorization.required:
        found["auth_required"] = True
    return found


def configuration(server: Server) -> dict[str, Any]:
    """What was configured (MON-VARZ-001)."""
    options = server.options
    found: dict[str, Any] = {"max_connections": options.max_connections}
    if options.max_subscriptions:
        found["max_subscriptions"] = options.max_subscriptions
    if options.server_tags:
        found["tags"] = list(options.server_tags)
    if options.server_metadata:
        found["metadata"] = dict(options.server_metadata)
    return found | {
        "ping_interval": nanoseconds(options.ping_interval),
        "ping_max": options.ping_max,
        "http_host": options.http_host or options.host,
        "http_port": options.http_port,
        "http_base_path": options.http_base_path,
        "https_port": 0,
        "auth_timeout": options.auth_timeout,
        "max_control_line": options.max_control_line,
        "max_payload": options.max_payload,
        "max_pending": options.max_pending,
        **{name: {} for name in NOTHING},
        "jetstream": jsz.summary(server),
        "tls_timeout": option_defaults.TLS_TIMEOUT,
        "write_deadline": nanoseconds(options.write_deadline),
    }


def counters(server: Server) -> dict[str, Any]:
    """What is, and what has happened (MON-VARZ-002, MON-VARZ-003)."""
    live = server.connections.values()
    counted = server.counters
    up = server.clock.now() - server.started
    totals = {
        name: getattr(counted, name) + sum(getattr(c, name) for c in live) for name in TRAFFIC
    }
    clients = {name.replace("_", "_client_"): count for name, count in totals.items()}
    return {
        "start": stamp(server.wall(server.started)),
        "now": stamp(server.wall()),
        "uptime": since(up),
        "mem": memory(),
        "cores": os.cpu_count() or 1,
        "gomaxprocs": 1,
        "cpu": round(100 * time.process_time() / up, 1) if up > 0 else 0,
        "connections": len(server.connections),
        "total_connections": counted.total_connections,
        "routes": 0,
        "remotes": 0,
        "leafnodes": 0,
        **totals,
        **clients,
        "slow_consumers": counted.slow_consumers,
        "stale_connections": counted.stale_connections,
        "stalled_clients": counted.stalled,
        "subscriptions": sum(each.interest.index.count for each in server.accounts.values()),
    }


def statistics(server: Server, requests: dict[str, int]) -> dict[str, Any]:
    """The rest: requests, the configuration as it was read, counts by kind."""
    options = server.options
    return {
        "http_req_stats": dict(requests),
        "config_load_time": stamp(server.configured),
        "config_digest": options.config_digest,
        "feature_flags": FEATURES | dict.fromkeys(options.feature_flags, True),
        "system_account": options.system_account or option_defaults.SYSTEM_ACCOUNT,
        "slow_consumer_stats": by_kind(server.counters.slow_consumers),
        "stale_connection_stats": by_kind(server.counters.stale_connections),
        "disk_io_wait_stats": {"waiters": 0, "waits": 0, "wait_time": 0, "max_wait_time": 0},
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
