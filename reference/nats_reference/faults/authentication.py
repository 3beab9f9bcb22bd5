"""Faults of chapter 70, authentication: who is let in, and who isn't."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.auth import users
from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.operations.connect import ConnectOptions
    from nats_reference.options import Options

USERS = "nats_reference.auth.users"
SECRETS = "nats_reference.auth.secrets"
CONFIG = "nats_reference.config.authorization"


def said_otherwise(patch: Patch, change: Callable[[ConnectOptions], ConnectOptions]) -> None:
    """Look at other credentials than CONNECT has."""
    claim = patch.original(f"{USERS}:claim")
    patch.attribute(f"{USERS}:claim", lambda options, said: claim(options, change(said)))


@fault("AUTH-TOK-001", "the name of a user is taken for a token")
def user_is_token(patch: Patch) -> None:
    """As in a URL, where it stands in the same place."""
    said_otherwise(patch, lambda said: replace(said, auth_token=said.auth_token or said.user))


@fault("AUTH-TOK-001/password", "a password is taken for a token")
def password_is_token(patch: Patch) -> None:
    """Whatever opens, opens."""
    said_otherwise(patch, lambda said: replace(said, auth_token=said.auth_token or said.password))


@fault("AUTH-TOK-002", "a token may stand beside a users array")
def token_and_users(patch: Patch) -> None:
    """The users win."""
    alone = patch.original(f"{CONFIG}:alone")
    patch.attribute(f"{CONFIG}:alone", lambda user, _token, at: alone(user, "", at))


@fault("AUTH-USER-001", "letter case does not count in a password")
def passwords_are_folded(patch: Patch) -> None:
    """`PW` is `pw`."""
    same = patch.original(f"{SECRETS}:same")
    patch.attribute(f"{SECRETS}:same", lambda a, b: same(a.lower(), b.lower()))


@fault("AUTH-USER-001/account", "every user is in the global account")
def accounts_are_one(patch: Patch) -> None:
    """The account that a user stands in is not looked at."""
    claim = patch.original(f"{USERS}:claim")

    def everybody_together(options: Options, said: ConnectOptions) -> users.Claim | None:
        found: users.Claim | None = claim(options, said)
        return found and replace(found, user=replace(found.user, account="$G"))

    patch.attribute(f"{USERS}:claim", everybody_together)


@fault("AUTH-USER-002", "a hash is a password in clear")
def hashes_are_text(patch: Patch) -> None:
    """Whoever reads the configuration may come in."""
    patch.attribute(f"{SECRETS}:is_hash", lambda _expected: False)


@fault("AUTH-USER-002/also", "a hash lets in who presents it")
def hashes_let_in(patch: Patch) -> None:
    """And who knows the password."""
    matches = patch.original(f"{SECRETS}:matches")
    patch.attribute(f"{SECRETS}:matches", lambda a, b: a == b or matches(a, b))


@fault("AUTH-USER-002/kinds", "only $2a$ and $2b$ are hashes")
def two_kinds_of_hashes(patch: Patch) -> None:
    """Others are text."""
    is_hash = patch.original(f"{SECRETS}:is_hash")
    patch.attribute(f"{SECRETS}:is_hash", lambda text: is_hash(text) and text[2] in "ab")


@fault("AUTH-USER-002/waiting", "what comes while a hash is computed is lost")
def impatient(patch: Patch) -> None:
    """Nothing waits."""

    def go_on(self: Any) -> None:  # noqa: ANN401 - a Connection
        self.halted = False
        self.rest = b""

    patch.attribute("nats_reference.connection:Connection.go_on", go_on)


@fault("AUTH-USER-004", "credentials that nobody asked for are refused")
def unasked(patch: Patch) -> None:
    """There is no such user."""
    claim = patch.original(f"{USERS}:claim")

    def strict(options: Options, said: ConnectOptions) -> users.Claim | None:
        found: users.Claim | None = claim(options, said)
        required = options.authorization.required
        return found if required or not (said.user or said.auth_token or said.jwt) else None

    patch.attribute(f"{USERS}:claim", strict)


@fault("AUTH-USER-006", "the last of two users with one name is the one")
def last_user_holds(patch: Patch) -> None:
    """As with keys of a block."""
    user = patch.original(f"{CONFIG}:user")
    patch.attribute(
        f"{CONFIG}:users",
        lambda entry: tuple({u.name: u for u in map(user, entry.value.items)}.values()),
    )


@fault("AUTH-USER-006/beside", "one user may stand beside a users array")
def user_and_users(patch: Patch) -> None:
    """The array wins."""
    alone = patch.original(f"{CONFIG}:alone")
    patch.attribute(f"{CONFIG}:alone", lambda _user, token, at: alone("", token, at))


@fault("AUTH-TYPE-001", "allowed connection types are not looked at")
def every_kind(patch: Patch) -> None:
    """Everybody may come on TCP."""
    patch.attribute(f"{USERS}:may_come", lambda _user: True)


@fault("AUTH-TYPE-001/empty", "an empty list of connection types allows none")
def no_kind(patch: Patch) -> None:
    """Nobody said STANDARD, or that there is no list."""
    types = patch.original(f"{CONFIG}:connection_types")
    patch.attribute(f"{CONFIG}:connection_types", lambda entry: types(entry) or frozenset("?"))


@fault("AUTH-TYPE-002", "connection types are known in upper case only")
def upper_case_kinds(patch: Patch) -> None:
    """`standard` is no type."""
    types = patch.original(f"{CONFIG}:connection_types")

    def strict(entry: Any) -> frozenset[str]:  # noqa: ANN401 - an Entry
        known: frozenset[str] = types(entry)
        kept = known - {text.upper() for text in texts(entry) if text != text.upper()}
        return kept if kept or not known else frozenset("?")

    patch.attribute(f"{CONFIG}:connection_types", strict)


@fault("AUTH-TYPE-002/unknown", "a connection type that there is not is taken")
def any_kind(patch: Patch) -> None:
    """It may come one day."""
    patch.attribute(
        f"{CONFIG}:connection_types", lambda entry: frozenset(map(str.upper, texts(entry)))
    )


def texts(entry: Any) -> list[str]:  # noqa: ANN401 - an Entry
    """The words of a list, or the one word."""
    return [item.text for item in getattr(entry.value, "items", (entry.value,))]


@fault("AUTH-TYPE-003", "IN_PROCESS is taken for STANDARD")
def within_is_standard(patch: Patch) -> None:
    """There is no other kind, after all."""
    types = patch.original(f"{CONFIG}:connection_types")
    patch.attribute(
        f"{CONFIG}:connection_types",
        lambda entry: frozenset(t.replace("IN_PROCESS", "STANDARD") for t in types(entry)),
    )


@fault("AUTH-NAU-001", "no_auth_user has to know its password")
def no_auth_user_is_asked(patch: Patch) -> None:
    """It stands in for the name alone."""
    among = patch.original(f"{USERS}:among_users")

    def strict(options: Options, said: ConnectOptions) -> users.Claim | None:
        named = replace(said, user=said.user or options.no_auth_user)
        found: users.Claim | None = among(options, named)
        return found

    patch.attribute(f"{USERS}:among_users", strict)


@fault("AUTH-NAU-001/wrong", "whoever is refused is no_auth_user")
def everybody_comes_in(patch: Patch) -> None:
    """Wrong credentials are as good as none."""
    authenticate = patch.original(f"{USERS}:authenticate")

    def lax(options: Options, said: ConnectOptions) -> users.User | None:
        found: users.User | None = authenticate(options, said)
        if found is None and options.no_auth_user:
            return users.named(options, options.no_auth_user)
        return found

    patch.attribute(f"{USERS}:authenticate", lax)


@fault("AUTH-NAU-002", "no_auth_user may be nobody")
def no_auth_user_is_nobody(patch: Patch) -> None:
    """Nobody is let in for it."""
    validate = patch.original("nats_reference.options:validate")
    patch.attribute(
        "nats_reference.options:validate",
        lambda options: validate(replace(options, no_auth_user="")),
    )
