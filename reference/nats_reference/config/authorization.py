"""The authorization block: token, user, users, and what each may do.

AUTH-TOK-002, AUTH-USER-001, AUTH-USER-006, AUTH-TYPE-002, CONF-VAL-001. What a
user may do is read in permissions.py. Leaves out nkeys and callouts; they are
refused by name.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from nats_reference.auth.users import User
from nats_reference.config import permissions, values
from nats_reference.config.document import Array, Block, ConfigError, Entry, Place, Word
from nats_reference.options import Authorization

UNSUPPORTED: Final = frozenset(
    ["auth_callout", "auth_hook", "proxy_required", "nkey", "nkeys", "account"]
)
#: The kinds of connection that there are (AUTH-TYPE-001).
CONNECTION_TYPES: Final = frozenset(
    ["STANDARD", "WEBSOCKET", "LEAFNODE", "LEAFNODE_WS", "MQTT", "MQTT_WS", "IN_PROCESS"]
)


def refuse(entry: Entry) -> ConfigError:
    """The error for a key that has no place here."""
    if entry.key.lower() in UNSUPPORTED:
        text = f"not supported by the reference: '{entry.key}'"
    else:
        text = f'unknown field "{entry.key}"'
    return ConfigError(text, entry.at)


def authorization(entry: Entry) -> Authorization:  # noqa: C901 - one branch for each key
    """The block."""
    found: dict[str, Any] = {}
    block = values.block(entry)
    for key, inner in block.entries.items():
        match key:
            case "user" | "username":
                found["user"] = values.text(inner)
            case "pass" | "password":
                found["password"] = values.text(inner)
            case "token":
                found["token"] = values.text(inner)
            case "timeout":
                found["timeout"] = values.timeout(inner)
            case "users":
                found["users"] = users(inner)
            case "default_permission" | "default_permissions" | "permissions":
                found["default_permissions"] = permissions.permissions(inner)
            case _ if key not in block.used:
                raise refuse(inner)
    if found.get("token") and (found.get("user") or found.get("password")):
        raise ConfigError("Cannot have a user/pass and token", entry.at)
    if "users" in found:
        alone(found.get("user", ""), found.get("token", ""), entry.at)
    default = found.get("default_permissions")
    if default is not None and "users" not in found:
        # nats-server takes them and never applies them (2.15.1).
        raise ConfigError("permissions are for a users array", entry.at)
    found["users"] = tuple(
        user if user.permissions is not None else replace(user, permissions=default)
        for user in found.get("users", ())
    )
    return Authorization(**found)


def alone(user: str, token: str, at: Place) -> None:
    """Refuse one user or a token beside a list of users (AUTH-TOK-002, AUTH-USER-006)."""
    if token:
        raise ConfigError("Can not have a token and a users array", at)
    if user:
        raise ConfigError("Can not have a single user/pass and a users array", at)


def users(entry: Entry) -> tuple[User, ...]:
    """The array of users."""
    found: dict[str, User] = {}
    for item in values.items(entry):
        if not isinstance(item, Block):
            raise values.wrong(entry, "users in braces")
        one = user(item)
        if one.name in found:
            raise ConfigError(f'Duplicate user "{one.name}" detected', entry.at)
        found[one.name] = one
    return tuple(found.values())


def user(block: Block) -> User:
    """One user."""
    name, password, granted = "", "", None
    types: frozenset[str] = frozenset()
    for key, entry in block.entries.items():
        match key:
            case "user" | "username":
                name = values.text(entry)
            case "pass" | "password":
                password = values.text(entry)
            case "permission" | "permissions" | "authorization":
                granted = permissions.permissions(entry)
            case "allowed_connection_types" | "connection_types" | "clients":
                types = connection_types(entry)
            case _ if key not in block.used:
                raise refuse(entry)
    if not name:
        raise ConfigError("User entry requires a user", block.at)
    return User(name, password, granted, connection_types=types)


def connection_types(entry: Entry) -> frozenset[str]:
    """Names of kinds of connections, in any case; one alone needs no brackets."""
    items = entry.value.items if isinstance(entry.value, Array) else (entry.value,)
    names = [item.text for item in items if isinstance(item, Word)]
    wrong = [name for name in names if name.upper() not in CONNECTION_TYPES]
    if wrong or len(names) < len(items):
        raise ConfigError(f"invalid connection types {json.dumps(wrong)}", entry.at)
    return frozenset(map(str.upper, names))
