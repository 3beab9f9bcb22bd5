"""Accounts that come and go while a server runs: a test has one of its own, and leaves nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nats_reference import accounts
from nats_reference.auth.users import User
from nats_reference.jetstream.account import Account
from nats_reference.jetstream.api import dispatch
from nats_reference.jetstream.limits import AccountLimits
from nats_reference.options import AccountOptions, Options

if TYPE_CHECKING:
    from nats_reference.server import Server

#: Who comes without credentials.
ANYBODY: Final = "anybody"


def prepared(options: Options) -> Options:
    """The same options for a server that will have accounts; others are in the global one."""
    authorization = replace(options.authorization, users=(User(ANYBODY, ""),))
    return replace(
        options,
        authorization=authorization,
        no_auth_user=ANYBODY,
        accounts=(AccountOptions(accounts.GLOBAL, AccountLimits()),),
    )


def add(server: Server, name: str, password: str) -> None:
    """An account with streams, and a user of the same name in it."""
    known = server.options
    server.options = replace(
        known,
        authorization=replace(
            known.authorization,
            users=(*known.authorization.users, User(name, password, account=name)),
        ),
        accounts=(*known.accounts, AccountOptions(name, AccountLimits())),
    )
    server.accounts[name] = account = accounts.Account(name)
    if server.jetstream is not None:
        held = Account(server.jetstream, account, AccountLimits())
        server.jetstream.accounts[name] = held
        held.open()
        dispatch.open_doors(held)


def remove(server: Server, name: str) -> None:
    """End its connections, delete its streams, forget it."""
    interest = server.accounts[name].interest
    for connection in tuple(server.connections.values()):
        if connection.interest is interest:
            connection.close("Account Removed")
    server.flush()
    if server.jetstream is not None:
        held = server.jetstream.accounts.pop(name)
        held.close()
        shutil.rmtree(held.directory.parent, ignore_errors=True)
    del server.accounts[name]
    known = server.options
    users = tuple(user for user in known.authorization.users if user.name != name)
    server.options = replace(
        known,
        authorization=replace(known.authorization, users=users),
        accounts=tuple(each for each in known.accounts if each.name != name),
    )
