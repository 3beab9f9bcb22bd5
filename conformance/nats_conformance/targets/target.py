"""A target: how its servers are started, or where it already runs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .url import Url


class UnknownTarget(ValueError):
    """No target can be made of these words."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be graded."""

    name: str
    #: The program and its arguments with placeholders; empty for a URL.
    command: tuple[str, ...] = ()
    url: Url | None = None
    #: A program that forks such servers; empty if there is none.
    warm: tuple[str, ...] = ()
    #: Whether nats-server's own flags may be added.
    flags: bool = False
    #: Where a server that already runs is monitored; empty if nobody said so.
    monitor: str = ""
    #: The program alone, which takes nats-server's flags; empty if it isn't known.
    program: tuple[str, ...] = ()

    @property
    def configurable(self) -> bool:
        """Whether a case may choose the server's configuration."""
        return any("{config}" in word for word in self.command)

    @property
    def monitored(self) -> bool:
        """Whether it shows a monitoring port without a configuration that asks for one."""
        return bool(self.monitor) or any("{monitor}" in word for word in self.command)

    @property
    def bare(self) -> Target:
        """The same target with its configuration file and no flag that overrides it."""
        words = ("-c", "{config}", "--ports_file_dir", "{ports_dir}")
        return dataclasses.replace(self, command=(*self.program, *words) if self.program else ())

    @property
    def startable(self) -> bool:
        """Whether servers of their own can be started for cases."""
        return bool(self.command)

    @property
    def credentials(self) -> dict[str, str]:
        """The CONNECT fields that let us in."""
        return dict(self.url.credentials) if self.url else {}

    def watched(self, monitor: str) -> Target:
        """The same target, monitored there if it is a server that already runs."""
        return dataclasses.replace(self, monitor=monitor) if self.url and monitor else self

    def with_arguments(self, *words: str) -> Target:
        """The same target with more arguments."""
        return dataclasses.replace(
            self,
            command=(*self.command, *words),
            program=(*self.program, *words) if self.program else (),
        )
