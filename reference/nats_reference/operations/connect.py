"""CONNECT, and what only servers say to one another: INFO and -ERR.

CONN-001 .. CONN-016, AUTH-TOK-001, AUTH-USER-001, FRAME-007, FRAME-011, FRAME-012, ERR-014, ERR-018,
ERR-019. Members are read the way Go's encoding/json reads them: names in any
case, unknown ones ignored, null for "as before".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

from nats_reference import info as server_info
from nats_reference import keepalive, limits, replies
from nats_reference.auth import permissions, users
from nats_reference.auth.responses import Responses

if TYPE_CHECKING:
    from nats_reference.connection import Connection

#: Protocol versions there are (CONN-007).
PROTOCOLS = (0, 1)


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """What a client says about itself; the values here hold before it does (CONN-002)."""

    verbose: bool = True
    pedantic: bool = True
    echo: bool = True
    headers: bool = False
    no_responders: bool = False
    protocol: int = 0
    tls_required: bool = False
    name: str = ""
    lang: str = ""
    version: str = ""
    user: str = ""
    password: str = ""
    auth_token: str = ""
    nkey: str = ""
    jwt: str = ""
    sig: str = ""
    account: str = ""
    new_account: bool = False
    remote_account: str = ""
    proxy_sig: str = ""
    #: Of routes and leaf nodes; a client may say them, they mean nothing.
    import_: dict[str, Any] = field(default_factory=dict)
    export: dict[str, Any] = field(default_factory=dict)


#: Fields whose name can't be that of the member in Python, or is better said in full.
RENAMED = {"password": "pass", "import_": "import"}
#: Member of CONNECT: the field it goes into, and its type.
MEMBERS: dict[str, tuple[str, type]] = {
    RENAMED.get(name, name): (name, type(getattr(ConnectOptions(), name)))
    for name in ConnectOptions.__slots__
}

DEFAULTS = ConnectOptions()

#: One more than the largest number that a member can hold.
INTEGERS = 1 << 63


class Unreadable(ValueError):
    """Not the JSON that a CONNECT has."""


def connect(connection: Connection, text: bytes) -> None:
    """CONNECT {...}."""
    server = connection.server
    # VALIDATE
    keepalive.connected(connection)
    try:
        said = read(connection.options, text)
    except Unreadable as error:
        connection.log_error(str(error))
        connection.close("Protocol Violation")
        return
    again = connection.connected
    connection.connected = True
    headers = said.headers and not server.options.no_header_support
    connection.options = replace(said, headers=headers)
    connection.interest.changed()
    if again:
        drop_subscriptions(connection)
    if not computed_first(connection):
        authorise(connection)


def computed_first(connection: Connection) -> bool:
    """Whether a hash has to be computed before it can be said who this is; nobody waits for it."""
    claim = users.claim(connection.server.options, connection.options)
    work = None if claim is None else claim.to_compute()
    if claim is None or work is None:
        return False

    def then(outcome: bool) -> None:
        claim.learn(outcome)
        if not connection.closed:
            authorise(connection)
            connection.go_on()

    connection.halted = True
    connection.link.aside(work, then)
    return True


def authorise(connection: Connection) -> None:
    """Let the client in, if it proves who it is and asks for what there is."""
    server, said = connection.server, connection.options
    # AUTHORISE
    user = users.authenticate(server.options, said)
    if user is None or said.account or said.new_account:
        connection.fail(replies.AUTHORIZATION_VIOLATION, "Authentication Failure")
        return
    # EFFECT
    if not admit(connection, user):
        return
    if said.protocol not in PROTOCOLS:
        connection.fail(replies.INVALID_PROTOCOL, "Bad Client Protocol Version")
        return
    if said.no_responders and not said.headers:
        connection.fail(replies.NO_RESPONDERS_NEEDS_HEADERS, "No Responders Requires Headers")
        return
    # REPLY
    connection.send_ok()


def admit(connection: Connection, user: users.User) -> bool:
    """Bind the connection to `user` and what it may do, if there is room in the account."""
    account = connection.server.accounts[user.account]
    if limits.account_full(connection, account):
        connection.fail(replies.MAX_ACCOUNT_CONNECTIONS, "Maximum Account Connections Exceeded")
        return False
    connection.user = user.name
    connection.join(account)
    rules = user.permissions
    connection.permissions = None if rules is None else permissions.ready(rules)
    rule = None if rules is None else rules.responses
    connection.responses = None if rule is None else Responses(rule, connection.server.clock)
    connection.filters_deliveries = False
    return True


def drop_subscriptions(connection: Connection) -> None:
    """A second CONNECT starts with no subscription (CONN-009)."""
    for subscription in tuple(connection.subscriptions.values()):
        connection.forget(subscription)


def read(before: ConnectOptions, text: bytes) -> ConnectOptions:
    """`before` with what the JSON in `text` changes.

    Raises:
        Unreadable: it is not an object, or a member has the wrong type.
    """
    said = parse(text)
    if said is None:
        return before
    if not isinstance(said, dict):
        raise Unreadable(f"CONNECT wants an object, not {type(said).__name__}")
    changed: dict[str, Any] = {}
    for name, value in said.items():
        member = MEMBERS.get(folded(name))
        if member is None or value is None:
            continue
        into, kind = member
        check(name, value, kind)
        changed[into] = value
    return replace(before, **changed) if changed else before


def folded(name: str) -> str:
    """A member's name as it is compared: in any case, the long s included (CONN-004)."""
    return name.replace("\u017f", "s").lower()


def check(name: str, value: Any, kind: type) -> None:  # noqa: ANN401 - JSON
    """Whether a member has its type.

    Raises:
        Unreadable: it has not.
    """
    if type(value) is not kind or (isinstance(value, int) and not -INTEGERS <= value < INTEGERS):
        raise Unreadable(f"member {name!r} wants {kind.__name__}")


def parse(text: bytes) -> Any:  # noqa: ANN401 - JSON
    """The JSON value in `text`."""
    try:
        return json.loads(text.decode("utf-8", "replace"), parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"no JSON: {error}") from None


def no_constant(name: str) -> NoReturn:
    """NaN and Infinity, which Python reads and JSON doesn't have."""
    raise ValueError(f"{name} is not JSON")


def info(connection: Connection, text: bytes) -> None:
    """INFO {...}: ignored if it is an object (FRAME-012)."""
    # VALIDATE
    try:
        said = parse(text)
        for name, value in () if said is None else said.items():
            if value is not None and (kind := server_info.TYPES.get(folded(name))) is not None:
                check(name, value, kind)
    except (Unreadable, AttributeError):
        connection.close("Protocol Violation")


def err(connection: Connection, _text: bytes) -> None:
    """-ERR 'text': a client that says so is done (FRAME-011)."""
    # EFFECT
    connection.close("Parse Error")
