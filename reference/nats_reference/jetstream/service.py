"""JetStream of a whole server: its accounts with streams, and what they have together.

JS-API-006, JS-API-007. Who may have streams: everybody if there is one account only,
else the accounts that say so.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from nats_reference import accounts, info
from nats_reference.jetstream import capacity, limits, settings
from nats_reference.jetstream.account import Account
from nats_reference.jetstream.api import dispatch, without
from nats_reference.jetstream.outlet import Outlet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.settings import JetStreamOptions
    from nats_reference.server import Server


UNITS: Final = ("B", "KB", "MB", "GB", "TB", "PB", "EB")


class JetStream:
    """The streams of a server."""

    def __init__(self, server: Server, options: JetStreamOptions) -> None:
        self.server = server
        self.options = options
        self.domain = options.domain
        #: Accounts that are served, with streams or without.
        self._known: set[str] = set()
        #: Bytes that all streams of one kind of storage may reserve.
        self.capacity = capacity.capacity(options)
        self.headroom = {
            storage: capacity.Headroom(partial(self._unused, storage)) for storage in self.capacity
        }
        self.accounts = {
            name: Account(self, server.accounts[name], granted)
            for name, granted in grants(server).items()
        }

    def open(self) -> None:
        """Bring back what is kept, and have everybody heard.

        Raises:
            OSError: the store directory can't be used.
        """
        began = self.server.clock.now()
        self.tell()
        for account in self.accounts.values():
            account.open()
            dispatch.open_doors(account)
        self._stand_in(self.server.accounts)
        took = (self.server.clock.now() - began) * 1000
        self.server.log.info(f"Took {took:.3f}ms to start JetStream")

    def tell(self) -> None:
        """What an operator wants to know of it."""
        rows = {
            "Strict": str(self.options.strict).lower(),
            "Max Memory": readable(self.capacity["memory"]),
            "Max Storage": readable(self.capacity["file"]),
            "Store Directory": f'"{settings.directory(self.options)}"',
            "Domain": self.domain,
            "API Level": str(info.API_LEVEL),
        }
        log = self.server.log
        log.info("Starting JetStream")
        log.info("---------------- JETSTREAM ----------------")
        for name, value in rows.items():
            if value:
                log.info(f"  {name + ':':<17}{value}")
        log.info("-------------------------------------------")

    def _stand_in(self, names: Iterable[str]) -> None:
        """Answer in accounts without streams."""
        for name in names:
            self._known.add(name)
            if name not in self.accounts:
                without.open_doors(self, Outlet(self.server, self.server.accounts[name]))

    def follow(self) -> None:
        """Take the accounts as they are configured now, and what each may have (REL-006)."""
        granted = grants(self.server)
        for name in self.accounts.keys() - granted.keys():
            self.accounts.pop(name).close()
        for name, limit in granted.items():
            if name in self.accounts:
                self.accounts[name].limits = limit
            else:
                account = self.accounts[name] = Account(self, self.server.accounts[name], limit)
                account.open()
                dispatch.open_doors(account)
        self._stand_in(self.server.accounts.keys() - self._known)
        self._known &= self.server.accounts.keys()

    def close(self) -> None:
        """Let go of everything; what is kept stays."""
        self.server.log.info("Initiating JetStream Shutdown...")
        for account in self.accounts.values():
            account.close()
        self.server.log.info("JetStream Shutdown")

    def used(self, storage: str) -> int:
        """Bytes that all streams of one kind use."""
        return sum(account.used(storage) for account in self.accounts.values())

    def _unused(self, storage: str) -> int:
        return self.capacity[storage] - self.used(storage)

    def reserved(self, storage: str) -> int:
        """Bytes that all of them reserve."""
        return sum(account.reserved(storage) for account in self.accounts.values())


def readable(size: int) -> str:
    """Bytes in the largest unit of which there is one."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.2f} {UNITS[unit]}" if unit else f"{size} B"


def grants(server: Server) -> dict[str, limits.AccountLimits]:
    """The accounts that may have streams, and what each may have."""
    configured = server.options.accounts
    if not configured:
        return {accounts.GLOBAL: limits.AccountLimits()}
    return {each.name: each.jetstream for each in configured if each.jetstream is not None}


def opened(server: Server, options: JetStreamOptions) -> JetStream:
    """The streams of a server, heard from now on.

    Raises:
        OSError: the store directory can't be used.
    """
    found = JetStream(server, options)
    found.open()
    return found
