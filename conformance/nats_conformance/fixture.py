"""`nats`: all that a case may ask for. A new one for each run of each case."""

from __future__ import annotations

import dataclasses
import shutil
import string
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from . import barrier
from .delivery import Delivery
from .exchange import Exchange
from .expect import Mismatch, NotApplicable, Unreachable, Untestable
from .jetstream import JetStream
from .script import perform
from .server import Server
from .targets.configs import CONFIGS
from .targets.once import run
from .targets.pool import Pool, start
from .transcript import Transcript

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from .connection import Connection
    from .targets.monitoring import Answer
    from .targets.once import Ended
    from .targets.target import Target

#: How the transcript says so.
STARTS = "starts a server of its own:"

#: Examples of a property at each budget.
EXAMPLES = {"quick": 10, "standard": 25, "thorough": 1000}


class Rival(Protocol):
    """A target to compare with."""

    @property
    def target(self) -> Target:
        """What it is."""

    @property
    def release(self) -> tuple[int, ...]:
        """What it announced."""


@dataclass
class Nats:
    """The server under test, and names nobody else uses."""

    exchange: Exchange
    target: Target
    pool: Pool
    #: The config group of the case.
    group: str
    lane: str
    private: bool
    #: The release that the target announces.
    release: tuple[int, ...]
    seed: int
    budget: str
    #: Decides every random name of this run: same seed and case, same bytes.
    random: random.Random
    #: Another target of the same run, if there is one.
    other: Rival | None = None
    #: Examples that a property has tried, or 1.
    tried: int = 1
    #: What those were examples of, and how often: shown to people.
    met: str = ""
    _own: list[Server] = field(default_factory=list)
    _server: Server | None = None
    _last: Transcript | None = None
    #: What the last example that failed raised, and its conversation.
    _failed: tuple[Mismatch, Transcript] | None = None
    _folder: Path | None = None
    #: Streams to be deleted, and the server that has them.
    _streams: dict[str, Server] = field(default_factory=dict)

    @property
    def server(self) -> Server:
        """The instance with the case's config group."""
        if self._server is None:
            if self.private:
                self._server = self.start(self.group)
            else:
                running = self.pool.shared(self.target, self.group, self.lane)
                self._server = Server(self.exchange, running, self.target.credentials)
        return self._server

    @property
    def rival(self) -> Rival:
        """Another target of this run, to compare with."""
        if self.other is None:
            raise NotApplicable("compares two targets, and this run has one")
        return self.other

    def beside(self, rival: Rival) -> Server:
        """An instance of `rival` with the case's config group."""
        running = self.pool.shared(rival.target, self.group, self.lane)
        return Server(self.exchange, running, rival.target.credentials)

    @property
    def patience(self) -> float:
        """Seconds that a wait may take."""
        return self.exchange.patience

    @property
    def examples(self) -> int:
        """How many examples a property tries at this budget."""
        return EXAMPLES[self.budget]

    @property
    def info(self) -> dict[str, Any]:
        """A fresh INFO of the server."""
        connection = self.connect()
        connection.close()
        return connection.info

    def connect(self, **options: Any) -> Connection:  # noqa: ANN401
        """A connection with its INFO read; see `Server.connect`."""
        return self.server.connect(**options)

    def client(self, **options: Any) -> Connection:  # noqa: ANN401
        """A connection after CONNECT and a barrier; see `Server.client`."""
        return self.server.client(**options)

    def jetstream(self, **options: Any) -> JetStream:  # noqa: ANN401
        """A client of JetStream on the case's server; see `JetStream`."""
        return JetStream(self, **options)

    def delete_at_end(self, stream: str) -> None:
        """Delete this stream of the case's server when the case ends."""
        self._streams[stream] = self.server

    def monitor(self, path: str) -> Any:  # noqa: ANN401
        """GET from the monitoring port of the case's server, parsed."""
        return self.server.monitor(path)

    def ask(self, path: str, method: str = "GET") -> Answer:
        """What the monitoring port of the case's server answers."""
        return self.server.ask(path, method)

    def name(self, word: str = "s") -> str:
        """A subject token (or queue, or name) that nobody else uses, beginning with `word`."""
        return word + "".join(self.random.choices(string.ascii_lowercase + string.digits, k=8))

    def flush_all(self) -> None:
        """After this, all that was published before has arrived where it goes."""
        barrier.flush_all(self.exchange.wires)

    def script(self, text: str) -> None:
        """Perform a wire script; see the chapter on examples."""
        perform(text, self)

    def start(
        self,
        config: str = "default",
        *,
        text: str | None = None,
        flags: Sequence[str] = (),
        bare: bool = False,
    ) -> Server:
        """A private server with this config group or text; `bare`: and no flags but these."""
        target = self.target.bare if bare else self.target
        running = start(target, config, text=text, flags=tuple(flags), patience=self.patience)
        credentials = self.target.credentials
        shown = " ".join((config if text is None else text).split())
        self.exchange.transcript.note(" ".join([STARTS, shown, *flags]))
        self._own.append(Server(self.exchange, running, credentials))
        return self._own[-1]

    @property
    def folder(self) -> Path:
        """A folder of the case's own, where `program` runs."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="nats-conformance-"))
        return self._folder

    def program(self, *words: str, **env: str) -> Ended:
        """Run the target's program with these arguments to its end; see `once.py`."""
        self.exchange.transcript.note(" ".join(["runs its program:", *words]))
        return run(self.target, words, self.folder, env)

    def check(self, text: str, **env: str) -> Ended:
        """Have the program check a configuration file of this text, with `-t`."""
        self.exchange.transcript.note(f"server.conf: {text}")
        (self.folder / "server.conf").write_bytes(text.encode())
        return self.program("-t", "-c", "server.conf", **env)

    def refuses(self, text: str, *, flags: Sequence[str] = ()) -> str:
        """The server must not start with this config; what it said instead."""
        instance = start(
            self.target, text=text, flags=tuple(flags), patience=self.patience, ready=False
        )
        try:
            instance.await_end_or_ready()
            status = instance.process.poll()
            if status is None:
                raise Mismatch("the server runs with this configuration", "it refuses", text)
            if status == 0:
                raise Mismatch("the server ended with status 0", "another status")
            return instance.log()
        finally:
            instance.stop()

    @contextmanager
    def example(self, server: Server | None = None) -> Iterator[Nats]:
        """One generated example: its own transcript, names and connections, perhaps on `server`.

        Hypothesis runs the shrunk example last, so the last transcript is the one
        to show.
        """
        self.tried = 1 if not self._last else self.tried + 1
        shared = self.exchange
        exchange = Exchange(Transcript(), shared.delivery, shared.patience, shared.ends)
        part = dataclasses.replace(
            self, exchange=exchange, _own=[], _server=None, _streams={}, _folder=None
        )
        if server is not None or self.private:
            running = (server or self.server).running
            part._server = Server(exchange, running, self.target.credentials)  # noqa: SLF001
        self._last = exchange.transcript
        try:
            yield part
            exchange.release()
        except Mismatch as mismatch:
            self._failed = mismatch, exchange.transcript
            raise
        finally:
            part.finish()

    def show_failed(self) -> Mismatch | None:
        """What the last example that failed raised; its conversation is the one to show."""
        if self._failed is None:
            return None
        mismatch, self._last = self._failed
        return mismatch

    @property
    def transcript(self) -> Transcript:
        """What went over the wire, of the last example if there were any."""
        return self._last or self.exchange.transcript

    def config(self, group: str) -> str:
        """The text of a config group, to be extended or reloaded."""
        return CONFIGS[group]

    def not_applicable(self, why: str) -> NoReturn:
        """The target doesn't claim this."""
        raise NotApplicable(why)

    def untestable(self, why: str) -> NoReturn:
        """It can't be decided here; that counts as a failure."""
        raise Untestable(why)

    def died(self) -> str | None:
        """How a server of this case ended that nobody asked to."""
        servers = [*self._own, *filter(None, [self._server])]
        return next(filter(None, (server.running.died() for server in servers)), None)

    def finish(self) -> None:
        """End what the case left."""
        self._delete_streams()
        for wire in self.exchange.wires:
            wire.close()
        for server in self._own:
            server.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _delete_streams(self) -> None:
        """Out of the record: it is not what the case is about."""
        if not self._streams or self.private:
            return
        aside = Exchange(Transcript(), Delivery.WHOLE, self.patience, self.exchange.ends + 5)
        server = Server(aside, self.server.running, self.target.credentials)
        with suppress(Mismatch, Unreachable):
            client = server.client()
            client.send("".join(f"PUB $JS.API.STREAM.DELETE.{s} 0\r\n\r\n" for s in self._streams))
            client.flush()
            client.close()
