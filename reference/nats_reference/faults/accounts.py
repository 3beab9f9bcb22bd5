"""Faults of chapter 73, accounts: walls with holes, and room for everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.accounts import GLOBAL, Account
from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.options import ClientLimits, Options

ACCOUNTS = "nats_reference.accounts"
CONFIG = "nats_reference.config.accounts"
LIMITS = "nats_reference.limits"
INFO = "nats_reference.info"
JOIN = "nats_reference.connection:Connection.join"


@fault("ACC-ISO-001", "all accounts share their subjects")
def no_walls(patch: Patch) -> None:
    """An account is a name."""
    made = patch.original(f"{ACCOUNTS}:made")

    def together(options: Options) -> dict[str, Account]:
        found: dict[str, Account] = made(options)
        for account in found.values():
            account.interest = found[GLOBAL].interest
        return found

    patch.attribute(f"{ACCOUNTS}:made", together)


@fault("ACC-ISO-002", "a user without an account is alone")
def lonely(patch: Patch) -> None:
    """Each has a world of its own."""
    join = patch.original(JOIN)
    worlds: dict[str, Account] = {}

    def apart(self: Connection, account: Account) -> None:
        if account.name == GLOBAL and self.user:
            account = worlds.setdefault(self.user, Account(GLOBAL))
        join(self, account)

    patch.attribute(JOIN, apart)


def placed(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of members and connection
    """Have the INFO after the first PONG tell something else of the account."""
    place = patch.original(f"{INFO}:place")
    patch.attribute(f"{INFO}:place", lambda connection: change(place(connection), connection))


@fault("ACC-ISO-003", "acc_is_sys is not told")
def system_unsaid(patch: Patch) -> None:
    """To nobody."""
    placed(patch, lambda found, _: {**found, "acc_is_sys": False})


@fault("ACC-ISO-003/all", "acc_is_sys is told to everybody")
def all_are_system(patch: Patch) -> None:
    """Wherever it is."""
    placed(patch, lambda found, _: {**found, "acc_is_sys": True})


@fault("ACC-ISO-004", "an account may be named twice")
def named_twice(patch: Patch) -> None:
    """It is there once, after all."""
    from nats_reference.options import AccountOptions  # noqa: PLC0415 - a fault is seldom installed

    patch.attribute(
        f"{CONFIG}:named",
        lambda entry: tuple(map(AccountOptions, dict.fromkeys(i.text for i in entry.value.items))),
    )


@fault("ACC-ISO-004/reserved", "an account may be named $G")
def global_is_free(patch: Patch) -> None:
    """It is an account like any other."""
    patch.attribute(f"{CONFIG}:free", lambda name, _at: name)


@fault("ACC-ISO-005", "the system account may be one that there is not")
def system_is_made_up(patch: Patch) -> None:
    """Then it is made."""
    validate = patch.original("nats_reference.options:validate")
    patch.attribute(
        "nats_reference.options:validate",
        lambda options: validate(replace(options, system_account="")),
    )


@fault("ACC-LIM-001", "an account has room for one more")
def one_more(patch: Patch) -> None:
    """The limit itself is not over the limit."""
    patch.attribute(
        f"{LIMITS}:account_full",
        lambda _, account: 0 <= account.limits.connections < len(account.clients),
    )


@fault("ACC-LIM-001/user", "each user of an account has room of its own")
def room_for_each(patch: Patch) -> None:
    """Connections are counted by name."""

    def full(connection: Connection, account: Account) -> bool:
        like = [c for c in account.clients if c.options.user == connection.options.user]
        return 0 <= account.limits.connections <= len(like)

    patch.attribute(f"{LIMITS}:account_full", full)


@fault("ACC-LIM-001/again", "a second CONNECT needs room of its own")
def twice_counted(patch: Patch) -> None:
    """Its place is taken, by itself."""
    patch.attribute(
        f"{LIMITS}:account_full",
        lambda _, account: 0 <= account.limits.connections <= len(account.clients),
    )


@fault("ACC-LIM-001/moved", "who leaves for another account keeps its place")
def place_kept(patch: Patch) -> None:
    """It might come back."""
    join = patch.original(JOIN)

    def stay(self: Connection, account: Account) -> None:
        before = self.account
        counted = self in before.clients
        join(self, account)
        if counted:
            before.clients.add(self)

    patch.attribute(JOIN, stay)


@fault("ACC-LIM-001/strangers", "clients without credentials need no room")
def strangers_are_welcome(patch: Patch) -> None:
    """Nobody knows them."""
    full = patch.original(f"{LIMITS}:account_full")
    patch.attribute(
        f"{LIMITS}:account_full",
        lambda connection, account: bool(connection.options.user) and full(connection, account),
    )


@fault("ACC-LIM-002", "the subscriptions of all connections of an account are counted together")
def counted_together(patch: Patch) -> None:
    """It is the account's limit."""

    def too_many(connection: Connection) -> bool:
        total = sum(len(client.subscriptions) for client in connection.account.clients)
        return 0 <= connection.account.limits.subscriptions <= total

    patch.attribute(f"{LIMITS}:too_many_subscriptions", too_many)


