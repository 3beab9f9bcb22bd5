"""/connz: the connections that are open (CONN-014, INFO-005)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.monitoring.varz import since, stamp

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.server import Server

LIMIT = 1024


def connz(server: Server, now: float, query: dict[str, str]) -> dict[str, Any]:
    """The document; `subs=1` adds the subjects of each connection's subscriptions."""
    offset = max(0, int(query.get("offset", "0")))
    limit = int(query.get("limit", "0"))
    limit = limit if limit > 0 else LIMIT
    everyone = list(server.connections.values())
    if "cid" in query:
        everyone = [c for c in everyone if c.cid == int(query["cid"])]
    shown = everyone[offset : offset + limit]
    listed = query.get("subs", "0").lower() in {"1", "t", "true"}
    return {
        "server_id": server.id,
        "now": stamp(now),
        "num_connections": len(shown),
        "total": len(everyone),
        "offset": offset,
        "limit": limit,
        "connections": [one(connection, now, subjects=listed) for connection in shown],
    }


def one(connection: Connection, now: float, *, subjects: bool) -> dict[str, Any]:
    """One connection."""
    clock = connection.server.clock.now()
    said = connection.options
    found: dict[str, Any] = {
        "cid": connection.cid,
        "kind": "Client",
        "type": "nats",
        "ip": connection.host,
        "port": connection.port,
        "start": stamp(now - (clock - connection.started)),
        "last_activity": stamp(now - (clock - connection.last_heard)),
        "uptime": since(clock - connection.started),
        "idle": since(clock - connection.last_heard),
        "pending_bytes": connection.link.pending(),
        "in_msgs": connection.in_msgs,
        "out_msgs": connection.out_msgs,
        "in_bytes": connection.in_bytes,
        "out_bytes": connection.out_bytes,
        "subscriptions": len(connection.subscriptions),
    }
    for member in ("name", "lang", "version"):
        if value := getattr(said, member):
            found[member] = value
    if subjects:
        found["subscriptions_list"] = [
            s.subject.decode("utf-8", "replace") for s in connection.subscriptions.values()
        ]
    return found
