"""A server as a case sees it: connections to it, its signals, its monitoring port."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, TypeAlias

from nats_spec.operations import Ping

from .connection import Connection
from .expect import Mismatch, NotApplicable
from .targets.instance import External, Instance
from .targets.monitoring import Answer, ask

if TYPE_CHECKING:
    from pathlib import Path

    from .exchange import Exchange

Running: TypeAlias = "Instance | External"


class Server:
    """One running server, shared or private."""

    def __init__(self, exchange: Exchange, running: Running, credentials: dict[str, str]) -> None:
        """`running` as seen from the case that `exchange` belongs to."""
        self.running = running
        self._exchange = exchange
        self._credentials = credentials

    def connect(
        self, *, auto_pong: bool = True, auto_info: bool = True, rcvbuf: int | None = None
    ) -> Connection:
        """A TCP connection whose first INFO has been read; nothing was sent.

        Args:
            auto_pong: answer the server's PINGs and don't show them.
            auto_info: set later INFOs aside, into `infos`; else they stay in sequence.
            rcvbuf: the size of the kernel's receive buffer.
        """
        return Connection(
            self._exchange,
            self.running.address,
            auto_pong=auto_pong,
            auto_info=auto_info,
            rcvbuf=rcvbuf,
        )

    def client(
        self,
        *,
        auto_pong: bool = True,
        auto_info: bool = True,
        rcvbuf: int | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Connection:
        """A connection after CONNECT with `options` and a barrier.

        `verbose` and `pedantic` are false unless given; an option of None is left
        out; `pass_` stands for `pass`.
        """
        connection = self.connect(auto_pong=auto_pong, auto_info=auto_info, rcvbuf=rcvbuf)
        fields = {"verbose": False, "pedantic": False, **self._credentials}
        fields |= {name.rstrip("_"): value for name, value in options.items()}
        given = {name: value for name, value in fields.items() if value is not None}
        line = f"CONNECT {json.dumps(given, separators=(',', ':'))}\r\n"
        connection.send_whole(line.encode())
        if given.get("verbose", True):
            connection.expect(b"+OK\r\n")
        connection.expect_open()
        if any(not isinstance(frame.operation, Ping) for frame in connection.frames):
            connection.expect_nothing()
        return connection

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the client port."""
        return self.running.address

    @property
    def pid(self) -> int:
        """The process id."""
        return self._instance().process.pid

    @property
    def home(self) -> Path:
        """The folder that the process runs in, where its configuration is."""
        return self._instance().home

    @property
    def store(self) -> Path:
        """The directory that its streams are in, unless its configuration says otherwise."""
        return self._instance().home / "store"

    def signal(self, name: str) -> None:
        """Send the signal nats-server knows as ldm, reload, reopen, quit, term or kill."""
        self._exchange.release()
        self._exchange.transcript.note(f"signal {name}")
        self._instance().signal(name)

    def killer(self, seconds: float) -> threading.Timer:
        """Once started, kills the process after so many seconds, whatever happens meanwhile."""
        self._exchange.transcript.note("signal kill, at some moment from here on")
        return threading.Timer(seconds, self._instance().signal, ["kill"])

    def hurry(self, seconds: float) -> None:
        """Give the process no more than this to start again."""
        self._instance().patience = seconds

    def restart(self, signal: str = "kill") -> None:
        """End the process by this signal and start it again on the same store.

        Its connections are gone; the address may be another.
        """
        self._exchange.release()
        self._exchange.transcript.note(f"signal {signal}, and a new start on the same store")
        self._instance().restart(signal)

    def rewrite(self, config: str) -> None:
        """Replace the config file's text; nothing reads it before a reload."""
        self._instance().rewrite(config)

    def reload(self, config: str) -> None:
        """Replace the config file's text and wait until the server has read it."""
        line = self.reread(config)
        if "Failed" in line:
            raise Mismatch("the server refused the new configuration", "it reloads", line)

    def reread(self, config: str) -> str:
        """Replace the config file's text and wait for what the server says of it."""
        instance = self._instance()
        since = len(instance.log())
        instance.rewrite(config)
        self.signal("reload")
        return instance.wait_log(r"Reloaded server configuration|Failed to reload", since)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the process to end; its exit status."""
        return self._instance().wait(timeout)

    def wait_log(self, pattern: str, since: int = 0) -> str:
        """Wait until a line of the log matches; use it only where the wire can't tell."""
        return self._instance().wait_log(pattern, since)

    def wait_file(self, name: str, pattern: str) -> str:
        """Wait until a line of this file in its folder matches."""
        return self._instance().wait_log(pattern, file=name)

    def log(self) -> str:
        """What the server has logged."""
        return self._instance().log()

    def monitor(self, path: str) -> Any:  # noqa: ANN401
        """GET from the monitoring port, parsed."""
        return self.ask(path).json()

    def ask(self, path: str, method: str = "GET") -> Answer:
        """What the monitoring port answers."""
        url = self.monitoring
        self._exchange.release()
        self._exchange.transcript.note(f"{method} {path}")
        answer = ask(url, path, self._exchange.patience, method)
        self._exchange.transcript.note(str(answer))
        return answer

    @property
    def monitoring(self) -> str:
        """The URL of the monitoring port."""
        if self.running.monitoring is None:
            raise NotApplicable("the target shows no monitoring port")
        return self.running.monitoring

    def stop(self) -> None:
        """End the server."""
        self.running.stop()

    def _instance(self) -> Instance:
        if isinstance(self.running, Instance):
            return self.running
        raise NotApplicable("needs a server of its own; this one is not ours")
