"""From a configuration file to options: which key sets what.

A key that nats-server has and the reference does not is refused by name, never
ignored; so is one that nobody has.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.config import accounts, authorization, document, jetstream, values
from nats_reference.options import Authorization, Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nats_reference.auth.users import User
    from nats_reference.config.document import Entry

BIGGEST = 2**31 - 1

#: Key: the option it sets, and what its value is.
KEYS: dict[str, tuple[str, Callable[[Entry], Any]]] = {
    "host": ("host", values.text),
    "net": ("host", values.text),
    "port": ("port", values.whole),
    "server_name": ("server_name", values.text),
    "client_advertise": ("client_advertise", values.text),
    "http_port": ("http_port", values.whole),
    "monitor_port": ("http_port", values.whole),
    "http_base_path": ("http_base_path", values.text),
    "max_closed_clients": ("max_closed_clients", values.up_to(BIGGEST)),
    "max_payload": ("max_payload", values.up_to(BIGGEST)),
    "max_pending": ("max_pending", values.whole),
    "max_control_line": ("max_control_line", values.up_to(BIGGEST)),
    "max_connections": ("max_connections", values.places),
    "max_conn": ("max_connections", values.places),
    "max_subscriptions": ("max_subscriptions", values.whole),
    "max_subs": ("max_subscriptions", values.whole),
    "max_subscription_tokens": ("max_subscription_tokens", values.up_to(255, 0)),
    "max_sub_tokens": ("max_subscription_tokens", values.up_to(255, 0)),
    "ping_interval": ("ping_interval", values.duration),
    "ping_max": ("ping_max", values.whole),
    "write_deadline": ("write_deadline", values.duration),
    "write_timeout": ("write_timeout", values.one_of("default", "close", "retry")),
    "no_header_support": ("no_header_support", values.switch),
    "no_fast_producer_stall": ("no_fast_producer_stall", values.switch),
    "disable_sublist_cache": ("disable_sublist_cache", values.switch),
    "no_sublist_cache": ("disable_sublist_cache", values.switch),
    "lame_duck_duration": ("lame_duck_duration", values.lame_duck_duration),
    "lame_duck_grace_period": ("lame_duck_grace_period", values.grace_period),
    "authorization": ("authorization", authorization.authorization),
    "jetstream": ("jetstream", jetstream.jetstream),
    "feature_flags": ("feature_flags", jetstream.feature_flags),
    "store_dir": ("store_dir", values.text),
    "storedir": ("store_dir", values.text),
    "no_auth_user": ("no_auth_user", values.text),
    "system_account": ("system_account", values.text),
    "system": ("system_account", values.text),
    "debug": ("debug", values.switch),
    "trace": ("trace", values.switch),
    "logtime": ("logtime", values.switch),
    "log_file": ("log_file", values.text),
    "logfile": ("log_file", values.text),
    "pid_file": ("pid_file", values.text),
    "pidfile": ("pid_file", values.text),
    "ports_file_dir": ("ports_file_dir", values.text),
}

#: Keys that hold host and port together: the options that they set.
ADDRESSES: dict[str, tuple[str, str]] = {
    "listen": ("host", "port"),
    "http": ("http_host", "http_port"),
}

#: Keys of nats-server that the reference does not have.
UNSUPPORTED = frozenset(
    [
        "trace_verbose",
        "trace_headers",
        "logtime_utc",
        "mappings",
        "maps",
        "default_sentinel",
        "https",
        "https_port",
        "cluster",
        "gateway",
        "leaf",
        "leafnodes",
        "logfile_size_limit",
        "log_size_limit",
        "logfile_max_num",
        "log_max_num",
        "syslog",
        "remote_syslog",
        "prof_port",
        "prof_block_rate",
        "proxy_protocol",
        "max_traced_msg_len",
        "tls",
        "ocsp",
        "allow_non_tls",
        "operator",
        "operators",
        "roots",
        "root",
        "root_operators",
        "root_operator",
        "resolver",
        "account_resolver",
        "accounts_resolver",
        "resolver_tls",
        "resolver_preload",
        "resolver_pinned_accounts",
        "no_system_account",
        "no_system",
        "no_sys_acc",
        "trusted",
        "trusted_keys",
        "connect_error_reports",
        "reconnect_error_reports",
        "websocket",
        "ws",
        "mqtt",
        "server_tags",
        "server_metadata",
        "default_js_domain",
        "ocsp_cache",
        "proxies",
    ]
)


def load(path: Path) -> Options:
    """The options that the file at `path` sets.

    Raises:
        ConfigError: something is wrong with it; the text says what and where.
        OSError: it can't be read.
    """
    return from_block(document.read(path), str(path))


def from_block(top: document.Block, name: str) -> Options:
    """The options that the top block of a file sets."""
    found: dict[str, Any] = {"config_file": name}
    everybody: tuple[User, ...] = ()
    for key, entry in top.entries.items():
        if key in KEYS:
            option, reader = KEYS[key]
            found[option] = reader(entry)
        elif key in ADDRESSES:
            host, port = values.address(entry)
            found |= dict(zip(ADDRESSES[key], (host or found.get("host", ""), port), strict=True))
        elif key == "accounts":
            found["accounts"], everybody = accounts.accounts(entry)
        elif key in UNSUPPORTED:
            text = f"not supported by the reference: '{entry.key}'"
            raise document.ConfigError(text, entry.at)
        elif key not in top.used:
            text = f'unknown field "{entry.key}"'
            raise document.ConfigError(text, entry.at)
    if everybody:
        found["authorization"] = with_users(found.get("authorization"), everybody, top)
    if " " in found.get("server_name", ""):
        entry = top.entries["server_name"]
        raise document.ConfigError("server name cannot contain spaces", entry.at)
    return replace(Options(), **found)


def with_users(
    own: Authorization | None, everybody: tuple[User, ...], top: document.Block
) -> Authorization:
    """The users of the authorization block and of all accounts."""
    own = own or Authorization()
    at = top.entries["accounts"].at
    authorization.alone(own.user, own.token, at)
    users = own.users + everybody
    names = [user.name for user in users]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise document.ConfigError(f'Duplicate user "{twice}" detected', at)
    return replace(own, users=users)
