"""Who a client is, by what its CONNECT says.

AUTH-TOK-001, AUTH-USER-001, AUTH-USER-004, AUTH-TYPE-001, AUTH-NAU-001. One token,
one user, or a list of users. Leaves out nkeys and JWTs; the configuration refuses
them by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nats_reference.auth import secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.auth.permissions import PermissionRules
    from nats_reference.operations.connect import ConnectOptions
    from nats_reference.options import Options

#: The kind of connection that this server has (AUTH-TYPE-001).
STANDARD = "STANDARD"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody the configuration knows."""

    name: str
    password: str
    permissions: PermissionRules | None = None
    account: str = "$G"
    #: The kinds of connection that it may use; none for all.
    connection_types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a client says it is, and what would prove that: nothing, or a secret."""

    user: User
    given: str = ""
    expected: str | None = None

    def proven(self) -> bool:
        """Whether it is."""
        return self.expected is None or secrets.agree(self.given, self.expected)

    def to_compute(self) -> Callable[[], bool] | None:
        """What has to be computed before `proven` can answer at once, if anything."""
        return None if self.expected is None else secrets.to_compute(self.given, self.expected)

    def learn(self, outcome: bool) -> None:
        """That was computed."""
        if self.expected is not None:
            secrets.learn(self.given, self.expected, outcome)


#: Everybody, where no credentials are asked for.
ANYBODY = User("", "")


def authenticate(options: Options, said: ConnectOptions) -> User | None:
    """The user that `said` proves to be, or None."""
    found = claim(options, said)
    return found.user if found is not None and found.proven() else None


def claim(options: Options, said: ConnectOptions) -> Claim | None:
    """Who `said` is if the secret is right, or None if there is nobody like that."""
    authorization = options.authorization
    if not authorization.required:
        return Claim(ANYBODY)
    if authorization.users:
        return among_users(options, said)
    if authorization.token:
        return Claim(ANYBODY, said.auth_token, authorization.token)
    if secrets.same(said.user, authorization.user):
        return Claim(User(said.user, ""), said.password, authorization.password)
    return None


def among_users(options: Options, said: ConnectOptions) -> Claim | None:
    """One of several users; who names no credential is `no_auth_user`, if there is one."""
    stranger = not (said.user or said.password or said.auth_token)
    if stranger and options.no_auth_user:
        user = named(options, options.no_auth_user)
        return Claim(user) if user is not None and may_come(user) else None
    user = named(options, said.user)
    if user is None or not may_come(user):
        return None
    return Claim(user, said.password, user.password)


def may_come(user: User) -> bool:
    """Whether this user may use this kind of connection."""
    return not user.connection_types or STANDARD in user.connection_types


def named(options: Options, name: str) -> User | None:
    """The user of that name."""
    return next((user for user in options.authorization.users if user.name == name), None)


def unknown(options: Options, name: str) -> bool:
    """Whether a client named a user that there is not."""
    return bool(name) and name != options.authorization.user and named(options, name) is None
