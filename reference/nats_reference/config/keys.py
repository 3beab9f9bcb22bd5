"""Which key of a configuration file sets which option, and what its value is (CONF-OPT-001).

Keys of nats-server that have no place here are known by name, to be refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.config import authorization, jetstream, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.config.document import Entry

BIGGEST = 2**31 - 1

#: Key: the option it sets, and what its value is.
KEYS: dict[str, tuple[str, Callable[[Entry], Any]]] = {
    "host": ("host", values.text),
    "net": ("host", values.text),
    "port": ("port", values.whole),
    "server_name": ("server_name", values.server_name),
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
    "ping_interval": ("ping_interval", values.duration_or_seconds),
    "ping_max": ("ping_max", values.whole),
    "write_deadline": ("write_deadline", values.duration_or_seconds),
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
    "logtime_utc": ("logtime_utc", values.switch),
    "server_tags": ("server_tags", values.tags),
    "server_metadata": ("server_metadata", values.metadata),
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
        "default_js_domain",
        "ocsp_cache",
        "proxies",
    ]
)
