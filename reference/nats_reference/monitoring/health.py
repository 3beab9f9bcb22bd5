"""/healthz: whether the server is well (MON-HEALTH-001 .. MON-HEALTH-006).

What a folder of the store holds and no stream came of is what can be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.account import Account
    from nats_reference.jetstream.service import JetStream
    from nats_reference.monitoring.asking import Query
    from nats_reference.server import Server

OK = 200
BAD_REQUEST = 400
NOT_FOUND = 404
UNAVAILABLE = 503
#: The status of answers that tell no details.
STATUSES = {BAD_REQUEST: "error", NOT_FOUND: "unavailable", UNAVAILABLE: "unavailable"}


@dataclass(frozen=True, slots=True)
class Illness:
    """Something that is wrong."""

    code: int
    type: str
    error: str
    account: str = ""
    stream: str = ""
    consumer: str = ""

    def as_json(self) -> dict[str, Any]:
        """As `details` shows it."""
        names = ("account", "stream", "consumer")
        named = {name: getattr(self, name) for name in names if getattr(self, name)}
        return {"type": self.type, **named, "error": self.error}


def healthz(server: Server, query: Query) -> tuple[int, dict[str, Any]]:
    """The status of the answer, and the document."""
    only = [query.flag(name) for name in ("js-enabled-only", "js-enabled")]
    server_only = query.flag("js-server-only")
    query.flag("js-meta-only")
    details = query.flag("details")
    account, stream, consumer = map(query.text, ("account", "stream", "consumer"))
    found = lacking(account, stream, consumer)
    service = server.jetstream
    if not found and service is not None and not server_only and not any(only):
        found = missing(service, account, stream, consumer) or unrecovered(service, account, stream)
    return shown(found, details=details)


def shown(found: list[Illness], *, details: bool) -> tuple[int, dict[str, Any]]:
    """What is wrong: all of it, or the first (MON-HEALTH-004)."""
    if not found:
        return OK, {"status": "ok"}
    code = found[0].code
    if details:
        return code, {"status": "error", "errors": [each.as_json() for each in found]}
    return code, {"status": STATUSES[code], "error": found[0].error}


def lacking(account: str, stream: str, consumer: str) -> list[Illness]:
    """A parameter that another wants (MON-HEALTH-003)."""
    if stream and not account:
        text = '"account" must not be empty when checking stream health'
    elif consumer and not stream:
        text = '"stream" must not be empty when checking consumer health'
    else:
        return []
    return [Illness(BAD_REQUEST, "BAD_REQUEST", text)]


def missing(service: JetStream, account: str, stream: str, consumer: str) -> list[Illness]:
    """What is named and isn't there (MON-HEALTH-003)."""
    if not account:
        return []
    owner = service.accounts.get(account)
    if owner is None:
        text = f'JetStream account "{account}" not found'
        return [Illness(NOT_FOUND, "ACCOUNT", text, account)]
    if stream and stream not in owner.streams and stream not in lost(owner):
        text = f'JetStream stream "{stream}" not found on account "{account}"'
        return [Illness(NOT_FOUND, "STREAM", text, account, stream)]
    if consumer and stream in owner.streams and consumer not in owner.groups[stream].by_name:
        text = f'JetStream consumer "{consumer}" not found for stream "{stream}"'
        text += f' on account "{account}"'
        return [Illness(NOT_FOUND, "CONSUMER", text, account, stream, consumer)]
    return []


def unrecovered(service: JetStream, account: str, stream: str) -> list[Illness]:
    """Streams that are in the store and can't be used (MON-HEALTH-005)."""
    return [
        Illness(
            UNAVAILABLE,
            "STREAM",
            f"JetStream stream '{name} > {each}' could not be recovered",
            name,
            each,
        )
        for name, owner in service.accounts.items()
        for each in lost(owner)
        if account in {"", name} and stream in {"", each}
    ]


def lost(owner: Account) -> Iterable[str]:
    """The names of folders of the account's store that no stream came of."""
    if not owner.directory.is_dir():
        return []
    return sorted(each.name for each in owner.directory.iterdir() if each.name not in owner.streams)
