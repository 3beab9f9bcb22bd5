"""One running server: started, ready when INFO comes, signalled, always ended.

Its config file, store, ports file and log live in a directory of its own that
goes with it. A server that was running before (a URL) is `External`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from nats_conformance import interrupts
from nats_conformance.expect import Mismatch, NotApplicable, Unreachable

from .launcher import launch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .launcher import Process
    from .target import Target
    from .url import Url

#: How often a condition outside the wire is looked at; no verdict depends on it.
_LOOK: Final = 0.004

#: What nats-server calls them; Windows lacks some.
SIGNALS: Final = {
    "ldm": "SIGUSR2",
    "reload": "SIGHUP",
    "reopen": "SIGUSR1",
    "quit": "SIGINT",
    "term": "SIGTERM",
    "kill": "SIGKILL",
}


class External:
    """A server that somebody else runs."""

    def __init__(self, url: Url, monitor: str = "") -> None:
        """The server at `url`, monitored there if at all."""
        self.address = (url.host, url.port)
        self.monitoring = monitor.rstrip("/") or None

    def died(self) -> str | None:
        """Nothing is known of its process."""
        return None

    def stop(self) -> None:
        """It isn't ours to stop."""


class Instance:
    """A server of our own."""

    def __init__(
        self, target: Target, config: str, flags: Sequence[str] = (), patience: float = 5
    ) -> None:
        """Start `target` with this config file."""
        self.patience = patience
        self.address = ("127.0.0.1", 0)
        #: The URL of its monitoring port.
        self.monitoring: str | None = None
        self.name = target.name
        self._target = target
        self._flags = tuple(flags)
        self._expected_end = False
        with interrupts.later(), _STARTING:
            if _OVER.is_set():
                raise Unreachable("the run is over")
            self.home = Path(tempfile.mkdtemp(prefix="nats-conformance-"))
            self._config = self.home / "server.conf"
            self._log = self.home / "server.log"
            self._ports = self.home / "ports"
            for folder in (self._ports, self.home / "store"):
                folder.mkdir()
            self.rewrite(config)
            self.process = self._start(target, flags)
            _RUNNING.add(self)

    def restart(self, signal_name: str) -> None:
        """End the process by this signal and start it again on the same store."""
        self.signal(signal_name)
        self.wait()
        for file in self._ports.glob("*.ports"):
            file.unlink(missing_ok=True)
        self.address = (self.address[0], 0)
        self._expected_end = False
        with interrupts.later(), _STARTING:
            if _OVER.is_set():
                raise Unreachable("the run is over")
            self.process = self._start(self._target, self._flags)
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until the server greets a client with INFO."""
        try:
            if not self.address[1]:
                self._wait_for(self._read_ports, "its ports file")
            self._wait_for(self._greets, "INFO")
            if self._target.monitored:
                self._wait_for(self._is_monitored, "its monitoring port")
        except Mismatch as error:
            self.stop()
            raise Unreachable(f"{self.name} didn't start: {error.message}") from error

    def hold_account_folder(self) -> None:
        """Put something beside the streams of the global account.

        nats-server removes an account's empty folder some time after it has answered the
        deletion of the last stream; one in a hundred streams on file that are created
        right then fails (10049). A folder that isn't empty it leaves alone.
        """
        streams = self.home / "store" / "jetstream" / "$G" / "streams"
        (streams / "beside").mkdir(parents=True, exist_ok=True)

    def await_end_or_ready(self) -> None:
        """Wait until the server greets a client, or ends because it won't."""
        with contextlib.suppress(Mismatch):
            if not self.address[1]:
                self._wait_for(self._read_ports, "its ports file")
            self._wait_for(self._greets, "INFO")

    def rewrite(self, config: str) -> None:
        """Change the config file; the server reads it again on `signal("reload")`."""
        fresh = self._config.with_suffix(".fresh")
        text = config.replace("{store_dir}", str(self.home / "store"))
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._config)

    def signal(self, name: str) -> None:
        """Send the signal that nats-server knows by this name."""
        number = getattr(signal, SIGNALS[name], None)
        if number is None:
            raise NotApplicable(f"this platform has no {SIGNALS[name]}")
        self._expected_end = self._expected_end or name not in {"reload", "reopen"}
        self.process.send_signal(number)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the process to end; its exit status."""
        self._expected_end = True
        seconds = self.patience if timeout is None else timeout
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise Mismatch(f"the server still runs after {seconds:g} s", "its end") from error

    def log(self, file: str = "server.log") -> str:
        """What the server has logged so far, here or in a file that a flag names."""
        path = self.home / file
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def wait_log(self, pattern: str, since: int = 0, file: str = "server.log") -> str:
        """Wait until the log beyond `since` characters holds a line like this; return it."""
        line = re.compile(f".*(?:{pattern}).*")

        def found() -> str | None:
            match = line.search(self.log(file), since)
            return match.group() if match else None

        return str(self._wait_for(found, f"the log to say {pattern!r}"))

    def died(self) -> str | None:
        """How the process ended, if it did and nobody asked it to."""
        status = self.process.poll()
        if status is None or self._expected_end:
            return None
        return f"the server process ended with status {status}: {self._last_words()}"

    def stop(self) -> None:
        """End the process and remove what it left."""
        self._expected_end = True
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
        _RUNNING.discard(self)

    def _start(self, target: Target, flags: Sequence[str]) -> Process:
        port = 0
        if any("{port}" in word for word in target.command):
            port = _free_port()
            self.address = ("127.0.0.1", port)
        monitor = 0
        if target.monitored:
            monitor = _free_port()
            self.monitoring = f"http://127.0.0.1:{monitor}"
        filled = {
            "{config}": str(self._config),
            "{store_dir}": str(self.home / "store"),
            "{ports_dir}": str(self._ports),
            "{port}": str(port),
            "{monitor}": str(monitor),
        }
        command = [*(_fill(word, filled) for word in target.command), *flags]
        forked = launch(target, command, self.home, self._log)
        if forked is not None:
            return forked
        with self._log.open("ab") as log:
            try:
                return subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.home,
                )
            except OSError as error:
                shutil.rmtree(self.home, ignore_errors=True)
                raise Unreachable(f"cannot start {command[0]}: {error.strerror}") from error

    def _wait_for(self, condition: Callable[[], Any], what: str) -> Any:  # noqa: ANN401
        limit = time.monotonic() + self.patience
        while True:
            value = condition()
            if value:
                return value
            if self.process.poll() is not None:
                status = self.process.returncode
                raise Mismatch(f"it ended with status {status}: {self._last_words()}")
            if time.monotonic() > limit:
                raise Mismatch(f"no progress after {self.patience:g} s, while waiting for {what}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_LOOK)

    def _read_ports(self) -> bool:
        for file in self._ports.glob("*.ports"):
            with contextlib.suppress(ValueError, OSError):
                ports = json.loads(file.read_text("utf-8"))
                self.address = _address(ports["nats"][0])
                if ports.get("monitoring"):
                    self.monitoring = str(ports["monitoring"][0])
                return True
        return False

    def _greets(self) -> bool:
        try:
            with socket.create_connection(self.address, timeout=self.patience) as probe:
                return probe.recv(1 << 16) != b""
        except OSError:
            return False

    def _is_monitored(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(_address(self.monitoring or ""), self.patience).close()
            return True
        return False

    def _last_words(self) -> str:
        lines = [line for line in self.log().splitlines() if line.strip()]
        # Where its files lie is another place each time.
        return lines[-1].replace(f"{self.home}{os.sep}", "") if lines else "it logged nothing"


def stop_all() -> None:
    """End every server of this process."""
    for instance in list(_RUNNING):
        instance.stop()


def end_all() -> None:
    """End every server of this process, for good: no thread starts another."""
    _OVER.set()
    with _STARTING:
        stop_all()


def _fill(word: str, filled: dict[str, str]) -> str:
    for placeholder, value in filled.items():
        word = word.replace(placeholder, value)
    return word


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_RUNNING: set[Instance] = set()
_STARTING: Final = threading.Lock()
_OVER: Final = threading.Event()
