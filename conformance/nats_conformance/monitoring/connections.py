"""How cases find the connections that they made in /connz, among those of others (MON-CONNZ-010)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.expect import Mismatch
from nats_conformance.polling import until

if TYPE_CHECKING:
    from nats_conformance.connection import Connection
    from nats_conformance.fixture import Nats


def cid(connection: Connection) -> int:
    """The number under which the server shows it."""
    return int(connection.info["client_id"])


def entry(nats: Nats, number: int, query: str = "") -> dict[str, Any]:
    """The one connection with this number."""
    found: list[dict[str, Any]] = nats.monitor(f"/connz?cid={number}{query}")["connections"]
    if len(found) != 1:
        raise Mismatch(f"connection {number} is shown {len(found)} times", "once", str(found))
    return found[0]


def ended(nats: Nats, number: int, query: str = "") -> dict[str, Any]:
    """The connection with this number, once it is shown among those that have ended."""
    path = f"/connz?state=closed&cid={number}{query}"
    found = until(lambda: nats.monitor(path)["connections"], bool, nats.patience)
    only: dict[str, Any] = found[0]
    return only
