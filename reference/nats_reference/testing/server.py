"""A server in a thread of the test's process, on a port of its own."""

from __future__ import annotations

import asyncio
import io
import itertools
import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from nats_reference import faults as deviations
from nats_reference.clock import RealClock
from nats_reference.jetstream.settings import JetStreamOptions
from nats_reference.logs import Log
from nats_reference.options import Options
from nats_reference.testing import accounts
from nats_reference.testing import streams as views
from nats_reference.testing.clock import DiaryClock, TestClock
from nats_reference.transport.loop import Running, new_event_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from types import TracebackType

T = TypeVar("T")

#: The global account.
GLOBAL: Final = "$G"
#: Seconds that no test lasts: the socket's own deadlines are in real time, and the clock isn't.
NEVER: Final = 1e9


class ReferenceServer:
    """A NATS server for tests; a context manager, also an asynchronous one.

    `options` are those of `nats_reference.options.Options`: `max_payload=100`.
    `faults` names deviations (`nats-reference --list-faults`); they hold for every
    server of the process until this one stops.
    """

    def __init__(
        self,
        *,
        real_time: bool = False,
        faults: Sequence[str] = (),
        **options: Any,  # noqa: ANN401
    ) -> None:
        self._real_time = real_time
        self._faults = tuple(faults)
        self._given = options
        self._folder = ""
        self._port = int(options.pop("port", 0)) or -1
        self._log = io.StringIO()
        self._names = itertools.count(1)
        self._running: Running | None = None
        self._thread: threading.Thread | None = None
        self._patch: deviations.Patch | None = None
        #: Tells and moves the time.
        self.clock = TestClock(self)

    # ---- Life ------------------------------------------------------------------

    def start(self) -> Self:
        """Listen; ready when this returns.

        Raises:
            RuntimeError: it runs already.
            Exception: it can't start; the server's own.
        """
        if self._running is not None:
            raise RuntimeError("the server runs already")
        if self._faults:
            self._patch = deviations.apply(self._faults)
        self._folder = self._folder or tempfile.mkdtemp(prefix="nats-reference-")
        started: Future[Running] = _future()
        self._thread = threading.Thread(
            target=self._live, args=(started,), name="nats-reference", daemon=True
        )
        self._thread.start()
        self._running = started.result()
        self._port = self._running.server.port
        return self

    def stop(self) -> None:
        """End it; its streams are gone."""
        self._end()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""

    def restart(self) -> None:
        """End it and start it again: same port, same streams on file, other connections."""
        self._end()
        self.start()

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    async def __aenter__(self) -> Self:
        """Start it."""
        return self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it, without holding up the loop that its clients live in."""
        await asyncio.to_thread(self.stop)

    # ---- What a test asks ------------------------------------------------------

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"nats://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """What the server has logged."""
        return self._log.getvalue()

    @property
    def streams(self) -> Mapping[str, views.StreamView]:
        """The streams of the global account as they are now, by name."""
        return self.streams_of(GLOBAL)

    def streams_of(self, account: str) -> Mapping[str, views.StreamView]:
        """The streams of an account as they are now, by name."""

        def look(running: Running) -> dict[str, views.StreamView]:
            service = running.server.jetstream
            held = service.accounts[account] if service else None
            if held is None:
                return {}
            return {
                name: views.view(stream, tuple(held.groups[name].by_name))
                for name, stream in held.streams.items()
            }

        return self.call(look)

    @contextmanager
    def account(self) -> Iterator[World]:
        """A fresh account, gone with all that is in it at the end."""
        name = f"test{next(self._names)}"
        self.call(lambda running: accounts.add(running.server, name, "test"))
        try:
            yield World(self, name)
        finally:
            self.call(lambda running: accounts.remove(running.server, name))

    # ---- Its thread ------------------------------------------------------------

    def call(self, function: Callable[[Running], T]) -> T:
        """The answer of `function(running)`, asked in the server's thread."""

        async def answer() -> T:
            return function(self._alive())

        return self.run(answer())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The answer of `work`, done in the server's thread."""
        return self.submit(work).result()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Have `work` done in the server's thread.

        Raises:
            RuntimeError: the server doesn't run.
        """
        try:
            loop = self._alive().loop
        except RuntimeError:
            work.close()
            raise
        return asyncio.run_coroutine_threadsafe(work, loop)

    def _alive(self) -> Running:
        if self._running is None:
            raise RuntimeError("the server doesn't run")
        return self._running

    def _live(self, started: Future[Running]) -> None:
        loop = new_event_loop()
        try:
            loop.run_until_complete(self._serve(loop, started))
        finally:
            loop.close()

    async def _serve(self, loop: asyncio.AbstractEventLoop, started: Future[Running]) -> None:
        try:
            clock = RealClock(loop) if self._real_time else DiaryClock(loop)
            running = Running(self._options(), loop, Log(stream=self._log), clock)
            await running.start()
        except Exception as error:  # noqa: BLE001 - told where it was asked for
            started.set_exception(error)
            return
        started.set_result(running)
        await running.stopped

    def _options(self) -> Options:
        defaults: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self._port,
            "jetstream": JetStreamOptions(store_dir=self._folder, sync_interval=NEVER),
        }
        if not self._real_time:
            defaults |= {
                "ping_interval": NEVER,
                "write_deadline": NEVER,
                "no_fast_producer_stall": True,
            }
        return accounts.prepared(replace(Options(), **(defaults | self._given)))

    def _end(self) -> None:
        running, thread = self._running, self._thread
        if running is not None and thread is not None:
            running.loop.call_soon_threadsafe(running.stop)
            thread.join()
        self._running = self._thread = None
        if self._patch is not None:
            self._patch.undo()
            self._patch = None


class World:
    """A server as one test sees it: its own account, and the clock of all."""

    def __init__(self, server: ReferenceServer, account: str) -> None:
        self.server = server
        self.account = account
        self.clock = server.clock

    @property
    def url(self) -> str:
        """Where clients connect to, with the credentials of the account."""
        return self.server.url.replace("//", f"//{self.account}:test@")

    @property
    def streams(self) -> Mapping[str, views.StreamView]:
        """The streams of the account as they are now, by name."""
        return self.server.streams_of(self.account)


def _future() -> Future[Any]:
    from concurrent.futures import Future as Promise  # noqa: PLC0415 - the name is a type above

    return Promise()
