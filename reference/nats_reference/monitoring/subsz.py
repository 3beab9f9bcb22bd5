"""/subsz: subscriptions, and the index of them in numbers (MON-SUBSZ-001 .. MON-SUBSZ-005).

Lookups that somebody remembers aren't counted, only those that the index had to make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.monitoring.asking import Query, Refused
from nats_reference.monitoring.writing import stamp
from nats_reference.routing.subscription import detail
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nats_reference.accounts import Account
    from nats_reference.server import Server


def subsz(server: Server, query: Query) -> dict[str, Any]:
    """The document."""
    listed = query.flag("subs")
    offset, limit = query.page()
    account, test = query.text("acc"), query.text("test")
    if test and not literal(test.encode()):
        raise Refused(f"invalid test subject, must be valid publish subject: {test}")
    chosen = [each for each in server.accounts.values() if account in {"", each.name}]
    found: dict[str, Any] = {"server_id": server.id, "now": stamp(server.wall())}
    found |= statistics(chosen)
    if not listed:
        return found | {"total": 0, "offset": offset, "limit": limit}
    matching = list(subscriptions(server, chosen, test))
    found |= {"total": len(matching), "offset": offset, "limit": limit}
    page = matching[offset : offset + limit]
    return found | ({"subscriptions_list": page} if page else {})


def subscriptions(
    server: Server, accounts: Iterable[Account], test: str
) -> Iterator[dict[str, Any]]:
    """The subscriptions of clients in these accounts that a message on `test` would reach."""
    chosen = set(accounts)
    for connection in server.connections.values():
        if connection.account in chosen:
            name = connection.account.name
            for each in connection.subscriptions.values():
                if not test or subjects.matches(each.subject, test.encode()):
                    who = {"account": name, "account_tag": name}
                    yield who | detail(each).as_json(connection.cid)


def literal(subject: bytes) -> bool:
    """Whether a message could be published on it, whatever characters it has."""
    return all(word not in {b"", subjects.ONE, subjects.REST} for word in subjects.tokens(subject))


def statistics(accounts: Iterable[Account]) -> dict[str, Any]:
    """The indexes of these accounts together."""
    interests = [each.interest for each in accounts]
    fanouts = [route.fanout for each in interests for route in each.routes.values()]
    inserts = sum(each.inserts for each in interests)
    count = sum(each.index.count for each in interests)
    return {
        "num_subscriptions": count,
        "num_cache": len(fanouts),
        "num_inserts": inserts,
        "num_removes": inserts - count,
        "num_matches": sum(each.searches for each in interests),
        "cache_hit_rate": 0,
        "max_fanout": max(fanouts, default=0),
        "avg_fanout": sum(fanouts) / len(fanouts) if fanouts else 0,
    }
