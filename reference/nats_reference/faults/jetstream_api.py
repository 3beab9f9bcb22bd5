"""Faults of chapter 100: who is answered, how, and in which order things are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nats_reference.jetstream.account import Account
    from nats_reference.jetstream.api.request import Request
    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.publishing import Round
    from nats_reference.operations.pub import Message
    from nats_reference.routing.itself import Publisher

API = "nats_reference.jetstream.api"
DISPATCH = f"{API}.dispatch"
ANSWERS = f"{API}.answers"
DIRECT = "nats_reference.jetstream.direct"
SEND_NO_RESPONDERS = "nats_reference.operations.pub:send_no_responders"

Answer = dict[str, Any]


def endpoint(patch: Patch, name: str, change: Callable[[Request, Answer], Answer]) -> None:
    """Change the members of one endpoint's successful answers."""
    path = f"{DISPATCH}:ENDPOINTS"
    endpoints = dict(patch.original(path))
    original = endpoints[name].handler
    endpoints[name] = endpoints[name]._replace(
        handler=lambda request: change(request, original(request))
    )
    patch.attribute(path, endpoints)


def heard(patch: Patch, takes: Callable[[bytes, Account, bytes | None], bool | None]) -> None:
    """Let `takes(subject, account, reply)` decide first whether somebody is there for a request."""
    original = patch.original(f"{DISPATCH}:take")

    def take(account: Account, publisher: Publisher, message: Message, payload: bytes) -> bool:
        decided = takes(message[0], account, message[1])
        if decided is not None:
            return decided
        taken: bool = original(account, publisher, message, payload)
        return taken

    patch.attribute(f"{DISPATCH}:take", take)


# ---- Requests and answers -------------------------------------------------------------


@fault("JS-API-001", "a request without a reply subject is not carried out")
def nobody_asks(patch: Patch) -> None:
    """Nobody would know."""
    heard(patch, lambda _subject, _account, reply: None if reply else True)


@fault("JS-API-002", "errors do not say which kind of answer they are")
def no_type(patch: Patch) -> None:
    """They are errors, after all."""
    encode = patch.original(f"{ANSWERS}:encode")
    refusal = patch.original(f"{ANSWERS}:refusal")

    def bare(kind: str, error: ApiError) -> bytes:
        whole: bytes = refusal(kind, error)
        head: bytes = encode(kind, {})[:-1] + b","
        return b"{" + whole.removeprefix(head)

    patch.attribute(f"{ANSWERS}:refusal", bare)


@fault("JS-API-002/first", "the type comes last")
def type_last(patch: Patch) -> None:
    """JSON knows no order."""
    spell = patch.original(f"{API}.spelling:spell")

    def turned(kind: str, members: Answer) -> bytes:
        answer: bytes = spell({**members, "type": f"io.nats.jetstream.api.v1.{kind}"})
        return answer

    patch.attribute(f"{ANSWERS}:encode", turned)


@fault("JS-API-003", "success is told beside an error, as false")
def no_success(patch: Patch) -> None:
    """As a client might hope."""
    path = f"{ANSWERS}:BESIDE_ERRORS"
    beside = patch.original(path)
    kinds = ("stream_purge_response", "stream_delete_response", "stream_msg_delete_response")
    patch.attribute(path, beside | {k: beside.get(k, {}) | {"success": False} for k in kinds})


@fault("JS-API-004", "every failure is of the kind 400")
def one_kind(patch: Patch) -> None:
    """It is always the client's fault."""
    as_json = patch.original("nats_reference.jetstream.errors:ApiError.as_json")
    patch.attribute(
        "nats_reference.jetstream.errors:ApiError.as_json",
        lambda error: as_json(error) | {"code": 400},
    )


@fault("JS-API-005", "what no endpoint has gets a 503")
def no_responders(patch: Patch) -> None:
    """As for any subject."""
    match = patch.original(f"{DISPATCH}:recogniser")("jetstream", "request").match
    heard(patch, lambda subject, _account, _reply: None if match(subject) else False)


@fault("JS-API-006", "a server without JetStream leaves its API unanswered")
def silence(patch: Patch) -> None:
    """Clients run into their timeouts."""
    send = patch.original(SEND_NO_RESPONDERS)

    def quiet(connection: Any, subject: bytes, reply: bytes) -> None:  # noqa: ANN401 - a connection
        if not subject.startswith(b"$JS.API."):
            send(connection, subject, reply)

    patch.attribute(SEND_NO_RESPONDERS, quiet)


