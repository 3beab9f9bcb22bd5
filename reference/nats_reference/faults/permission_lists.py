"""Faults of chapter 72, permissions: lists that are read in another way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nats_reference.auth.permissions import Rule
from nats_reference.faults import Patch, fault

CONFIG = "nats_reference.config.permissions"
LOADER = "nats_reference.config.loader"


@fault("AUTH-PERM-002", "a list alone is what is denied")
def lists_deny(patch: Patch) -> None:
    """As if it were a list of exceptions."""
    lists = patch.original(f"{CONFIG}:lists")

    def turned(entry: Any, side: str, *, queues: bool) -> dict[str, Any]:  # noqa: ANN401 - an Entry
        found: dict[str, Any] = lists(entry, side, queues=queues)
        if hasattr(entry.value, "entries"):
            return found
        return {f"{side}_deny": found[f"{side}_allow"] or ()}

    patch.attribute(f"{CONFIG}:lists", turned)


@fault("AUTH-PERM-012", "an empty list allows nothing")
def empty_allows_nothing(patch: Patch) -> None:
    """As one might read it."""
    lists = patch.original(f"{CONFIG}:lists")

    def strict(entry: Any, side: str, *, queues: bool) -> dict[str, Any]:  # noqa: ANN401 - an Entry
        found: dict[str, Any] = lists(entry, side, queues=queues)
        if found.get(f"{side}_allow") is None and not found.get(f"{side}_deny"):
            return {f"{side}_allow": (Rule(b"-"),)}
        return found

    patch.attribute(f"{CONFIG}:lists", strict)


def defaults(patch: Patch, change: Any) -> None:  # noqa: ANN401 - of a user's rules and the default
    """Have users of the authorization block get other permissions."""
    keys = patch.original(f"{LOADER}:KEYS")
    name, read = keys["authorization"]

    def other(entry: Any) -> Any:  # noqa: ANN401 - an Entry, an Authorization
        found = read(entry)
        default = found.default_permissions
        users = [replace(u, permissions=change(u.permissions, default)) for u in found.users]
        return replace(found, users=tuple(users))

    patch.attribute(f"{LOADER}:KEYS", {**keys, "authorization": (name, other)})


@fault("AUTH-PERM-010", "default permissions hold for nobody")
def no_defaults(patch: Patch) -> None:
    """They are read and left."""
    defaults(patch, lambda rules, default: None if rules == default else rules)


@fault("AUTH-PERM-010/filled", "default permissions fill in the side that a user has no lists for")
def defaults_fill_in(patch: Patch) -> None:
    """A user who may not publish everything may not hear everything."""

    def filled(rules: Any, default: Any) -> Any:  # noqa: ANN401 - PermissionRules
        if default is None or rules is None or not rules.publish_allow:
            return rules
        return replace(rules, subscribe_allow=rules.subscribe_allow or default.subscribe_allow)

    defaults(patch, filled)


@fault("AUTH-PERM-013", "the default permissions of the authorization block hold in accounts too")
def defaults_for_all(patch: Patch) -> None:
    """Whoever has none gets those."""
    with_users = patch.original(f"{LOADER}:with_users")

    def everywhere(own: Any, everybody: Any, top: Any) -> Any:  # noqa: ANN401 - passed on
        default = own and own.default_permissions
        users = [u if u.permissions else replace(u, permissions=default) for u in everybody]
        return with_users(own, tuple(users), top)

    patch.attribute(f"{LOADER}:with_users", everywhere)


@fault("AUTH-PERM-016", "a subject that is none may stand in a list")
def any_subject(patch: Patch) -> None:
    """It matches nothing."""

    def rules(entry: Any, *, queues: bool) -> tuple[Rule, ...]:  # noqa: ANN401 - an Entry
        items = getattr(entry.value, "items", (entry.value,))
        words = [item.text.encode().split()[: 1 + queues] for item in items]
        return tuple(Rule(*each) for each in words)

    patch.attribute(f"{CONFIG}:rules", rules)


@fault("AUTH-PERM-016/keys", "an unknown key of a permissions block is passed over")
def any_key(patch: Patch) -> None:
    """So a slip of the pen opens everything."""
    patch.attribute(f"{CONFIG}:permissions", lenient(patch.original(f"{CONFIG}:permissions")))


def lenient(read: Any) -> Any:  # noqa: ANN401 - a reader of permissions
    """Reads what it knows."""

    def lax(entry: Any) -> Any:  # noqa: ANN401 - an Entry, PermissionRules
        block = entry.value
        known = ("publish", "subscribe", "allow_responses", "publish_allow_responses", "pub", "sub")
        entries = {key: inner for key, inner in block.entries.items() if key in known}
        return read(replace(entry, value=replace(block, entries=entries)))

    return lax


@fault("AUTH-PERM-017", "a queue in a publish list is passed over")
def publish_queues(patch: Patch) -> None:
    """As in releases before 2.14.4."""
    rules = patch.original(f"{CONFIG}:rules")

    def lax(entry: Any, *, queues: bool) -> tuple[Rule, ...]:  # noqa: ANN401 - an Entry
        found: tuple[Rule, ...] = rules(entry, queues=True)
        return found if queues else tuple(Rule(rule.subject) for rule in found)

    patch.attribute(f"{CONFIG}:rules", lax)
