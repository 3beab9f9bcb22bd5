"""The servers that cases share: one for each target, config group and lane.

A server starts when the first case needs it and is replaced when a case killed
it. Cases that mostly wait run beside the others and have a lane, so servers, of
their own: a wildcard of the one never sees what the other publishes.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nats_conformance.expect import NotApplicable

from .configs import CONFIGS, MONITORED, MONITORING, OPEN, PORT_ONLY
from .instance import External, Instance

if TYPE_CHECKING:
    from .target import Target

#: Seconds that a server may take to start, however little patience a case has.
STARTING: Final = 20.0


@dataclass(slots=True)
class Pool:
    """The shared servers of one process."""

    patience: float
    _servers: dict[tuple[str, str, str], Instance] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def shared(self, target: Target, group: str, lane: str) -> Instance | External:
        """The server of `target` with this config group."""
        if target.url is not None:
            if group in MONITORED and not target.monitor:
                raise NotApplicable("needs a monitoring port; --monitor says where it is")
            if group not in OPEN | MONITORED:
                raise NotApplicable(f"needs the configuration {group!r}; this server is not ours")
            return External(target.url, target.monitor)
        key = (target.name, group, lane)
        with self._lock:
            server = self._servers.get(key)
            if server is None or server.process.poll() is not None:
                if server is not None:
                    server.stop()
                server = self._servers[key] = start(target, group, patience=self.patience)
                if "{store_dir}" in CONFIGS[group] and MONITORING not in CONFIGS[group]:
                    server.hold_account_folder()  # /healthz takes what is held for a stream
        return server

    def close(self, target: str | None = None) -> None:
        """End the shared servers, of one target or all."""
        with self._lock:
            for key in [key for key in self._servers if target in (None, key[0])]:
                self._servers.pop(key).stop()


def start(
    target: Target,
    group: str = "default",
    *,
    text: str | None = None,
    flags: tuple[str, ...] = (),
    patience: float,
    ready: bool = True,
) -> Instance:
    """A new server of `target`, greeting clients unless it isn't asked to be `ready`."""
    if not target.startable:
        raise NotApplicable("needs a server of its own; this one is not ours")
    config = CONFIGS[group] if text is None else text
    if text is None and group == PORT_ONLY and target.monitored and not target.configurable:
        config = ""
    if config and not target.configurable:
        raise NotApplicable("needs a configuration; the command has no {config}")
    if flags and not target.flags:
        raise NotApplicable("needs nats-server's flags")
    instance = Instance(target, config, flags, max(STARTING, patience))
    if ready:
        instance.await_ready()
    return instance