@fault("JS-API-008", "whether the stream exists is looked at before what the request says of it")
def stream_first(patch: Patch) -> None:
    """A contradiction is told only where there is something to contradict."""
    path = f"{DISPATCH}:ENDPOINTS"
    endpoints = dict(patch.original(path))
    purge = endpoints["stream_purge"].handler

    def purged(request: Request) -> Answer:
        request.account.stream(request.names[0])
        found: Answer = purge(request)
        return found

    endpoints["stream_purge"] = endpoints["stream_purge"]._replace(handler=purged)
    patch.attribute(path, endpoints)


@fault("JS-API-009", "no request requires a level")
def any_level(patch: Patch) -> None:
    """The field is not read."""
    patch.attribute(f"{DISPATCH}:level_refused", lambda _headers: False)


@fault("JS-API-009/number", "a level that is no number requires nothing")
def numbers_only(patch: Patch) -> None:
    """It can't be compared."""
    refused = patch.original(f"{DISPATCH}:level_refused")
    patch.attribute(
        f"{DISPATCH}:level_refused",
        lambda headers: refused(headers) and not headers.rstrip().endswith((b"x", b"new")),
    )


@fault("JS-API-010", "a direct get requires no level")
def any_level_directly(patch: Patch) -> None:
    """It is not of the API."""
    take = patch.original(f"{DIRECT}:take")

    def lax(
        account: Account, tokens: Sequence[bytes], reply: bytes, body: bytes, *, refused: bool
    ) -> bool:
        del refused
        taken: bool = take(account, tokens, reply, body, refused=False)
        return taken

    patch.attribute(f"{DIRECT}:take", lax)


@fault("JS-API-011", "a message that requires a level is refused")
def level_of_messages(patch: Patch) -> None:
    """As a request would be."""
    path = "nats_reference.jetstream.preconditions:expected_stream"
    expected_stream = patch.original(path)

    def strict(round_: Round, publication: Publication) -> None:
        if b"Nats-Required-Api-Level" in publication.fields:
            raise ApiError(10185)
        expected_stream(round_, publication)

    patch.attribute(path, strict)


# ---- Domains, and what a single server does not do -----------------------------------


@fault("JS-API-028", "the API is not heard under the server's domain")
def no_alias(patch: Patch) -> None:
    """Only under its own name."""
    open_doors = patch.original(f"{DISPATCH}:open_doors")

    def closed(account: Account) -> None:
        domain, account.domain = account.domain, ""
        open_doors(account)
        account.domain = domain

    patch.attribute(f"{DISPATCH}:open_doors", closed)


@fault("JS-API-028/told", "STREAM.INFO does not tell the domain")
def no_domain(patch: Patch) -> None:
    """It is in INFO."""
    endpoint(
        patch,
        "stream_info",
        lambda _request, found: {key: found[key] for key in found if key != "domain"},
    )


@fault("JS-API-044", "the API is heard under any domain")
def every_domain(patch: Patch) -> None:
    """Whoever asks gets an answer."""
    open_doors = patch.original(f"{DISPATCH}:open_doors")

    def opened(account: Account) -> None:
        open_doors(account)
        account.hear(b"$JS.OTHER.API.>", lambda *_message: True)

    patch.attribute(f"{DISPATCH}:open_doors", opened)


@fault("JS-API-030", "what only clusters do is refused as an unknown stream")
def unknown_stream(patch: Patch) -> None:
    """One that doesn't lead."""

    def refuse(_request: Request) -> Answer:
        raise ApiError(10059)

    path = f"{DISPATCH}:ENDPOINTS"
    endpoints = dict(patch.original(path))
    for name in ("stream_leader_stepdown", "stream_remove_peer", "consumer_leader_stepdown"):
        endpoints[name] = endpoints[name]._replace(handler=refuse)
    patch.attribute(path, endpoints)


@fault("JS-API-045", "the endpoints of 2.15 are not there")
def older(patch: Patch) -> None:
    """As before."""
    path = f"{DISPATCH}:ENDPOINTS"
    endpoints = dict(patch.original(path))
    del endpoints["stream_evacuate_peer"], endpoints["stream_cancel_move"]
    patch.attribute(path, endpoints)


@fault("JS-API-031", "requests about the cluster get a 503")
def no_cluster(patch: Patch) -> None:
    """There is none, after all."""
    words = (b"$JS.API.META.", b"$JS.API.SERVER.", b"$JS.API.ACCOUNT.STREAM.")
    heard(patch, lambda subject, _account, _reply: False if subject.startswith(words) else None)


@fault("JS-API-032", "ACCOUNT.PURGE deletes streams, whoever says it")
def purged_by_anybody(patch: Patch) -> None:
    """As 2.10 does."""

    def purge(subject: bytes, account: Account, _reply: bytes | None) -> bool | None:
        if not subject.startswith(b"$JS.API.ACCOUNT.PURGE."):
            return None
        for name in list(account.streams):
            account.delete(name)
        return True

    heard(patch, purge)