def without_account(patch: Patch, name: str) -> None:
    """Have a limit look at the server's options alone."""
    original = patch.original(f"{LIMITS}:{name}")

    def lax(connection: Connection, *more: Any) -> Any:  # noqa: ANN401 - passed on
        limits = connection.account.limits
        connection.account.limits = type(limits)()
        try:
            return original(connection, *more)
        finally:
            connection.account.limits = limits

    patch.attribute(f"{LIMITS}:{name}", lax)


@fault("ACC-LIM-002/none", "max_subscriptions of an account is not looked at")
def any_number(patch: Patch) -> None:
    """Only the server's is."""
    without_account(patch, "too_many_subscriptions")


@fault("ACC-LIM-003", "max_payload of an account is not looked at")
def any_length(patch: Patch) -> None:
    """Only the server's is."""
    without_account(patch, "payload_too_long")


@fault("ACC-LIM-006", "max_payload of an account is not told")
def length_unsaid(patch: Patch) -> None:
    """INFO has the server's."""
    without_account(patch, "max_payload")


def other_limits(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of one limit
    """Read other limits than the configuration has."""
    client_limits = patch.original(f"{CONFIG}:client_limits")

    def read(entry: Any) -> ClientLimits:  # noqa: ANN401 - an Entry
        found: ClientLimits = client_limits(entry)
        names = type(found).__slots__
        return replace(found, **{name: change(getattr(found, name)) for name in names})

    patch.attribute(f"{CONFIG}:client_limits", read)


@fault("ACC-LIM-004", "a limit of zero is none")
def zero_is_no_limit(patch: Patch) -> None:
    """As with the server's own limits."""
    other_limits(patch, lambda limit: limit or -1)


@fault("ACC-LIM-004/negative", "a negative limit leaves no room")
def negative_is_no_room(patch: Patch) -> None:
    """Less than nothing."""
    patch.attribute(
        f"{LIMITS}:account_full",
        lambda connection, account: (
            account.limits.connections <= len(account.clients - {connection})
            and account.name != GLOBAL
        ),
    )


@fault("ACC-LIM-005", "an account's limit stands in place of the server's")
def account_decides(patch: Patch) -> None:
    """Whoever set it knew what for."""
    too_many = patch.original(f"{LIMITS}:too_many_subscriptions")

    def lax(connection: Connection) -> bool:
        limit = connection.account.limits.subscriptions
        if limit > connection.server.options.max_subscriptions:
            return limit <= len(connection.subscriptions)
        return bool(too_many(connection))

    patch.attribute(f"{LIMITS}:too_many_subscriptions", lax)


@fault("ACC-LIM-005/payload", "an account's max_payload stands in place of the server's")
def account_decides_length(patch: Patch) -> None:
    """Longer messages are taken too."""
    too_long = patch.original(f"{LIMITS}:payload_too_long")

    def lax(connection: Connection, length: int) -> bool:
        limit = connection.account.limits.payload
        if limit > connection.server.options.max_payload:
            return length > limit
        return bool(too_long(connection, length))

    patch.attribute(f"{LIMITS}:payload_too_long", lax)


@fault("ACC-LIM-007", "a reload ends who has as many subscriptions as it may")
def at_the_limit(patch: Patch) -> None:
    """As nats-server does it."""
    patch.attribute(
        f"{LIMITS}:beyond_subscriptions",
        lambda c: 0 <= c.account.limits.subscriptions <= len(c.subscriptions),
    )


@fault("ACC-LIM-008", "a reload leaves who has more subscriptions than it may")
def subscriptions_left(patch: Patch) -> None:
    """The limit is for what comes."""
    patch.attribute(f"{LIMITS}:beyond_subscriptions", lambda _: False)


@fault("ACC-LIM-008/connections", "a reload leaves connections that there is no room for")
def connections_left(patch: Patch) -> None:
    """Who is there may stay."""
    full = patch.original(f"{LIMITS}:account_full")
    patch.attribute(
        f"{LIMITS}:account_full",
        lambda connection, account: connection not in account.clients and full(connection, account),
    )
