"""Who a client is, by what its CONNECT says (AUTH-TOK-001, AUTH-USER-001, AUTH-NAU-001).

One token, one user, or a list of users. Leaves out nkeys, JWTs and bcrypt hashes;
the configuration refuses them by name.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.auth.permissions import PermissionRules
    from nats_reference.operations.connect import ConnectOptions
    from nats_reference.options import Options


@dataclass(frozen=True, slots=True)
class User:
    """Somebody the configuration knows."""

    name: str
    password: str
    permissions: PermissionRules | None = None
    account: str = "$G"


#: Everybody, where no credentials are asked for.
ANYBODY = User("", "")


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in time that doesn't tell."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def authenticate(options: Options, said: ConnectOptions) -> User | None:
    """The user that `said` proves to be, or None."""
    authorization = options.authorization
    if not authorization.required:
        return ANYBODY
    if authorization.users:
        return among_users(options, said)
    if authorization.token:
        return ANYBODY if same(said.auth_token, authorization.token) else None
    if same(said.user, authorization.user) and same(said.password, authorization.password):
        return User(said.user, "")
    return None


def among_users(options: Options, said: ConnectOptions) -> User | None:
    """The one of several users; who names no credential is `no_auth_user`, if there is one."""
    name = said.user
    stranger = not (said.user or said.password or said.auth_token)
    if stranger and options.no_auth_user:
        return named(options, options.no_auth_user)
    user = named(options, name)
    return user if user is not None and same(said.password, user.password) else None


def named(options: Options, name: str) -> User | None:
    """The user of that name."""
    return next((user for user in options.authorization.users if user.name == name), None)


def unknown(options: Options, name: str) -> bool:
    """Whether a client named a user that there is not."""
    return bool(name) and name != options.authorization.user and named(options, name) is None
