"""JetStream begins: the streams come back, and their doors are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.account import Account
from nats_reference.jetstream.api import dispatch

if TYPE_CHECKING:
    from nats_reference.jetstream.settings import JetStreamOptions
    from nats_reference.server import Server


def opened(server: Server, options: JetStreamOptions) -> Account:
    """The streams of a server, heard from now on.

    Raises:
        OSError: the store directory can't be used.
    """
    account = Account(server, options)
    account.open()
    dispatch.open_doors(account)
    return account
