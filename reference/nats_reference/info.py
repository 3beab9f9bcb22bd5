"""The INFO line: what a server says about itself (INFO-001 .. INFO-013, INFO-019, INFO-022).

One JSON object in a fixed order, made once for a server and cut where a
connection's own members go. Leaves out nonce, TLS and clusters.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nats_reference import limits
from nats_reference import options as option_defaults

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.server import Server

GIT_COMMIT = "b2fd3ef"
#: Members of INFO that never change (INFO-004, INFO-011).
PROTO = 1
API_LEVEL = 5
#: INFO-007: the greeting hides that credentials exist if a stranger may come in.
HIDE_AUTH_FROM_STRANGERS = True


#: Members that are left out when they say nothing.
OPTIONAL = (
    "auth_required",
    "jetstream",
    "domain",
    "ldm",
    "connect_info",
    "remote_account",
    "acc_is_sys",
)

#: What type a member of INFO has, when a client sends one (FRAME-012).
TYPES: dict[str, type] = {
    **dict.fromkeys(
        [
            "server_id",
            "server_name",
            "version",
            "git_commit",
            "go",
            "host",
            "ip",
            "client_ip",
            "nonce",
            "cluster",
            "domain",
            "compression",
            "remote_account",
            "xkey",
        ],
        str,
    ),
    **dict.fromkeys(["proto", "port", "max_payload", "client_id", "api_lvl"], int),
    **dict.fromkeys(
        [
            "headers",
            "auth_required",
            "tls_required",
            "tls_verify",
            "tls_available",
            "jetstream",
            "cluster_dynamic",
            "ldm",
            "connect_info",
            "acc_is_sys",
        ],
        bool,
    ),
    **dict.fromkeys(("connect_urls", "ws_connect_urls"), list),
}


def advertised(server: Server) -> tuple[str, int]:
    """The host and port that clients are told (INFO-017)."""
    options = server.options
    if not options.client_advertise:
        return options.host, server.port
    found = option_defaults.ADVERTISED.fullmatch(options.client_advertise)
    host, port = found.groups(default="0") if found else (options.client_advertise, "0")
    return host.strip("[]"), int(port) if int(port) > 0 else server.port


def members(server: Server, connection: Connection, **late: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The object of one INFO; `late` holds what only a later INFO has."""
    host, port = advertised(server)
    found: dict[str, Any] = {
        "server_id": server.id,
        "server_name": server.name,
        "version": option_defaults.VERSION,
        "proto": PROTO,
        "git_commit": GIT_COMMIT,
        "go": server.runtime,
        "host": host,
        "port": port,
        "headers": not server.options.no_header_support,
        "auth_required": server.options.authorization.required,
        "max_payload": server.options.max_payload,
        "jetstream": server.jetstream is not None,
        "client_id": connection.cid,
        "client_ip": connection.host,
        "domain": server.jetstream.domain if server.jetstream else "",
        "ldm": False,
        "connect_info": False,
        "remote_account": "",
        "acc_is_sys": False,
        "api_lvl": API_LEVEL,
        "xkey": server.xkey,
    }
    found.update(late)
    for optional in OPTIONAL:
        if not found[optional]:
            del found[optional]
    return found


def line(found: dict[str, Any]) -> bytes:
    """The control line: one blank before CR LF (FRAME-029)."""
    return b"INFO %b \r\n" % json.dumps(found, separators=(",", ":")).encode()


def greeting(server: Server, connection: Connection) -> bytes:
    """The INFO that comes before anything else."""
    if HIDE_AUTH_FROM_STRANGERS and server.options.no_auth_user:
        return line(members(server, connection, auth_required=False))
    return line(members(server, connection))


def after_first_pong(server: Server, connection: Connection) -> bytes:
    """The INFO that follows the first PONG after CONNECT (INFO-019)."""
    return line(members(server, connection, connect_info=True, **place(connection)))


def place(connection: Connection) -> dict[str, Any]:
    """Where a client is that has said who it is."""
    account = connection.account
    found = {"remote_account": account.name, "max_payload": limits.max_payload(connection)}
    return found | ({"acc_is_sys": True} if account.system else {})


def lame_duck(server: Server, connection: Connection) -> bytes:
    """The INFO that tells a client to go elsewhere (INFO-022)."""
    return line(members(server, connection, ldm=True))
