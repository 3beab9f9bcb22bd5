"""Targets that keep a warm process: it forks servers, which saves each start its imports.

A preset's `warm` is a program that gets the number of a listening Unix socket as
its last word. Each connection to it is one server: a line of JSON asks for it
(`argv`, the command that would start it, `cwd`, `log`; perhaps `errors`, where what
it says on standard error goes instead, and `env`, variables), a line says its `pid`,
a last one its `status`. Without one, or where processes don't fork, servers are
started by their command.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .target import Target

#: Seconds that a warm process may take to read what it needs and to fork.
_PATIENCE: Final = 20.0

#: Connections that may wait for a warm process at once.
_BACKLOG: Final = 128


class Process(Protocol):
    """What is asked of a server's process; `subprocess.Popen` is one."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Its exit status, if it has ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has ended."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it."""


class Forked:
    """A server that a warm process forked."""

    def __init__(self, telling: socket.socket, pid: int) -> None:
        """`telling` will say how it ended."""
        self.pid = pid
        self.returncode: int | None = None
        self._telling = telling

    def poll(self) -> int | None:
        """Its exit status, if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has ended."""
        if self.returncode is None:
            told = select.poll()
            told.register(self._telling, select.POLLIN)
            if not told.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            with suppress(OSError, ValueError), self._telling.makefile("rb") as lines:
                self.returncode = int(json.loads(lines.readline())["status"])
            if self.returncode is None:  # the warm process is gone, and so are its servers
                self.returncode = -signal.SIGKILL
            self._telling.close()
        return self.returncode

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Launcher:
    """A warm process."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it, and don't wait for it: what it is asked meanwhile waits in its socket."""
        self._home = Path(tempfile.mkdtemp(prefix="nats-conformance-"))
        self._address = str(self._home / "warm")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen(_BACKLOG)
            self._process = subprocess.Popen(
                [*command, str(listener.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
            )

    def start(self, command: Sequence[str], cwd: Path, log: Path, **more: object) -> Forked | None:
        """A server of its own; None if the warm process doesn't answer."""
        request = {"argv": list(command), "cwd": str(cwd), "log": str(log), **more}
        asking = socket.socket(socket.AF_UNIX)
        asking.settimeout(_PATIENCE)
        try:
            asking.connect(self._address)
            asking.sendall(json.dumps(request).encode() + b"\n")
            with asking.makefile("rb", buffering=0) as lines:
                pid = int(json.loads(lines.readline())["pid"])
        except (OSError, ValueError):
            asking.close()
            return None
        asking.settimeout(None)
        return Forked(asking, pid)

    def stop(self) -> None:
        """End it, and with it the servers that still run."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE)  # it may be reading, and it has servers to end
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with suppress(OSError):
            Path(self._address).unlink()
            self._home.rmdir()


def warm_up(targets: Iterable[Target]) -> None:
    """Start the warm processes of these targets, unless they are there."""
    if not hasattr(os, "fork"):
        return
    for target in targets:
        if target.warm and target.warm not in _LAUNCHERS:
            _LAUNCHERS[target.warm] = Launcher(target.warm)


def cool_down() -> None:
    """End all warm processes."""
    while _LAUNCHERS:
        _LAUNCHERS.popitem()[1].stop()


def launch(
    target: Target, command: Sequence[str], cwd: Path, log: Path, **more: object
) -> Forked | None:
    """A server of `target` by its warm process; None if there is none."""
    launcher = _LAUNCHERS.get(target.warm)
    return launcher.start(command, cwd, log, **more) if launcher else None


_LAUNCHERS: dict[tuple[str, ...], Launcher] = {}
