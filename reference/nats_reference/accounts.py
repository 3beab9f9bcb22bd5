"""Accounts: worlds of subjects that know nothing of each other (ACC-ISO-001, ACC-ISO-002, JS-API-007).

Without accounts in the configuration everybody is in one. Imports, exports and
mappings between accounts are refused by the configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nats_reference.options import ClientLimits
from nats_reference.routing.interest import Interest

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.options import Options

#: Where everybody is who is nowhere else.
GLOBAL: Final = "$G"
#: The server's own, unless another is named for that.
SYSTEM: Final = "$SYS"
#: What clients may have where nothing is said.
UNLIMITED: Final = ClientLimits()


@dataclass(slots=True)
class Traffic:
    """What connections that are gone have said and heard."""

    in_msgs: int = 0
    in_bytes: int = 0
    out_msgs: int = 0
    out_bytes: int = 0


class Account:
    """One of them."""

    __slots__ = ("clients", "gone", "interest", "limits", "name", "slow_consumers", "system")

    def __init__(
        self, name: str, *, system: bool = False, limits: ClientLimits = UNLIMITED
    ) -> None:
        self.name = name
        self.limits = limits
        #: Clients that are in it, by proof or for want of credentials.
        self.clients: set[Connection] = set()
        #: Who hears what in it.
        self.interest = Interest()
        #: Whether it is the server's own.
        self.system = system
        self.gone = Traffic()
        self.slow_consumers = 0


def made(options: Options) -> dict[str, Account]:
    """The accounts of a server, by name."""
    found: dict[str, Account] = {}
    follow(found, options)
    return found


def names(options: Options) -> list[str]:
    """Which accounts there are to be."""
    system = options.system_account or SYSTEM
    return [GLOBAL, *(each.name for each in options.accounts), system]


def follow(found: dict[str, Account], options: Options) -> None:
    """Add the accounts that are new, and have the others limited as they are configured now."""
    system = options.system_account or SYSTEM
    limits = {each.name: each.limits for each in options.accounts}
    for name in names(options):
        allowed = limits.get(name, UNLIMITED)
        if name in found:
            found[name].limits = allowed
        else:
            found[name] = Account(name, system=name == system, limits=allowed)


def forget(found: dict[str, Account], options: Options) -> None:
    """Remove those that are no more (REL-005)."""
    for name in found.keys() - names(options):
        del found[name]
