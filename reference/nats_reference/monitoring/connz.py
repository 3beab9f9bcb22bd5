"""/connz: the connections that are open, or have ended (MON-CONNZ-001 .. MON-CONNZ-015).

Also CONN-014, INFO-005, LIM-009, LIM-010. Their order is ordering.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.connection import Connection
from nats_reference.monitoring import ordering
from nats_reference.monitoring.asking import Query, Refused
from nats_reference.monitoring.writing import duration, since, stamp
from nats_reference.routing.subscription import detail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_reference.routing.subscription import Detail
    from nats_reference.server import Gone, Server

#: What `state` may be: whether it shows connections that are open, and that have ended.
STATES = {
    "": (True, False),
    "open": (True, False),
    "closed": (False, True),
    "any": (True, True),
    "all": (True, True),
}
GLOBAL = "$G"


def connz(server: Server, query: Query) -> dict[str, Any]:
    """The document."""
    order = query.text("sort") or ordering.DEFAULT
    auth = query.flag("auth")
    listed, detailed = query.subscriptions()
    offset, limit = query.page()
    cid = query.natural("cid")
    here, gone = states(query.text("state"))
    ordering.check(order, only_gone=gone and not here)
    account, user = query.text("acc"), query.text("user")
    everyone: list[Connection | Gone] = [
        *(server.connections.values() if here else ()),
        *(server.gone if gone else ()),
    ]
    if account:
        everyone = [each for each in everyone if account_of(each) == account]
    total = len(everyone)
    found = [each for each in everyone if wanted(each, cid, user, query.text("mqtt_client"))]
    limit = 1 if cid else limit
    shown = ordering.ordered(found, order)[offset : offset + limit]
    return {
        "server_id": server.id,
        "now": stamp(server.wall()),
        "num_connections": len(shown),
        "total": total,
        "offset": offset,
        "limit": limit,
        "connections": [
            described(server, each)
            | (authorised(each) if auth else {})
            | subscribed(each, listed=listed, detailed=detailed)
            for each in shown
        ],
    }


def states(text: str) -> tuple[bool, bool]:
    """Whether connections are shown that are open, and that have ended (MON-CONNZ-005)."""
    if text.lower() not in STATES:
        raise Refused(f"Error decoding state for {text}")
    return STATES[text.lower()]


def wanted(each: Connection | Gone, cid: int, user: str, mqtt_client: str) -> bool:
    """Whether a connection is one of those that are asked for (MON-CONNZ-010, MON-CONNZ-011)."""
    return not mqtt_client and cid in {0, each.cid} and user in {"", each.user}


def account_of(each: Connection | Gone) -> str:
    """The name of its account."""
    return each.account.name


def described(server: Server, each: Connection | Gone) -> dict[str, Any]:
    """A connection, whatever is asked for."""
    if isinstance(each, Connection):
        return common(server, each) | {
            "uptime": since(server.clock.now() - each.started),
            "idle": since(server.clock.now() - each.last_heard),
            "pending_bytes": each.link.pending(),
        }
    return common(server, each) | ended(server, each)


def ended(server: Server, gone: Gone) -> dict[str, Any]:
    """What is to be said of a connection that has ended (MON-CONNZ-006)."""
    return {
        "stop": stamp(server.wall(gone.stopped)),
        "reason": gone.reason,
        "uptime": since(gone.stopped - gone.started),
        "idle": since(gone.stopped - gone.last_heard),
        "pending_bytes": 0,
    }


def common(server: Server, each: Connection | Gone) -> dict[str, Any]:
    """What is known of any connection (MON-CONNZ-002)."""
    found: dict[str, Any] = {
        "cid": each.cid,
        "kind": "Client",
        "type": "nats",
        "ip": each.host,
        "port": each.port,
        "start": stamp(server.wall(each.started)),
        "last_activity": stamp(server.wall(each.last_heard)),
        "rtt": duration(each.rtt),
        "in_msgs": each.in_msgs,
        "out_msgs": each.out_msgs,
        "in_bytes": each.in_bytes,
        "out_bytes": each.out_bytes,
        "subscriptions": len(each.subscriptions),
    }
    for member in ("name", "lang", "version"):
        if value := getattr(each.options, member):
            found[member] = value
    return found


def authorised(each: Connection | Gone) -> dict[str, Any]:
    """Who it is (MON-CONNZ-003, MON-CONNZ-015)."""
    found = {"authorized_user": each.user} if each.user else {}
    if each.account.name != GLOBAL:
        found["account"] = each.account.name
    return found | {"name_tag": each.account.name}


def subscribed(each: Connection | Gone, *, listed: bool, detailed: bool) -> dict[str, Any]:
    """Its subscriptions, as far as they are asked for (MON-CONNZ-004)."""
    held = details(each)
    if detailed and held:
        return {"subscriptions_list_detail": [one.as_json(each.cid) for one in held]}
    if listed and held:
        return {"subscriptions_list": [one.subject for one in held]}
    return {}


def details(each: Connection | Gone) -> Sequence[Detail]:
    """Its subscriptions, or those that it had at its end."""
    if isinstance(each, Connection):
        return [detail(one) for one in each.subscriptions.values()]
    return each.subscriptions
