"""/jsz: JetStream, its accounts, streams and consumers (MON-JSZ-001 .. MON-JSZ-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference import info
from nats_reference.monitoring.asking import LIMIT, Query, Refused
from nats_reference.monitoring.writing import nanoseconds, stamp

if TYPE_CHECKING:
    from nats_reference.jetstream.account import Account
    from nats_reference.jetstream.service import JetStream
    from nats_reference.jetstream.stream import Stream
    from nats_reference.server import Server

#: What stands for no limit: -1, written without a sign.
ENDLESS = (1 << 64) - 1


def jsz(server: Server, query: Query) -> dict[str, Any]:
    """The document."""
    wanted = {name: query.flag(name) for name in ("accounts", "streams", "consumers")}
    shown = {name: query.flag(name) for name in ("direct-consumers", "config", "raft")}
    offset, limit = query.whole("offset"), query.whole("limit")
    leader_only = query.flag("leader-only")
    query.flag("stream-leader-only")
    found: dict[str, Any] = {"server_id": server.id, "now": stamp(server.wall())}
    service = server.jetstream
    if service is None:
        if leader_only:
            raise Refused("filtered response: not leader")
        return usage(None) | found | {"disabled": True, "config": NO_CONFIG, **NO_TOTALS}
    found |= {"config": config(service), "limits": {}}
    found |= totals(service, raft=shown["raft"])
    details = [
        account(each, streams=wanted["streams"] or wanted["consumers"], **wanted_of(wanted, shown))
        for each in chosen(service, query.text("acc"), offset, limit, some=any(wanted.values()))
    ]
    return usage(service) | found | ({"account_details": details} if details else {})


NO_CONFIG = {"max_memory": 0, "max_storage": 0}
NO_TOTALS = {"streams": 0, "consumers": 0, "messages": 0, "bytes": 0, "total": 0}


def wanted_of(wanted: dict[str, bool], shown: dict[str, bool]) -> dict[str, bool]:
    """What is to be shown of each stream."""
    direct = shown["direct-consumers"]
    return {"consumers": wanted["consumers"], "direct": direct, "configs": shown["config"]}


def chosen(service: JetStream, name: str, offset: int, limit: int, *, some: bool) -> list[Account]:
    """The accounts to be shown: the one that is named, else a page of all if any are (MON-JSZ-002)."""
    if name in service.accounts:
        return [service.accounts[name]]
    if not some:
        return []
    everyone = [service.accounts[each] for each in sorted(service.accounts)]
    first = max(offset, 0)
    return everyone if limit < 0 else everyone[first : first + (limit or LIMIT)]


def summary(server: Server) -> dict[str, Any]:
    """What /varz says of it; nothing if it is off."""
    service = server.jetstream
    if service is None:
        return {}
    return {"config": config(service), "stats": usage(service), "limits": {}}


def usage(service: JetStream | None) -> dict[str, Any]:
    """What is used and reserved of each kind of storage."""
    accounts = list(service.accounts.values()) if service else []
    return {
        "memory": service.used("memory") if service else 0,
        "storage": service.used("file") if service else 0,
        "reserved_memory": service.reserved("memory") if service else 0,
        "reserved_storage": service.reserved("file") if service else 0,
        "accounts": len(accounts),
        "ha_assets": 0,
        "api": {
            "level": info.API_LEVEL if service else 0,
            "total": sum(each.calls for each in accounts),
            "errors": sum(each.errors for each in accounts),
        },
    }


def config(service: JetStream) -> dict[str, Any]:
    """How it is configured."""
    from nats_reference.jetstream import settings  # noqa: PLC0415 - a server may do without streams

    options = service.options
    found: dict[str, Any] = {
        "max_memory": service.capacity["memory"],
        "max_storage": service.capacity["file"],
        "store_dir": str(settings.directory(options)),
    }
    if options.sync_interval:
        found["sync_interval"] = nanoseconds(options.sync_interval)
    else:
        found["sync_always"] = True
    if options.domain:
        found["domain"] = options.domain
    return found | ({"strict": True} if options.strict else {})


def totals(service: JetStream, *, raft: bool) -> dict[str, Any]:
    """How many there are of everything; alone, it leads them all."""
    accounts = service.accounts.values()
    streams = [stream for each in accounts for stream in each.streams.values()]
    states = [stream.state() for stream in streams]
    consumers = sum(each.groups[name].visible for each in accounts for name in each.streams)
    found = {"streams": len(streams), "consumers": consumers}
    if raft:
        leading = {"streams_leader": len(streams), "consumers_leader": consumers}
        found |= {name: count for name, count in leading.items() if count}
    return found | {
        "messages": sum(state.messages for state in states),
        "bytes": sum(state.bytes for state in states),
        "total": len(accounts),
    }


def account(
    each: Account, *, streams: bool, consumers: bool, direct: bool, configs: bool
) -> dict[str, Any]:
    """An account."""
    found: dict[str, Any] = {
        "name": each.account.name,
        "id": each.account.name,
        "memory": each.used("memory"),
        "storage": each.used("file"),
        "reserved_memory": each.limits.max_memory & ENDLESS,
        "reserved_storage": each.limits.max_storage & ENDLESS,
        "accounts": 0,
        "ha_assets": 0,
        "api": {"level": 0, "total": each.calls, "errors": each.errors},
    }
    details = [
        stream_detail(each, one, consumers=consumers, direct=direct, configs=configs)
        for one in (each.streams.values() if streams else ())
    ]
    return found | ({"stream_detail": details} if details else {})


def stream_detail(
    owner: Account, stream: Stream, *, consumers: bool, direct: bool, configs: bool
) -> dict[str, Any]:
    """A stream, as far as it is asked for."""
    from nats_reference.jetstream.api import answers  # noqa: PLC0415 - as above
    from nats_reference.jetstream.config import metadata  # noqa: PLC0415 - as above

    told = answers.stream_members(owner, stream, domain=False)
    found = {"name": stream.config.name, "created": told["created"], "cluster": told["cluster"]}
    if configs:
        kept = {metadata.REQUIRED: str(metadata.required_level(stream.config))}
        found["config"] = told["config"] | {"metadata": {**stream.config.metadata, **kept}}
    found["state"] = told["state"]
    if consumers:
        found |= consumers_of(owner, stream, direct=direct, configs=configs)
    return found | {name: told[name] for name in ("mirror", "sources") if name in told}


def consumers_of(owner: Account, stream: Stream, *, direct: bool, configs: bool) -> dict[str, Any]:
    """The consumers of a stream, and those of mirrors and sources apart from them."""
    from nats_reference.jetstream.consumer import information  # noqa: PLC0415 - as above

    found: dict[str, list[dict[str, Any]]] = {}
    for each in owner.groups[stream.config.name].by_name.values():
        if each.config.direct and not direct:
            continue
        told = information.info(each)
        if not configs:
            del told["config"]
        kind = "direct_consumer_detail" if each.config.direct else "consumer_detail"
        found.setdefault(kind, []).append(told)
    return found
