"""Faults of chapter 90, monitoring: /connz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.monitored import told, without

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.server import Gone, Server

CONNZ = "nats_reference.monitoring.connz"
ORDERING = "nats_reference.monitoring.ordering"
ASKING = "nats_reference.monitoring.asking"


@fault("MON-CONNZ-001", "/connz has no num_connections")
def not_counted(patch: Patch) -> None:
    """Who reads it may count itself."""
    without(patch, "/connz", "num_connections")


@fault("MON-CONNZ-002", "a connection has no rtt")
def no_rtt(patch: Patch) -> None:
    """As if it was never measured."""
    common = patch.original(f"{CONNZ}:common")

    def shorter(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on
        found: dict[str, Any] = common(*arguments)
        del found["rtt"]
        return found

    patch.attribute(f"{CONNZ}:common", shorter)


@fault("MON-CONNZ-003", "users are shown to everybody")
def always_authorised(patch: Patch) -> None:
    """The parameter auth is not looked at."""
    described, authorised = (patch.original(f"{CONNZ}:{n}") for n in ("described", "authorised"))
    patch.attribute(
        f"{CONNZ}:described", lambda server, each: described(server, each) | authorised(each)
    )


@fault("MON-CONNZ-015", "auth=1 does not name the account")
def no_name_tag(patch: Patch) -> None:
    """As before 2.11."""
    authorised = patch.original(f"{CONNZ}:authorised")
    patch.attribute(
        f"{CONNZ}:authorised",
        lambda each: {n: value for n, value in authorised(each).items() if n != "name_tag"},
    )


@fault("MON-CONNZ-004", "subs=detail gives both lists")
def both_lists(patch: Patch) -> None:
    """The short one as well."""
    subscribed = patch.original(f"{CONNZ}:subscribed")

    def both(each: Connection | Gone, *, listed: bool, detailed: bool) -> dict[str, Any]:
        short: dict[str, Any] = subscribed(each, listed=listed or detailed, detailed=False)
        long: dict[str, Any] = subscribed(each, listed=False, detailed=detailed)
        return short | long

    patch.attribute(f"{CONNZ}:subscribed", both)


@fault("MON-CONNZ-005", "a state is known in lower case only")
def lower_case_states(patch: Patch) -> None:
    """Any other way to write it is wrong."""
    states, refused = (patch.original(f"{CONNZ}:{name}") for name in ("states", "Refused"))

    def strict(text: str) -> tuple[bool, bool]:
        if text != text.lower():
            raise refused(f"Error decoding state for {text}")
        found: tuple[bool, bool] = states(text)
        return found

    patch.attribute(f"{CONNZ}:states", strict)


@fault("MON-CONNZ-006", "every reason is Client Closed")
def one_reason(patch: Patch) -> None:
    """Whoever closed it."""
    ended = patch.original(f"{CONNZ}:ended")
    patch.attribute(
        f"{CONNZ}:ended", lambda server, gone: ended(server, gone) | {"reason": "Client Closed"}
    )


@fault("MON-CONNZ-006/subscriptions", "a connection that has ended has no subscriptions")
def forgotten(patch: Patch) -> None:
    """They ended with it."""
    ended = patch.original(f"{CONNZ}:ended")
    patch.attribute(
        f"{CONNZ}:ended", lambda server, gone: ended(server, gone) | {"subscriptions": 0}
    )


@fault("MON-CONNZ-007", "the smallest comes first")
def ascending(patch: Patch) -> None:
    """Whatever is sorted by."""
    orders = patch.original(f"{ORDERING}:ORDERS")
    patch.attribute(f"{ORDERING}:ORDERS", {name: (key, False) for name, (key, _) in orders.items()})


@fault("MON-CONNZ-007/unknown", "a sort key that is none is passed over")
def any_order(patch: Patch) -> None:
    """They come by cid then."""
    ordered = patch.original(f"{ORDERING}:ordered")
    orders, end = (patch.original(f"{ORDERING}:{name}") for name in ("ORDERS", "OF_THE_END"))
    check = patch.original(f"{ORDERING}:check")

    def lax(order: str, *, only_gone: bool) -> None:
        if order in end:
            check(order, only_gone=only_gone)

    patch.attribute(f"{ORDERING}:check", lax)
    patch.attribute(
        f"{ORDERING}:ordered",
        lambda found, order: ordered(found, order if order in orders else "cid"),
    )


@fault("MON-CONNZ-008", "what is open is sorted by its end as well")
def no_end(patch: Patch) -> None:
    """By cid, as it has none."""
    ordered, check = (patch.original(f"{ORDERING}:{name}") for name in ("ordered", "check"))
    patch.attribute(f"{ORDERING}:check", lambda order, **_: check(order, only_gone=True))

    def by_number(found: list[Connection | Gone], order: str) -> list[Connection | Gone]:
        here = not all(hasattr(each, "stopped") for each in found)
        given: list[Connection | Gone] = ordered(found, "cid" if here else order)
        return given

    patch.attribute(f"{ORDERING}:ordered", by_number)


@fault("MON-CONNZ-009", "an offset below 0 is refused")
def no_negative_offset(patch: Patch) -> None:
    """As it makes no sense."""
    page = patch.original(f"{ASKING}:Query.page")
    refused = patch.original(f"{ASKING}:Refused")

    def strict(self: Any) -> tuple[int, int]:  # noqa: ANN401 - a Query
        if self.whole("offset") < 0:
            raise refused("offset is less than 0")
        found: tuple[int, int] = page(self)
        return found

    patch.attribute(f"{ASKING}:Query.page", strict)


@fault("MON-CONNZ-009/total", "total is what the page holds")
def total_of_the_page(patch: Patch) -> None:
    """Nobody knows how many pages there are."""
    told(patch, "/connz", lambda found, _query: found.update(total=found["num_connections"]))


@fault("MON-CONNZ-010", "cid finds a connection in any state")
def any_state(patch: Patch) -> None:
    """Whichever was asked for."""
    connz = patch.original(f"{CONNZ}:states")
    natural = patch.original(f"{ASKING}:Query.natural")
    asked: list[int] = []

    def noted(self: object, name: str) -> int:
        asked.append(natural(self, name))
        return asked[-1]

    patch.attribute(f"{ASKING}:Query.natural", noted)
    patch.attribute(
        f"{CONNZ}:states", lambda text: (True, True) if asked and asked[-1] else connz(text)
    )


@fault("MON-CONNZ-014", "an open connection is not found with state=all")
def not_in_all(patch: Patch) -> None:
    """As up to 2.11.2."""

    def fewer(found: dict[str, Any], query: str) -> None:
        if "cid=" in query and "state=all" in query:
            found["connections"] = [each for each in found["connections"] if "stop" in each]

    told(patch, "/connz", fewer)


@fault("MON-CONNZ-011", "a user filters the total as well")
def filtered_total(patch: Patch) -> None:
    """What is counted is what is shown."""

    def fewer(found: dict[str, Any], query: str) -> None:
        if "user=" in query:
            found["total"] = found["num_connections"]

    told(patch, "/connz", fewer)


@fault("MON-CONNZ-011/account", "acc is not looked at")
def every_account(patch: Patch) -> None:
    """All are shown."""
    text = patch.original(f"{ASKING}:Query.text")
    patch.attribute(
        f"{ASKING}:Query.text", lambda self, name: "" if name == "acc" else text(self, name)
    )


@fault("MON-CONNZ-012", "all that ended are remembered")
def endless_memory(patch: Patch) -> None:
    """max_closed_clients is not looked at."""
    init = patch.original("nats_reference.server:Server.__init__")

    def roomy(self: Server, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        init(self, *arguments, **options)
        self.gone = type(self.gone)()

    patch.attribute("nats_reference.server:Server.__init__", roomy)


@fault("MON-CONNZ-013", "who never said CONNECT is not remembered")
def strangers_forgotten(patch: Patch) -> None:
    """Nobody has to know of it."""
    departed = patch.original("nats_reference.server:Server.departed")

    def selective(self: Server, connection: Connection, *rest: Any) -> None:  # noqa: ANN401 - passed on
        departed(self, connection, *rest)
        if not connection.connected:
            self.gone.pop()

    patch.attribute("nats_reference.server:Server.departed", selective)
