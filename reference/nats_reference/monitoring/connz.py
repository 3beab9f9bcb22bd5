"""/connz: the connections that are open, or have ended (CONN-014, INFO-005, LIM-009, LIM-010)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.connection import Connection
from nats_reference.monitoring.varz import since, stamp

if TYPE_CHECKING:
    from nats_reference.server import Gone, Server

LIMIT = 1024
#: What `state` may be: whether it shows connections that are open, and that have ended.
STATES = {"open": (True, False), "closed": (False, True), "all": (True, True)}


def connz(server: Server, now: float, query: dict[str, str]) -> dict[str, Any]:
    """The document; `subs=1` adds the subjects of each connection's subscriptions."""
    offset = max(0, int(query.get("offset", "0")))
    limit = int(query.get("limit", "0"))
    limit = limit if limit > 0 else LIMIT
    state = query.get("state", "open").lower()
    if state not in STATES:
        raise ValueError(f"unknown state: {state}")
    here, gone = STATES[state]
    everyone: list[Connection | Gone] = [
        *(server.connections.values() if here else ()),
        *(server.gone if gone else ()),
    ]
    if "cid" in query:
        cid = int(query["cid"])
        everyone = [c for c in everyone if c.cid == cid]
    shown = everyone[offset : offset + limit]
    listed = query.get("subs", "0").lower() in {"1", "t", "true"}
    clock = server.clock.now()
    return {
        "server_id": server.id,
        "now": stamp(now),
        "num_connections": len(shown),
        "total": len(everyone),
        "offset": offset,
        "limit": limit,
        "connections": [
            connected(each, now, clock, subjects=listed)
            if isinstance(each, Connection)
            else ended(each, now, clock)
            for each in shown
        ],
    }


def connected(
    connection: Connection, now: float, clock: float, *, subjects: bool
) -> dict[str, Any]:
    """A connection that is open."""
    found = common(connection, now, clock) | {
        "uptime": since(clock - connection.started),
        "idle": since(clock - connection.last_heard),
        "pending_bytes": connection.link.pending(),
        "subscriptions": len(connection.subscriptions),
    }
    if subjects:
        found["subscriptions_list"] = [
            s.subject.decode("utf-8", "replace") for s in connection.subscriptions.values()
        ]
    return found


def ended(gone: Gone, now: float, clock: float) -> dict[str, Any]:
    """A connection that has ended, and why."""
    return common(gone, now, clock) | {
        "stop": stamp(now - (clock - gone.stopped)),
        "reason": gone.reason,
        "uptime": since(gone.stopped - gone.started),
        "idle": since(gone.stopped - gone.last_heard),
        "pending_bytes": 0,
        "subscriptions": 0,
    }


def common(each: Connection | Gone, now: float, clock: float) -> dict[str, Any]:
    """What is known of any connection."""
    found: dict[str, Any] = {
        "cid": each.cid,
        "kind": "Client",
        "type": "nats",
        "ip": each.host,
        "port": each.port,
        "start": stamp(now - (clock - each.started)),
        "last_activity": stamp(now - (clock - each.last_heard)),
        "in_msgs": each.in_msgs,
        "out_msgs": each.out_msgs,
        "in_bytes": each.in_bytes,
        "out_bytes": each.out_bytes,
    }
    for member in ("name", "lang", "version"):
        if value := getattr(each.options, member):
            found[member] = value
    return found
