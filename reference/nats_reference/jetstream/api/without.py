"""What is answered where an account has no JetStream, the server's own among them.

JS-API-007, JS-API-031 .. JS-API-034. The server's own account may purge others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import advisories, domains
from nats_reference.jetstream.api import answers
from nats_reference.jetstream.api.dispatch import (
    ENDPOINTS,
    THEIRS,
    level_refused,
    parts,
    read_first,
    tell_news,
)
from nats_reference.jetstream.errors import ApiError
from nats_spec.recogniser import recogniser

if TYPE_CHECKING:
    from nats_reference.jetstream.api.dispatch import Endpoint
    from nats_reference.jetstream.outlet import Outlet
    from nats_reference.jetstream.service import JetStream
    from nats_reference.operations.pub import Message
    from nats_reference.routing.itself import Publisher

#: What a cluster's leader answers, and nobody else (JS-API-031).
SILENT: Final = (b"$JS.API.META.", b"$JS.API.SERVER.", b"$JS.API.ACCOUNT.")
PURGE: Final = b"$JS.API.ACCOUNT.PURGE."
#: The answer to what the server's own account asks in vain (JS-API-034).
SYSTEM: Final = "system_response"


def open_doors(service: JetStream, outlet: Outlet) -> None:
    """Have the API heard in an account without streams."""

    def api(publisher: Publisher, message: Message, payload: bytes) -> bool:
        if outlet.account.system:
            return take_system(service, outlet, message, payload)
        return take(outlet, publisher, message, payload)

    outlet.domain = service.domain
    outlet.hear(b"$JS.API.>", api)
    if outlet.domain:
        domains.open_door(outlet)


def take(outlet: Outlet, publisher: Publisher, message: Message, payload: bytes) -> bool:
    """A request in any other account; whether anybody is there to take it."""
    subject, reply = message[0], message[1]
    found = recogniser("jetstream", "request").match(subject)
    endpoint = ENDPOINTS.get(found[0]) if found else None
    if endpoint is None:
        return not subject.startswith(THEIRS)
    headers, body = parts(message, payload)
    answer = answers.refusal(endpoint.kind, why(endpoint, headers, body))
    if reply:
        outlet.publish(reply, None, None, answer)
    advisories.audit(outlet, publisher, subject, body, answer)
    return True


def why(endpoint: Endpoint, headers: bytes, body: bytes) -> ApiError:
    """What a request is refused for: two endpoints look at what is said before they look who says it."""
    if not endpoint.leveled:
        return ApiError(10010)
    try:
        read_first(endpoint.kind, body, strict=True)
    except ApiError as error:
        return error
    return ApiError(10185 if level_refused(headers) else 10039)


def take_system(service: JetStream, outlet: Outlet, message: Message, payload: bytes) -> bool:
    """A request in the server's own account."""
    subject, reply = message[0], message[1]
    headers, _ = parts(message, payload)
    if subject.startswith(PURGE):
        answer = purge(service, subject.removeprefix(PURGE), headers)
    elif subject.startswith(SILENT):
        return True
    else:
        info = subject == b"$JS.API.INFO"
        kind = ENDPOINTS["account_info"].kind if info else SYSTEM
        answer = answers.refusal(
            kind, ApiError(10185 if info and level_refused(headers) else 10039)
        )
    if reply:
        outlet.publish(reply, None, None, answer)
    return True


def purge(service: JetStream, name: bytes, headers: bytes) -> bytes:
    """ACCOUNT.PURGE: nothing stays of another account's streams (JS-API-033)."""
    kind = "account_purge_response"
    if level_refused(headers):
        return answers.refusal(kind, ApiError(10185))
    account = service.accounts.get(name.decode(errors="replace"))
    if account is not None:
        for stream in tuple(account.streams):
            account.delete(stream)
        tell_news(account)
    return answers.encode(kind, {"initiated": True})
