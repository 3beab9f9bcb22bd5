"""The authorization block: token, user, users, and what each may do.

AUTH-TOK-002, AUTH-USER-001, AUTH-PERM-002, AUTH-PERM-006, AUTH-PERM-010,
CONF-VAL-001. Leaves out nkeys, callouts, responses and bcrypt; they are refused
by name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nats_reference.auth.permissions import PermissionRules, Rule
from nats_reference.auth.users import User
from nats_reference.config import values
from nats_reference.config.document import BCRYPT, Array, Block, ConfigError, Entry, Word
from nats_reference.options import Authorization
from nats_spec import subjects

UNSUPPORTED = frozenset(
    [
        "auth_callout",
        "auth_hook",
        "proxy_required",
        "nkey",
        "nkeys",
        "allow_responses",
        "publish_allow_responses",
        "allowed_connection_types",
        "connection_types",
        "clients",
        "allowed_clients",
        "account",
    ]
)


def refuse(entry: Entry) -> ConfigError:
    """The error for a key that has no place here."""
    if entry.key.lower() in UNSUPPORTED:
        text = f"not supported by the reference: '{entry.key}'"
    else:
        text = f'unknown field "{entry.key}"'
    return ConfigError(text, entry.at)


def secret(entry: Entry) -> str:
    """A password or token in clear."""
    found = values.text(entry)
    if found.startswith(BCRYPT):
        raise ConfigError(
            f"not supported by the reference: a bcrypt hash as '{entry.key}'",
            entry.at,
        )
    return found


def authorization(entry: Entry) -> Authorization:  # noqa: C901 - one branch for each key
    """The block."""
    found: dict[str, Any] = {}
    block = values.block(entry)
    for key, inner in block.entries.items():
        match key:
            case "user" | "username":
                found["user"] = values.text(inner)
            case "pass" | "password":
                found["password"] = secret(inner)
            case "token":
                found["token"] = secret(inner)
            case "timeout":
                found["timeout"] = values.timeout(inner)
            case "users":
                found["users"] = users(inner)
            case "default_permission" | "default_permissions" | "permissions":
                found["default_permissions"] = permissions(inner)
            case _ if key not in block.used:
                raise refuse(inner)
    if "token" in found and ("user" in found or "users" in found):
        other = "a users array" if "users" in found else "a user and password"
        raise ConfigError(f"Can not have a token and {other}", entry.at)
    if "user" in found and "users" in found:
        raise ConfigError("Can not have a single user/pass and a users array", entry.at)
    default = found.get("default_permissions")
    if default is not None and "users" not in found:
        # nats-server takes them and never applies them (2.15.1).
        raise ConfigError("permissions are for a users array", entry.at)
    found["users"] = tuple(
        user if user.permissions is not None else replace(user, permissions=default)
        for user in found.get("users", ())
    )
    return Authorization(**found)


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
    for key, entry in block.entries.items():
        match key:
            case "user" | "username":
                name = values.text(entry)
            case "pass" | "password":
                password = secret(entry)
            case "permission" | "permissions" | "authorization":
                granted = permissions(entry)
            case _ if key not in block.used:
                raise refuse(entry)
    if not name:
        raise ConfigError("user entry requires a user", block.at)
    return User(name, password, granted)


def permissions(entry: Entry) -> PermissionRules:
    """What a user may publish and subscribe to; a list alone is a list of what is allowed."""
    found: dict[str, Any] = {}
    for key, inner in values.block(entry).entries.items():
        match key:
            case "pub" | "publish" | "import":
                side, queues = "publish", False
            case "sub" | "subscribe" | "export":
                side, queues = "subscribe", True
            case _:
                raise refuse(inner)
        if not isinstance(inner.value, Block):
            found[f"{side}_allow"] = rules(inner, queues=queues)
            continue
        for list_key, listed in inner.value.entries.items():
            if list_key not in {"allow", "deny"}:
                raise refuse(listed)
            found[f"{side}_{list_key}"] = rules(listed, queues=queues)
    return PermissionRules(**found)


def rules(entry: Entry, *, queues: bool) -> tuple[Rule, ...]:
    """A list of subjects, or one; with a queue group where that means something."""
    items = entry.value.items if isinstance(entry.value, Array) else (entry.value,)
    found = []
    for item in items:
        if not isinstance(item, Word) or values.is_number(item):
            raise values.wrong(entry, "subjects")
        words = [word.encode() for word in item.text.split()]
        if not 1 <= len(words) <= 1 + queues or not all(map(subjects.valid_subscription, words)):
            raise ConfigError(f'subject "{item.text}" is not a valid subject', item.at)
        found.append(Rule(*words))
    return tuple(found)
