"""The server as a publisher: of acknowledgements, answers, deliveries, advisories."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from nats_reference.operations import connect

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.server import Server


class Itself:
    """What stands for a client where the server publishes."""

    __slots__ = ("options", "server")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.options = connect.DEFAULTS


if TYPE_CHECKING:
    Publisher: TypeAlias = Connection | Itself
