"""Everything that can be configured, with the defaults of nats-server (LIM-001).

A value of zero in a configuration means the default, as it does there. Reading
the command line is flags.py, reading a file config/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.auth.permissions import PermissionRules
    from nats_reference.auth.users import User
    from nats_reference.jetstream.limits import AccountLimits
    from nats_reference.jetstream.settings import JetStreamOptions

VERSION = "2.15.1"

PORT = 4222
HOST = "0.0.0.0"  # noqa: S104 - the default of nats-server
MAX_CONNECTIONS = 65536
MAX_CONTROL_LINE = 4096
MAX_PAYLOAD = 1048576
MAX_PENDING = 67108864
PING_INTERVAL = 120.0
PING_MAX = 2
AUTH_TIMEOUT = 2.0
TLS_TIMEOUT = 2.0
WRITE_DEADLINE = 10.0
MAX_CLOSED_CLIENTS = 10_000
LAME_DUCK_DURATION = 120.0
LAME_DUCK_GRACE_PERIOD = 10.0
#: There whether it is configured or not.
SYSTEM_ACCOUNT = "$SYS"
#: LDM-008: a shorter duration is refused where it is read.
SHORTEST_LAME_DUCK_DURATION = 30.0


#: What clients may be told: a host, in brackets if it has colons, and a port or none.
ADVERTISED = re.compile(r"(\[[^][]*\]|[^][:]*)(?::(-?\d{1,18}))?")


class InvalidOptions(ValueError):
    """Options that each can be right and together cannot."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """Who may connect."""

    user: str = ""
    password: str = ""
    token: str = ""
    users: tuple[User, ...] = ()
    default_permissions: PermissionRules | None = None
    timeout: float = 0.0

    @property
    def required(self) -> bool:
        """Whether a client has to say who it is."""
        return bool(self.user or self.token or self.users)


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """What the clients of one account may have; negative for as much as the server lets them."""

    #: Of all together.
    connections: int = -1
    #: Of each connection.
    subscriptions: int = -1
    #: Of each message.
    payload: int = -1


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """One account."""

    name: str
    #: What it may have of JetStream; None for nothing.
    jetstream: AccountLimits | None = None
    limits: ClientLimits = ClientLimits()


@dataclass(frozen=True, slots=True)
class Options:
    """The configuration of one server."""

    host: str = ""
    port: int = 0
    server_name: str = ""
    client_advertise: str = ""
    http_host: str = ""
    http_port: int = 0
    http_base_path: str = ""
    #: How many connections that have ended are remembered.
    max_closed_clients: int = 0
    max_payload: int = 0
    max_pending: int = 0
    max_control_line: int = 0
    max_connections: int = 0
    max_subscriptions: int = 0
    max_subscription_tokens: int = 0
    ping_interval: float = 0.0
    ping_max: int = 0
    write_deadline: float = 0.0
    write_timeout: str = "default"
    no_header_support: bool = False
    no_fast_producer_stall: bool = False
    disable_sublist_cache: bool = False
    lame_duck_duration: float = 0.0
    lame_duck_grace_period: float = 0.0
    authorization: Authorization = field(default_factory=Authorization)
    no_auth_user: str = ""
    accounts: tuple[AccountOptions, ...] = ()
    system_account: str = ""
    #: Streams, if there are to be any, and where, unless that says so itself.
    jetstream: JetStreamOptions | None = None
    store_dir: str = ""
    feature_flags: frozenset[str] = frozenset()
    debug: bool = False
    trace: bool = False
    logtime: bool = True
    logtime_utc: bool = False
    #: What operators say about the server.
    server_tags: tuple[str, ...] = ()
    server_metadata: tuple[tuple[str, str], ...] = ()
    log_file: str = ""
    pid_file: str = ""
    ports_file_dir: str = ""
    config_file: str = ""
    config_digest: str = ""

    @property
    def auth_timeout(self) -> float:
        """How long a connection may wait with its CONNECT."""
        return self.authorization.timeout or AUTH_TIMEOUT


#: The options in which zero, or nothing, stands for the constant of that name.
ZERO_IS_DEFAULT: dict[str, str] = {
    "host": "HOST",
    "port": "PORT",
    "max_connections": "MAX_CONNECTIONS",
    "max_closed_clients": "MAX_CLOSED_CLIENTS",
    "max_control_line": "MAX_CONTROL_LINE",
    "max_payload": "MAX_PAYLOAD",
    "max_pending": "MAX_PENDING",
    "ping_interval": "PING_INTERVAL",
    "ping_max": "PING_MAX",
    "write_deadline": "WRITE_DEADLINE",
    "lame_duck_duration": "LAME_DUCK_DURATION",
    "lame_duck_grace_period": "LAME_DUCK_GRACE_PERIOD",
}


def with_defaults(options: Options) -> Options:
    """`options` with every zero replaced by what it stands for."""
    constants = globals()
    zeros = {
        name: constants[constant]
        for name, constant in ZERO_IS_DEFAULT.items()
        if not getattr(options, name)
    }
    return replace(options, **zeros)


def validate(options: Options) -> None:
    """What is checked at the start of a server and not by `-t` (LIM-008, LDM-008).

    Raises:
        InvalidOptions: with the sentence that nats-server gives.
    """
    if options.lame_duck_duration <= options.lame_duck_grace_period:
        raise InvalidOptions(
            f"lame duck grace period ({options.lame_duck_grace_period:g}s) should be strictly "
            f"lower than lame duck duration ({options.lame_duck_duration:g}s)"
        )
    if options.max_payload > options.max_pending:
        raise InvalidOptions(
            f"max_payload ({options.max_payload}) cannot be higher than "
            f"max_pending ({options.max_pending})"
        )
    if not ADVERTISED.fullmatch(options.client_advertise):
        raise InvalidOptions(f"client_advertise wants host:port, not {options.client_advertise}")
    if " " in options.server_name:
        raise InvalidOptions("server name cannot contain spaces")
    names = {each.name for each in options.accounts}
    if options.system_account and options.system_account not in {*names, SYSTEM_ACCOUNT}:
        raise InvalidOptions(f"error resolving system account: {options.system_account} is none")
    known = {user.name for user in options.authorization.users}
    if options.no_auth_user and not known:
        raise InvalidOptions(
            f'no_auth_user: "{options.no_auth_user}" present, but users/nkeys are not defined'
        )
    if options.no_auth_user and options.no_auth_user not in known:
        raise InvalidOptions(
            f'no_auth_user: "{options.no_auth_user}" not present as user or nkey in '
            "authorization block or account configuration"
        )
