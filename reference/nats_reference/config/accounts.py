"""The block `accounts`: names, users, and what of JetStream each may have.

What connects accounts (imports, exports, mappings) is refused by name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from nats_reference.accounts import GLOBAL
from nats_reference.config import authorization, jetstream, permissions, values
from nats_reference.config.document import Array, Block, ConfigError, Entry, Place, Word
from nats_reference.jetstream.limits import AccountLimits
from nats_reference.options import AccountOptions, ClientLimits

if TYPE_CHECKING:
    from nats_reference.auth.permissions import PermissionRules
    from nats_reference.auth.users import User

UNSUPPORTED: Final = frozenset(
    [
        "default_sentinel",
        "exports",
        "imports",
        "mappings",
        "maps",
        "msg_trace",
        "nkey",
        "trace_dest",
    ]
)

#: Keys of an account's `limits`, and what each sets.
CLIENT_LIMITS: Final = {
    "max_connections": "connections",
    "max_conn": "connections",
    "max_subscriptions": "subscriptions",
    "max_subs": "subscriptions",
    "max_payload": "payload",
    "max_pay": "payload",
}
#: Of leaf nodes, which the reference doesn't have: read, and left.
LEAF_LIMITS: Final = frozenset(["max_leafnodes", "max_leafs"])

#: Keys of an account's `jetstream`: the limit that each sets, and what its value is.
LIMITS: Final = {
    **dict.fromkeys(("max_memory", "max_mem", "mem", "memory"), ("max_memory", values.whole)),
    **dict.fromkeys(
        ("max_store", "max_file", "max_disk", "store", "disk"), ("max_storage", values.whole)
    ),
    **dict.fromkeys(("max_streams", "streams"), ("max_streams", values.whole)),
    **dict.fromkeys(("max_consumers", "consumers"), ("max_consumers", values.whole)),
    **dict.fromkeys(
        ("max_bytes_required", "max_stream_bytes", "max_bytes"),
        ("max_bytes_required", values.switch),
    ),
    **dict.fromkeys(
        ("mem_max_stream_bytes", "memory_max_stream_bytes"),
        ("memory_max_stream_bytes", values.whole),
    ),
    **dict.fromkeys(
        ("disk_max_stream_bytes", "store_max_stream_bytes"),
        ("storage_max_stream_bytes", values.whole),
    ),
    "max_ack_pending": ("max_ack_pending", values.whole),
}


def refuse(entry: Entry) -> ConfigError:
    """The error for a key that has no place here."""
    known = entry.key.lower() in UNSUPPORTED
    text = "not supported by the reference: '{}'" if known else 'unknown field "{}"'
    return ConfigError(text.format(entry.key), entry.at)


def accounts(entry: Entry) -> tuple[tuple[AccountOptions, ...], tuple[User, ...]]:
    """The accounts, and the users of all of them."""
    if isinstance(entry.value, Array):
        return named(entry), ()
    found: list[AccountOptions] = []
    everybody: list[User] = []
    block = values.block(entry)
    for name, each in block.exact.items():
        if name.lower() not in block.used:
            options, users = account(each)
            found.append(options)
            everybody.extend(users)
    return tuple(found), tuple(everybody)


def named(entry: Entry) -> tuple[AccountOptions, ...]:
    """Accounts by their names alone."""
    names: list[str] = []
    for item in values.items(entry):
        if not isinstance(item, Word):
            raise values.wrong(entry, "names")
        if item.text in names:
            raise ConfigError(f"Duplicate Account Entry: {item.text}", item.at)
        names.append(free(item.text, item.at))
    return tuple(map(AccountOptions, names))


def free(name: str, at: Place) -> str:
    """A name that an account may have."""
    if name == GLOBAL:
        raise ConfigError(f'"{name}" is a Reserved Account', at)
    return name


def account(entry: Entry) -> tuple[AccountOptions, tuple[User, ...]]:
    """One account and its users."""
    streams: AccountLimits | None = None
    limits = ClientLimits()
    users: tuple[User, ...] = ()
    default: PermissionRules | None = None
    block = values.block(entry)
    for key, inner in block.entries.items():
        match key:
            case "jetstream":
                streams = jetstream_limits(inner)
            case "limits":
                limits = client_limits(inner)
            case "users":
                users = authorization.users(inner)
            case "default_permissions":
                default = permissions.permissions(inner)
            case _ if key not in block.used:
                raise refuse(inner)
    placed = (replace(user, account=entry.key) for user in users)
    granted = (
        user if user.permissions is not None else replace(user, permissions=default)
        for user in placed
    )
    return AccountOptions(free(entry.key, entry.at), streams, limits), tuple(granted)


def client_limits(entry: Entry) -> ClientLimits:
    """What the clients of an account may have (ACC-LIM-001 .. ACC-LIM-004)."""
    found: dict[str, int] = {}
    block = values.block(entry)
    for key, inner in block.entries.items():
        if key in CLIENT_LIMITS:
            found[CLIENT_LIMITS[key]] = values.whole(inner)
        elif key in LEAF_LIMITS:
            values.whole(inner)
        elif key not in block.used:
            raise ConfigError(f'Unknown field "{inner.key}" parsing account limits', inner.at)
    return ClientLimits(**found)


def jetstream_limits(entry: Entry) -> AccountLimits | None:
    """What an account may have of JetStream; None for nothing at all."""
    if isinstance(entry.value, Word):
        return AccountLimits() if jetstream.enabled(entry) else None
    found: dict[str, Any] = {}
    block: Block = values.block(entry)
    for key, inner in block.entries.items():
        if key in LIMITS:
            name, read = LIMITS[key]
            found[name] = read(inner)
        elif key not in block.used:
            raise refuse(inner)
    return AccountLimits(**found)
