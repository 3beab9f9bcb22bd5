"""A new configuration for a running server: all of it, or none (REL-001, REL-002, REL-006).

What may change is a table; a change of anything else is refused by name and
nothing happens. Nobody is told by INFO. Users whose credentials no longer hold
are closed, without a word if there is no such user any more (REL-003, ERR-028), those
of another account too (REL-005), and subscriptions that are no longer allowed end
(REL-004, ERR-008).
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from nats_reference import accounts, limits, replies
from nats_reference import options as option_defaults
from nats_reference.auth import users
from nats_reference.operations import connect, sub

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.options import Options
    from nats_reference.routing.subscription import Subscription
    from nats_reference.server import Server

#: Options that a running server can take anew.
RELOADABLE = frozenset({
    "accounts",
    "authorization",
    "client_advertise",
    "config_digest",
    "config_file",
    "debug",
    "log_file",
    "logtime",
    "logtime_utc",
    "max_connections",
    "max_control_line",
    "max_payload",
    "no_fast_producer_stall",
    "pid_file",
    "ping_interval",
    "ping_max",
    "ports_file_dir",
    "server_metadata",
    "server_tags",
    "store_dir",
    "trace",
    "write_deadline",
})  # fmt: skip

#: What nats-server calls the others when it refuses a change.
NAMES = {
    "disable_sublist_cache": "NoSublistCache",
    "http_host": "HTTPHost",
    "http_port": "HTTPPort",
    "jetstream": "JetStream",
    "max_subscriptions": "MaxSubs",
    "max_subscription_tokens": "MaxSubTokens",
}


class NotReloadable(ValueError):
    """An option changed that only a new start can change."""


def reload(server: Server, new: Options) -> None:
    """Take the options `new`, or raise and stay as it was.

    Raises:
        NotReloadable: something changed that can't.
        InvalidOptions: they don't go together.
    """
    old = server.options
    new = option_defaults.with_defaults(new)
    if new.port < 0:  # any port is as good as the one that it has
        new = replace(new, port=old.port)
    option_defaults.validate(new)
    changed = differing(old, new)
    refuse(old, new, changed)
    apply(server, new)
    for name in changed:
        server.log.info(f"Reloaded: {name}")


def differing(old: Options, new: Options) -> list[str]:
    """The options that are not what they were."""
    names = (option.name for option in fields(old))
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def refuse(old: Options, new: Options, changed: list[str]) -> None:
    """Say no to a change of what can't change (REL-002).

    Raises:
        NotReloadable: it can't.
    """
    for name in changed:
        if name in RELOADABLE or (name == "no_auth_user" and gone(old, new)):
            continue
        before, after = getattr(old, name), getattr(new, name)
        if name == "jetstream" and before and after and before.store_dir != after.store_dir:
            raise NotReloadable("config reload not supported for jetstream storage directory")
        raise NotReloadable(
            f"config reload not supported for {called(name)}: "
            f"old={shown(before)}, new={shown(after)}"
        )
    if old.jetstream and rearranged(old, new):
        text = "config reload not supported by the reference for who has JetStream"
        raise NotReloadable(text)


def gone(old: Options, new: Options) -> bool:
    """Whether nobody stands for strangers any more because that user is gone."""
    known = {user.name for user in new.authorization.users}
    return not new.no_auth_user and old.no_auth_user not in known


def rearranged(old: Options, new: Options) -> bool:
    """Whether an account that stays gets streams, or loses what it had."""
    before = {each.name: each.jetstream is None for each in old.accounts}
    after = {each.name: each.jetstream is None for each in new.accounts}
    stayed = before.keys() & after.keys()
    return bool(before) != bool(after) or any(before[name] != after[name] for name in stayed)


def called(name: str) -> str:
    """What nats-server calls an option."""
    return NAMES.get(name) or name.title().replace("_", "")


def shown(value: Any) -> str:  # noqa: ANN401 - of any option
    """A value in the log; secrets are none of the options that end up here."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def apply(server: Server, new: Options) -> None:
    """Be what `new` says.

    Raises:
        OSError: the log file can't be opened.
    """
    server.log.configure(
        new.log_file,
        times=new.logtime,
        utc=new.logtime_utc,
        debug=new.debug,
        trace=new.trace,
    )
    old, server.options = server.options, new
    server.configured = server.wall()
    accounts.follow(server.accounts, new)
    if server.jetstream is not None:
        server.jetstream.follow()
    if identities(old) != identities(new):
        for connection in tuple(server.connections.values()):
            reauthorise(connection)
    accounts.forget(server.accounts, new)
    close_excess(server)
    for account in server.accounts.values():
        account.interest.changed()
    server.flush()


def identities(options: Options) -> tuple[object, ...]:
    """All that decides who somebody is."""
    return options.authorization, options.no_auth_user, options.accounts


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
    if user.account != connection.account.name:
        connection.close("Client Closed")
        return
    if not connect.admit(connection, user):
        return
    if limits.beyond_subscriptions(connection):
        connection.fail(replies.MAX_SUBSCRIPTIONS, "Maximum Subscriptions Exceeded")
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
