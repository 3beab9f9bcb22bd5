"""Faults of chapter 100: pages, the account's figures, and what is told on $JS.EVENT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.jetstream_api import ANSWERS, API, DISPATCH, endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nats_reference.connection import Connection
    from nats_reference.jetstream.api.request import Request
    from nats_reference.jetstream.limits import AccountLimits
    from nats_reference.jetstream.outlet import Outlet
    from nats_reference.jetstream.stream import Stream

PAGING = f"{API}.paging"
STREAMS = f"{API}.streams"
ADVISORIES = "nats_reference.jetstream.advisories"
CAPTURING = "nats_reference.jetstream.config.capturing"

Answer = dict[str, Any]


# ---- Pages ---------------------------------------------------------------------------


@fault("JS-API-019", "a page of STREAM.LIST holds as much as one of STREAM.NAMES")
def long_pages(patch: Patch) -> None:
    """Who wants to ask five times?"""
    patch.attribute(f"{PAGING}:LISTED", 1024)


@fault("JS-API-019/names", "a page of STREAM.NAMES holds as little as one of STREAM.LIST")
def short_pages(patch: Patch) -> None:
    """Pages are pages."""
    patch.attribute(f"{PAGING}:NAMES", 256)


@fault("JS-API-019/order", "names are sorted like words")
def words(patch: Patch) -> None:
    """Capitals don't come first."""
    chosen = patch.original(f"{STREAMS}:chosen")

    def sorted_(request: Request, kind: str) -> tuple[list[str], int]:
        found, offset = chosen(request, kind)
        return sorted(found, key=lambda name: (name.lower(), name)), offset

    patch.attribute(f"{STREAMS}:chosen", sorted_)


def paged(patch: Patch, begin: Callable[[int, int], int]) -> None:
    """Let `begin(offset, total)` say where a page begins."""

    def page(items: Sequence[str], offset: int, limit: int) -> tuple[Answer, Sequence[str]]:
        offset = begin(offset, len(items))
        part = items[offset : offset + limit] if offset >= 0 else items[offset:]
        return {"total": len(items), "offset": offset, "limit": limit}, part

    patch.attribute(f"{PAGING}:page", page)


@fault("JS-API-020", "an offset beyond the end is told as it came")
def far_away(patch: Patch) -> None:
    """The client knows what it asked for."""
    paged(patch, lambda offset, _total: max(offset, 0))


@fault("JS-API-039", "a negative offset counts from the end")
def backwards(patch: Patch) -> None:
    """As in Python."""
    paged(patch, min)


@fault("JS-API-021", "a page without names is an empty list")
def no_null(patch: Patch) -> None:
    """What else?"""
    endpoint(
        patch,
        "stream_names",
        lambda _request, found: found | {"streams": found["streams"] or []},
    )


@fault("JS-API-022", "a subject picks the streams that have it, letter by letter")
def literally(patch: Patch) -> None:
    """Wildcards are letters."""
    patch.attribute(
        f"{ANSWERS}:captures", lambda stream, pattern: pattern in stream.config.subjects
    )


@fault("JS-API-022/none", "streams without subjects are picked by all")
def picked_by_all(patch: Patch) -> None:
    """Anything may come into them."""
    captures = patch.original(f"{ANSWERS}:captures")

    def lax(stream: Stream, pattern: str) -> bool:
        return not stream.config.subjects or captures(stream, pattern)

    patch.attribute(f"{ANSWERS}:captures", lax)


# ---- The account -----------------------------------------------------------------------


@fault("JS-API-024", "what files use is told as memory")
def mixed_up(patch: Patch) -> None:
    """And the other way round."""
    endpoint(
        patch,
        "account_info",
        lambda _request, found: found | {"memory": found["storage"], "storage": found["memory"]},
    )


@fault("JS-API-043", "the level is not told")
def no_level(patch: Patch) -> None:
    """It is in INFO of the protocol."""

    def without(_request: Request, found: Answer) -> Answer:
        return found | {"api": {"total": found["api"]["total"], "errors": found["api"]["errors"]}}

    endpoint(patch, "account_info", without)


@fault("JS-API-025", "successes only are counted")
def successes(patch: Patch) -> None:
    """Failures count as failures."""

    def fewer(_request: Request, found: Answer) -> Answer:
        api = found["api"]
        return found | {"api": api | {"total": api["total"] - api["errors"]}}

    endpoint(patch, "account_info", fewer)


@fault("JS-API-025/reads", "reading a message counts")
def reads_count(patch: Patch) -> None:
    """It is a request, too."""

    def counted(request: Request, found: Answer) -> Answer:
        request.account.calls += 1
        return found

    endpoint(patch, "stream_msg_get", counted)


@fault("JS-API-026", "a limit that is none is 0")
def zero(patch: Patch) -> None:
    """It reads like nothing allowed."""
    path = "nats_reference.jetstream.limits:AccountLimits.as_json"
    limits = patch.original(path)

    def none(own: AccountLimits) -> Answer:
        return {name: 0 if limit == -1 else limit for name, limit in limits(own).items()}

    patch.attribute(path, none)


# ---- Advisories -------------------------------------------------------------------------


@fault("JS-API-036", "reading a message is told")
def reads_are_told(patch: Patch) -> None:
    """Who watches wants to see all."""
    path = f"{DISPATCH}:ENDPOINTS"
    endpoints = dict(patch.original(path))
    endpoints["stream_msg_get"] = endpoints["stream_msg_get"]._replace(audited=True)
    patch.attribute(path, endpoints)


@fault("JS-API-036/errors", "failures are not told")
def failures_are_private(patch: Patch) -> None:
    """Nothing has happened."""
    audit = patch.original(f"{ADVISORIES}:audit")

    def successes_only(*told: Any) -> None:  # noqa: ANN401 - as audit has them
        if b'"error":' not in told[-1]:
            audit(*told)

    patch.attribute(f"{ADVISORIES}:audit", successes_only)


@fault("JS-EVENT-001", "advisories have no id")
def no_id(patch: Patch) -> None:
    """It is the same in all."""
    patch.attribute(f"{ADVISORIES}:LETTERS", "0")


@fault("JS-EVENT-002", "an update is told as update")
def updated(patch: Patch) -> None:
    """The word that everybody would expect."""
    encode = patch.original(f"{ADVISORIES}:encode")

    def expected(outlet: Outlet, type_: str, members: Answer) -> bytes:
        found: bytes = encode(outlet, type_, members)
        return found.replace(b'"action":"modify"', b'"action":"update"')

    patch.attribute(f"{ADVISORIES}:encode", expected)


@fault("JS-EVENT-003", "the request is not told")
def no_request(patch: Patch) -> None:
    """The response says enough."""
    audit = patch.original(f"{ADVISORIES}:audit")

    def shorter(
        outlet: Outlet, client: Connection, subject: bytes, _request: bytes, answer: bytes
    ) -> None:
        audit(outlet, client, subject, b"", answer)

    patch.attribute(f"{ADVISORIES}:audit", shorter)


@fault("JS-EVENT-008", "advisories belong to the server, and no stream may have them")
def kept_apart(patch: Patch) -> None:
    """Like the rest of $JS."""
    path = f"{CAPTURING}:RESERVED"
    patch.attribute(
        path, tuple((space, b"$JS.none", owner) for space, _, owner in patch.original(path))
    )
