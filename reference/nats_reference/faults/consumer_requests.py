"""Faults of chapter 120: requests about consumers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.configured import refused_if
from nats_reference.faults.tables import Change, register, renumber, wrap

CONSUMER = "nats_reference.jetstream.consumer"
API = "nats_reference.jetstream.api"
CONFIG, CREATING = f"{CONSUMER}.config", f"{CONSUMER}.creating"
ENDPOINTS, UPDATES = f"{API}.consumers", f"{CONSUMER}.updates"

#: Requirements that a refusal with the wrong number breaks.
REFUSALS: tuple[tuple[str, int], ...] = (
    ("JS-CAPI-004", 10020),
    ("JS-CAPI-007", 10017),
    ("JS-CAPI-008", 10131),
    ("JS-CAPI-009", 10137),
    ("JS-CAPI-011", 10018),
    ("JS-CAPI-013", 10056),
    ("JS-CAPI-014", 10059),
    ("JS-CAPI-015", 10025),
    ("JS-CAPI-016", 10025),
    ("JS-CAPI-017", 10148),
    ("JS-CAPI-018", 10149),
    ("JS-CAPI-021", 10185),
    ("JS-CAPI-022", 10038),
    ("JS-CAPI-023", 10014),
    ("JS-CAPI-024", 10014),
    ("JS-CAPI-029", 10025),
    ("JS-CAPI-030", 10010),
    ("JS-CAPI-035", 10090),
    ("JS-RET-001", 10098),
    ("JS-RET-002", 10099),
)

renumber(REFUSALS)

CHANGES: tuple[Change, ...] = (
    ("JS-CAPI-003", "names that the server makes have nine characters", f"{CREATING}:LENGTH", 9),
    ("JS-CAPI-026", "names come in hundreds", f"{API}.paging:NAMES", 100),
    ("JS-CAPI-027", "consumers come in tens", f"{API}.paging:LISTED", 10),
    ("JS-CAPI-041", "a list tells the server's version", f"{CONSUMER}.information:DYNAMIC", ()),
    ("JS-CAPI-040", "the level comes first", f"{API}.dispatch:read_first", lambda *_what, **_how: None),
)  # fmt: skip

register(CHANGES)


@fault("JS-CAPI-001", "answers about consumers name no kind")
def untyped(patch: Patch) -> None:
    """But another one."""
    wrap(
        patch,
        f"{API}.answers:encode",
        lambda encode, kind, members: encode(kind.replace("consumer_", "consumers_"), members),
    )


@fault("JS-CAPI-002", "a request to create a consumer has no action")
def inactive(patch: Patch) -> None:
    """It is a member that nobody knows."""

    def read(original: Any, request: Any) -> Any:  # noqa: ANN401 - handed on
        from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - a fault is seldom installed

        found = original(request)
        if found.get("action"):
            raise ApiError(10025, err='json: unknown field "action"')
        return found

    wrap(patch, f"{ENDPOINTS}:read", read)


@fault("JS-CAPI-006", "the name in the configuration counts")
def other_name(patch: Patch) -> None:
    """Not the one in the subject."""

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401 - handed on
        import json  # noqa: PLC0415 - a fault is seldom installed

        try:
            name = json.loads(request.body)["config"].get("name")
        except (ValueError, KeyError, AttributeError, TypeError):
            name = None
        if name:
            request = replace(request, names=(request.names[0], name))
        return original(request)

    from nats_reference.jetstream.api import dispatch  # noqa: PLC0415 - a fault is seldom installed

    original = patch.original(f"{ENDPOINTS}:create")
    endpoints = dict(dispatch.ENDPOINTS)
    endpoints["consumer_create"] = endpoints["consumer_create"]._replace(
        handler=lambda request: create(original, request)
    )
    patch.attribute(f"{API}.dispatch:ENDPOINTS", endpoints)


@fault("JS-CAPI-010", "a filter must be in the subject, too")
def filter_in_subject(patch: Patch) -> None:
    """Or the consumer is refused."""
    refused_if(patch, lambda config: config.name and config.filter_subject)


@fault("JS-CAPI-012", "the older form takes any number of names")
def any_number(patch: Patch) -> None:
    """And answers."""
    patch.grammar(
        "jetstream",
        '"CONSUMER.DURABLE.CREATE." NAME "." NAME           -> consumer_create_durable',
        '"CONSUMER.DURABLE.CREATE." NAME "." TAIL           -> consumer_create_durable',
    )


@fault("JS-CAPI-019", "without an action a consumer can't be changed")
def create_only(patch: Patch) -> None:
    """It is only made."""
    wrap(
        patch,
        f"{CREATING}:change",
        lambda change, group, consumer, config, *, action: change(
            group, consumer, config, action=action or "create"
        ),
    )


@fault("JS-CAPI-020", "an ephemeral is never the same")
def never_same(patch: Patch) -> None:
    """Its threshold was written in."""

    def change(original: Any, group: Any, consumer: Any, config: Any, *, action: str) -> Any:  # noqa: ANN401 - handed on
        from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - a fault is seldom installed

        if action == "create" and not config.durable_name:
            raise ApiError(10148)
        return original(group, consumer, config, action=action)

    wrap(patch, f"{CREATING}:change", change)


@fault("JS-CAPI-025", "a deleted consumer is still there")
def still_there(patch: Patch) -> None:
    """Though its deletion succeeds."""
    patch.attribute(f"{CONSUMER}.group:Group.delete", lambda _self, _consumer: None)


@fault("JS-CAPI-028", "beyond the end lies the beginning")
def around(patch: Patch) -> None:
    """Of the list."""
    wrap(
        patch,
        f"{API}.paging:page",
        lambda page, items, offset, limit: page(items, 0 if offset > len(items) else offset, limit),
    )


@fault("JS-CAPI-037", "before the beginning lies the end")
def from_the_end(patch: Patch) -> None:
    """Of the list."""
    wrap(
        patch,
        f"{API}.paging:page",
        lambda page, items, offset, limit: page(
            items, offset if offset >= 0 else len(items), limit
        ),
    )


@fault("JS-CAPI-032", "a request to no consumer is taken")
def taken_anyway(patch: Patch) -> None:
    """Nobody learns that there is none."""
    wrap(patch, f"{API}.dispatch:next_message", lambda take, *arguments: take(*arguments) or True)


@fault("JS-CAPI-033", "a request without a reply subject is taken")
def no_reply_needed(patch: Patch) -> None:
    """And waits."""
    wrap(
        patch,
        f"{CONSUMER}.group:Group.pull",
        lambda pull, self, name, reply, payload: pull(self, name, reply or b"$JS.nobody", payload),
    )
    patch.attribute("nats_reference.jetstream.outlet:Outlet.heard", lambda _self, _subject: True)


@fault("JS-CAPI-034", "advisories don't tell the domain")
def no_domain(patch: Patch) -> None:
    """Nor does the API hear its name."""

    def doors(original: Any, account: Any) -> None:  # noqa: ANN401 - handed on
        domain, account.domain = account.domain, ""
        original(account)
        account.domain = domain

    wrap(patch, f"{API}.dispatch:open_doors", doors)


@fault("JS-CAPI-038", "a consumer is shown after it has delivered what it can")
def shown_late(patch: Patch) -> None:
    """As CONSUMER.INFO shows it then."""

    def made(original: Any, request: Any, asked: Any) -> Any:  # noqa: ANN401 - handed on
        name = original(request, asked)["name"]
        info = patch.original(f"{CONSUMER}.information:info")
        return info(request.account.groups[request.names[0]].by_name[name])

    wrap(patch, f"{ENDPOINTS}:made", made)
