"""A new configuration for a running server: all of it, or none (INFO-017, INFO-023, LIM-004, LIM-007).

What may change is a table; a change of anything else is refused by name and
nothing happens. Nobody is told by INFO. Users whose credentials no longer hold
are closed, without a word if there is no such user any more (ERR-028), and
subscriptions that are no longer allowed end (ERR-008).
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from nats_reference import options as option_defaults
from nats_reference import replies
from nats_reference.auth import users
from nats_reference.operations import connect, sub

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.options import Options
    from nats_reference.routing.subscription import Subscription
    from nats_reference.server import Server

#: Options that a running server can take anew.
RELOADABLE = frozenset({
    "authorization",
    "client_advertise",
    "config_file",
    "debug",
    "lame_duck_duration",
    "lame_duck_grace_period",
    "log_file",
    "logtime",
    "max_connections",
    "max_control_line",
    "max_payload",
    "no_auth_user",
    "no_fast_producer_stall",
    "pid_file",
    "ping_interval",
    "ping_max",
    "ports_file_dir",
    "trace",
    "write_deadline",
})  # fmt: skip


class NotReloadable(ValueError):
    """An option changed that only a new start can change."""


def reload(server: Server, new: Options) -> None:
    """Take the options `new`, or raise and stay as it was.

    Raises:
        NotReloadable: something changed that can't.
        InvalidOptions: they don't go together.
    """
    new = option_defaults.with_defaults(new)
    option_defaults.validate(new)
    old = server.options
    for option in fields(old):
        before, after = getattr(old, option.name), getattr(new, option.name)
        if before != after and option.name not in RELOADABLE:
            name = option.name.title().replace("_", "")
            raise NotReloadable(
                f"config reload not supported for {name}: old={before}, new={after}"
            )
    server.options = new
    server.log.debugging = new.debug
    server.log.tracing = new.trace
    if (old.authorization, old.no_auth_user) != (new.authorization, new.no_auth_user):
        for connection in tuple(server.connections.values()):
            reauthorise(connection)
    close_excess(server)
    for account in server.accounts.values():
        account.interest.changed()
    server.flush()


def reauthorise(connection: Connection) -> None:
    """Ask again who this is and what it may do."""
    if not connection.connected:
        return
    user = users.authenticate(connection.server.options, connection.options)
    if user is None:
        if users.unknown(connection.server.options, connection.options.user):
            connection.close("Credentials Revoked")
        else:
            connection.fail(replies.AUTHORIZATION_VIOLATION, "Authentication Failure")
        return
    if not connect.admit(connection, user):
        return
    for subscription in tuple(connection.subscriptions.values()):
        recheck(connection, subscription)


def recheck(connection: Connection, subscription: Subscription) -> None:
    """End a subscription that is no longer allowed (ERR-008)."""
    subject, queue = subscription.subject, subscription.queue
    if not sub.allowed(connection, subject, queue):
        connection.forget(subscription)
        connection.send_error(replies.subscription_denied(subject, queue, subscription.sid))


def close_excess(server: Server) -> None:
    """Close connections beyond a lowered max_connections (LIM-004)."""
    limit = max(server.options.max_connections, 0)
    excess = len(server.connections) - limit
    for connection in list(server.connections.values())[: max(excess, 0)]:
        connection.fail(replies.MAX_CONNECTIONS, "Maximum Connections Exceeded")
