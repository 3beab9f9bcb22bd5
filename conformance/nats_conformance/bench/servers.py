"""A server for one run: started for it alone and stopped after it, or found at its URL."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nats_conformance.bench.receivers import Endpoint
from nats_conformance.targets.instance import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_conformance.targets.target import Target

#: Seconds a server may take until it greets.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    endpoint: Endpoint
    #: None when the process isn't ours to look at.
    pid: int | None
    #: From starting the process to its INFO; 0 when it ran before.
    ready_seconds: float
    #: None when it isn't ours to start again.
    instance: Instance | None = None

    def restarted(self) -> Server:
        """The same server ended and started on its store; `ready_seconds` counts both."""
        if self.instance is None:
            raise ValueError("the server is not ours to start again")
        begin = time.perf_counter()
        self.instance.restart("term")
        seconds = time.perf_counter() - begin
        endpoint = replace(self.endpoint, port=self.instance.address[1])
        return Server(endpoint, self.instance.process.pid, seconds, self.instance)


@contextmanager
def running(target: Target, config: str | None = None) -> Iterator[Server]:
    """Start a server of this target, with this configuration file or none; stop it in the end."""
    if target.url is not None:
        yield Server(_endpoint(target, (target.url.host, target.url.port)), None, 0.0)
        return
    begin = time.perf_counter()
    started = without_config(target) if config is None else target
    instance = Instance(started, config or "", patience=PATIENCE)
    try:
        instance.await_ready()
        ready = time.perf_counter() - begin
        yield Server(_endpoint(target, instance.address), instance.process.pid, ready, instance)
    finally:
        instance.stop()


def without_config(target: Target) -> Target:
    """The same target started with flags alone: nothing is configured, so there is no file."""
    words = list(target.command)
    if "{config}" in words[1:]:
        at = words.index("{config}")
        del words[at - 1 : at + 1]
    return replace(target, command=tuple(words))


def _endpoint(target: Target, address: tuple[str, int]) -> Endpoint:
    # Without `protocol`, so that no INFO comes later among the bytes that are counted.
    options = {"verbose": False, "pedantic": False, "headers": True, **target.credentials}
    return Endpoint(*address, b"CONNECT %b\r\n" % json.dumps(options).encode())
