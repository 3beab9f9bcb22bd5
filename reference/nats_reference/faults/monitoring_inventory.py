"""Faults of chapter 90, monitoring: subscriptions, accounts, health, JetStream."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.monitored import at, told, without
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from nats_reference.monitoring.endpoints import Answer

SUBSZ = "nats_reference.monitoring.subsz"
TENANTS = "nats_reference.monitoring.tenants"
HEALTH = "nats_reference.monitoring.health"
JSZ = "nats_reference.monitoring.jsz"
INSIDE = "nats_reference.monitoring.inside"


@fault("MON-SUBSZ-001", "inserts into the index are not counted")
def no_inserts(patch: Patch) -> None:
    """The count stays where it is."""
    told(patch, "/subsz", lambda found, _query: found.update(num_inserts=0))


@fault("MON-SUBSZ-004", "/subsz without a list is the index alone")
def index_alone(patch: Patch) -> None:
    """As before 2.12."""

    def bare(found: dict[str, Any], _query: str) -> None:
        if "subscriptions_list" not in found:
            for name in ("server_id", "now", "total", "offset", "limit"):
                del found[name]

    told(patch, "/subsz", bare)


@fault("MON-SUBSZ-002", "a test matches only what is equal to it")
def equal_only(patch: Patch) -> None:
    """Wildcards stand for nothing."""
    subscriptions = patch.original(f"{SUBSZ}:subscriptions")
    patch.attribute(
        f"{SUBSZ}:subscriptions",
        lambda server, chosen, test: (
            each
            for each in subscriptions(server, chosen, test)
            if not test or each["subject"] == test
        ),
    )


@fault("MON-SUBSZ-002/wildcards", "a test may have wildcards")
def wild_tests(patch: Patch) -> None:
    """They match themselves."""
    patch.attribute(f"{SUBSZ}:literal", lambda _subject: True)


@fault("MON-SUBSZ-005", "total is that of the page")
def page_total(patch: Patch) -> None:
    """As in 2.10."""

    def fewer(found: dict[str, Any], _query: str) -> None:
        found["total"] = len(found.get("subscriptions_list", ()))

    told(patch, "/subsz", fewer)


@fault("MON-SUBSZ-003", "an account that is not there is refused")
def known_accounts_only(patch: Patch) -> None:
    """As /accountz does."""
    at(
        patch,
        "/subsz",
        lambda answer, query: replace(answer, status=400) if "acc=NOBODY" in query else answer,
    )


@fault("MON-ACC-001", "an account that is not there has no details")
def nothing_of_nobody(patch: Patch) -> None:
    """It is 404, as one might think."""

    def not_found(answer: Answer, _query: str) -> Answer:
        return replace(answer, status=404) if answer.status == 400 else answer

    at(patch, "/accountz", not_found)


@fault("MON-ACC-002", "an account does not say whether it is the system's")
def plain_system(patch: Patch) -> None:
    """It looks like any other."""
    detail = patch.original(f"{TENANTS}:detail")

    def plain(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on
        found: dict[str, Any] = detail(*arguments)
        found.pop("is_system", None)
        return found

    patch.attribute(f"{TENANTS}:detail", plain)


@fault("MON-ACC-003", "accounts that nobody uses are always listed")
def everyone_listed(patch: Patch) -> None:
    """The parameter unused is not looked at."""
    patch.attribute(f"{TENANTS}:members", lambda server, _account: [*server.connections.values()])


@fault("MON-ACC-003/counts", "what an account received is not counted")
def not_received(patch: Patch) -> None:
    """Only what it was sent."""
    numbers = patch.original(f"{TENANTS}:numbers")

    def other(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on
        found: dict[str, Any] = numbers(*arguments)
        return found | {"received": found["received"] | {"msgs": 0, "bytes": 0}}

    patch.attribute(f"{TENANTS}:numbers", other)


@fault("MON-ROUTE-001", "/routez has null for no routes")
def null_routes(patch: Patch) -> None:
    """As an empty list is in Go."""
    told(patch, "/routez", lambda found, _query: found.update(routes=None))


@fault("MON-ROUTE-002", "/routez does not name its server")
def nameless(patch: Patch) -> None:
    """As before 2.12."""
    told(patch, "/routez", lambda found, _query: found.update(server_name=""))


@fault("MON-GW-001", "/gatewayz has lists for objects")
def listed_gateways(patch: Patch) -> None:
    """They are empty all the same."""
    told(patch, "/gatewayz", lambda found, _query: found.update(inbound_gateways=[]))


@fault("MON-LEAF-001", "/leafz does not count")
def uncounted_leaves(patch: Patch) -> None:
    """Only the list is there."""
    without(patch, "/leafz", "leafnodes")


@fault("MON-HEALTH-001", "a healthy server says more than ok")
def talkative(patch: Patch) -> None:
    """When it looked."""
    told(patch, "/healthz", lambda found, _query: found.update(checked=True))


@fault("MON-HEALTH-002", "js-enabled-only looks at accounts as well")
def everything_looked_at(patch: Patch) -> None:
    """It is not looked at itself."""
    flag = patch.original("nats_reference.monitoring.asking:Query.flag")
    patch.attribute(
        "nats_reference.monitoring.asking:Query.flag",
        lambda self, name: False if name == "js-enabled-only" else flag(self, name),
    )


@fault("MON-HEALTH-006", "js-server-only looks at accounts as well")
def server_and_accounts(patch: Patch) -> None:
    """As in 2.10."""
    flag = patch.original("nats_reference.monitoring.asking:Query.flag")
    patch.attribute(
        "nats_reference.monitoring.asking:Query.flag",
        lambda self, name: False if name == "js-server-only" else flag(self, name),
    )


@fault("MON-HEALTH-003", "what is not there is not well, but found")
def missing_is_unavailable(patch: Patch) -> None:
    """503, as for what is broken."""
    patch.attribute(f"{HEALTH}:NOT_FOUND", 503)


@fault("MON-HEALTH-003/lacking", "a stream may be asked for without its account")
def any_account(patch: Patch) -> None:
    """It is looked for nowhere."""
    patch.attribute(f"{HEALTH}:lacking", lambda *_: [])


@fault("MON-HEALTH-004", "details do not say which kind of thing is wrong")
def no_kind(patch: Patch) -> None:
    """Only what it is."""

    def untyped(found: dict[str, Any], _query: str) -> None:
        for error in found.get("errors", ()):
            del error["type"]

    told(patch, "/healthz", untyped)


@fault("MON-HEALTH-005", "a stream that could not be recovered is not missed")
def not_missed(patch: Patch) -> None:
    """What is there is well."""
    patch.attribute(f"{HEALTH}:lost", lambda _owner: [])


@fault("MON-HEALTH-007", "a deleted stream leaves its folder in the store")
def left_behind(patch: Patch) -> None:
    """Empty."""

    def destroy(original: Any, self: Any) -> None:  # noqa: ANN401 - handed on
        original(self)
        self.path.parent.mkdir()

    wrap(patch, "nats_reference.jetstream.store.sqlite:SQLiteStore.destroy", destroy)


@fault("MON-JSZ-001", "/jsz of a server without JetStream is not found")
def no_jsz(patch: Patch) -> None:
    """There is nothing to tell."""

    def gone(answer: Answer, _query: str) -> Answer:
        return replace(answer, status=404) if b'"disabled"' in answer.body else answer

    at(patch, "/jsz", gone)


@fault("MON-JSZ-002", "configurations are always shown")
def always_configs(patch: Patch) -> None:
    """The parameter config is not looked at."""
    wanted_of = patch.original(f"{JSZ}:wanted_of")
    patch.attribute(f"{JSZ}:wanted_of", lambda *a: wanted_of(*a) | {"configs": True})


@fault("MON-JSZ-002/pages", "an offset of accounts is passed over")
def no_offset(patch: Patch) -> None:
    """They are all shown."""
    chosen = patch.original(f"{JSZ}:chosen")
    patch.attribute(
        f"{JSZ}:chosen",
        lambda service, name, _offset, limit, **some: chosen(service, name, 0, limit, **some),
    )


@fault("MON-JSZ-004", "a negative limit of accounts shows none")
def nobody_within(patch: Patch) -> None:
    """Less than nothing."""
    chosen = patch.original(f"{JSZ}:chosen")
    patch.attribute(
        f"{JSZ}:chosen",
        lambda service, name, offset, limit, **some: (
            [] if limit < 0 else chosen(service, name, offset, limit, **some)
        ),
    )


@fault("MON-JSZ-003", "leader-only is answered without JetStream")
def leads_nothing(patch: Patch) -> None:
    """It is off, and that is all."""
    flag = patch.original("nats_reference.monitoring.asking:Query.flag")
    patch.attribute(
        "nats_reference.monitoring.asking:Query.flag",
        lambda self, name: False if name == "leader-only" else flag(self, name),
    )


@fault("MON-MISC-001", "no Raft groups are an empty object")
def empty_raftz(patch: Patch) -> None:
    """With status 200."""
    at(
        patch,
        "/raftz",
        lambda answer, _query: replace(answer, status=200, type="application/json", body=b"{}"),
    )


@fault("MON-MISC-002", "empty queues are always shown")
def every_queue(patch: Patch) -> None:
    """The parameter all is not looked at."""
    ipqueuesz = patch.original(f"{INSIDE}:ipqueuesz")

    def every(server: Any, query: Any) -> Any:  # noqa: ANN401 - passed on
        shown = ipqueuesz(server, query)
        return shown or {
            name: {"pending": 0} for name in patch.original(f"{INSIDE}:queues")(server)
        }

    patch.attribute(f"{INSIDE}:ipqueuesz", every)
