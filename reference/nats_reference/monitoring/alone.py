"""/routez, /gatewayz, /leafz, /raftz: there is no other server (MON-ROUTE-001 .. MON-LEAF-001, MON-MISC-001)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.monitoring.writing import stamp

if TYPE_CHECKING:
    from nats_reference.monitoring.asking import Query
    from nats_reference.server import Server

NO_RAFT = "No Raft nodes registered"


def routez(server: Server, query: Query) -> dict[str, Any]:
    """No routes."""
    query.subscriptions()
    names = {"server_id": server.id, "server_name": server.name}
    return names | {"now": stamp(server.wall()), "num_routes": 0, "routes": []}


def gatewayz(server: Server, query: Query) -> dict[str, Any]:
    """No gateways."""
    query.subscriptions()
    query.flag("accs")
    found = {"server_id": server.id, "now": stamp(server.wall())}
    return found | {"outbound_gateways": {}, "inbound_gateways": {}}


def leafz(server: Server, query: Query) -> dict[str, Any]:
    """No leaf nodes."""
    query.flag("subs")
    return {"server_id": server.id, "now": stamp(server.wall()), "leafnodes": 0, "leafs": []}
