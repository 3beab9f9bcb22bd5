"""A soak: minutes of garbage against a server that must not mind.

`python -m nats_conformance.soak TARGET --seconds 600 --seed 7`. Many connections
at a time hold the sessions of `garbage.py`, each judged by the chapters. Beside
them a witness publishes and must get every message, and now and then a client
that never reads is flooded until max_pending cuts it off. The server's memory
is sampled, its log searched for exceptions, and in the end it must still serve.

Leaves out what is right byte by byte: cases and properties say that; and
baselines: nats-server minds, now and then, by what FRAME-034 tells of it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import re
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nats_conformance import garbage, visible
from nats_conformance.cli.exits import Exit, sentence
from nats_conformance.expect import Unreachable
from nats_conformance.garbage import Leaving, Outcome, Session, Violation
from nats_conformance.soak_client import Client, Deaf
from nats_conformance.targets import resolve
from nats_conformance.targets.configs import CONFIGS
from nats_conformance.targets.pool import start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.targets.instance import Instance

#: What a log says when something went wrong that nobody had thought of.
UNHANDLED: Final = re.compile(
    r"Traceback|panic:|fatal error:|goroutine \d+ \[|Exception in callback|never retrieved"
)
#: How often memory is looked at, and a deaf client flooded, in seconds.
SAMPLE: Final = 0.5
FLOOD_EVERY: Final = 10.0
#: Memory may grow by this share and so many bytes once the server is warm.
SHARE: Final = 0.2
SLACK: Final = 16 << 20
#: Violations that are shown; all are counted.
SHOWN: Final = 5


class Soak:
    """One soak of one server."""

    def __init__(
        self, server: Instance, seed: int, lines: Sequence[bytes], patience: float
    ) -> None:
        """`lines` are those of the grammar and nearly."""
        self.server = server
        self.seed = seed
        self.lines = lines
        self.patience = patience
        self.number = 0
        self.bytes = 0
        self.exact = 0
        self.outcomes: Counter[str] = Counter()
        self.violations: list[str] = []
        self.memory: list[int] = []
        self.witnessed = 0
        self.slowest = 0.0
        self.cut_off: list[int] = []
        self.ends = 0.0

    async def run(self, seconds: float, clients: int) -> None:
        """Soak for so long with so many connections at a time."""
        self.ends = time.monotonic() + seconds
        async with asyncio.TaskGroup() as tasks:
            for _ in range(clients):
                tasks.create_task(self._attack())
            tasks.create_task(self._witness())
            tasks.create_task(self._flood())
            tasks.create_task(self._sample())
        await self._still_serves()

    @property
    def over(self) -> bool:
        """Whether time is up, or the server gone."""
        return time.monotonic() >= self.ends or self.server.process.poll() is not None

    async def _attack(self) -> None:
        while not self.over:
            self.number += 1
            session = garbage.session(self.seed, self.number, self.lines)
            self.bytes += len(session.data)
            try:
                async with asyncio.timeout(self.patience):
                    outcome = await self._hold(session)
            except TimeoutError:
                self._blame(session, f"no end after {self.patience:g} s")
            except Violation as violation:
                self._blame(session, str(violation))
            except OSError as error:
                if not self.over:
                    self._blame(session, f"cannot connect: {error}")
                    await asyncio.sleep(SAMPLE)
            else:
                self.outcomes[outcome.value] += 1

    async def _hold(self, session: Session) -> Outcome:
        async with Client(self.server.address) as client:
            for piece in session.pieces:
                await client.write(piece)
                await asyncio.sleep(0)
            if session.leaving is Leaving.RESETS:
                client.reset()
                return Outcome.LEFT
            if session.leaving is Leaving.CLOSES:
                return Outcome.LEFT
            client.end_writing()
            came = await client.read_to_end()
        self.exact += garbage.exact(session.data)
        return garbage.judge(session.data, came)

    def _blame(self, session: Session, why: str) -> None:
        shown = visible.line(session.data)
        self.violations.append(f"connection {session.number}: {why}; it had sent {shown}")

    async def _witness(self) -> None:
        """Publish and receive all the while; every message comes, and in order."""
        subject = f"witness.{random.randbytes(6).hex()}"
        try:
            async with Client(self.server.address) as client:
                await client.write(garbage.HELLO + f"SUB {subject} 1\r\n".encode())
                while not self.over:
                    began = time.monotonic()
                    text = str(self.witnessed).encode()
                    await client.write(b"PUB %b %d\r\n%b\r\n" % (subject.encode(), len(text), text))
                    async with asyncio.timeout(self.patience):
                        got = await client.message()
                    if got != text:
                        self.violations.append(f"the witness got {got!r} in place of {text!r}")
                    self.witnessed += 1
                    self.slowest = max(self.slowest, time.monotonic() - began)
                    await asyncio.sleep(0.01)
        except (OSError, EOFError, TimeoutError, Violation) as error:
            if not self.over:
                self.violations.append(f"the witness lost its connection: {error!r}")

    async def _flood(self) -> None:
        """Now and then, flood a client that never reads until it's cut off."""
        while not self.over:
            try:
                async with asyncio.timeout(self.patience * 3):
                    self.cut_off.append(await Deaf(self.server).drown())
            except (OSError, EOFError, TimeoutError, Violation) as error:
                if not self.over:
                    self.violations.append(f"a client that never reads: {error!r}")
            await asyncio.sleep(min(FLOOD_EVERY, max(0, self.ends - time.monotonic())))

    async def _sample(self) -> None:
        while not self.over:
            if size := resident(self.server.process.pid):
                self.memory.append(size)
            await asyncio.sleep(SAMPLE)

    async def _still_serves(self) -> None:
        status = self.server.process.poll()
        if status is not None:
            self.violations.append(f"the server ended with status {status}")
        else:
            try:
                async with asyncio.timeout(self.patience), Client(self.server.address) as client:
                    await client.write(garbage.HELLO + b"SUB last 1\r\nPUB last 2\r\nhi\r\n")
                    await client.message()
            except (OSError, EOFError, TimeoutError, Violation) as error:
                self.violations.append(f"in the end it doesn't serve: {error!r}")
        if found := UNHANDLED.search(self.server.log()):
            line = next(t for t in self.server.log().splitlines() if found.group() in t)
            self.violations.append(f"the log says: {line}")
        if not self.cut_off:
            self.violations.append("no client that never reads was cut off")
        warm, late = self._memory()
        if late > warm * (1 + SHARE) + SLACK:
            self.violations.append(f"memory grew from {mib(warm)} to {mib(late)}")

    def _memory(self) -> tuple[float, float]:
        """Memory of the second third of the samples, and of the last."""
        third = len(self.memory) // 3
        if not third:
            return 0.0, 0.0
        middle, last = self.memory[third : 2 * third], self.memory[2 * third :]
        return statistics.median(middle), statistics.median(last)

    def summary(self, name: str, seconds: float) -> str:
        """What happened, for people."""
        warm, late = self._memory()
        most, slowest = max(self.memory, default=0), round(self.slowest * 1000)
        flooded = statistics.mean(self.cut_off) if self.cut_off else 0
        rows = [
            f"soak of {name}: {seconds:.0f} s, seed {self.seed}",
            f"  {self.number:>9,}  connections, {mib(self.bytes)} sent",
            *(f"  {self.outcomes[each.value]:>9,}  {each.value}" for each in Outcome),
            f"  {self.exact:>9,}  judged answer by answer against the model",
            f"  {self.witnessed:>9,}  messages of a witness, in order, the slowest {slowest} ms",
            f"  {len(self.cut_off):>9,}  clients that never read, cut off after {mib(flooded)}",
            f"  memory {mib(warm)} when warm, {mib(late)} at the end, {mib(most)} at most",
        ]
        rows += [f"✗ {violation}" for violation in self.violations[:SHOWN]]
        if len(self.violations) > SHOWN:
            rows.append(f"✗ and {len(self.violations) - SHOWN:,} more")
        rows.append("✗ the server minded" if self.violations else "✓ the server still serves")
        return "\n".join(rows)


def resident(pid: int) -> int:
    """The memory of a process in bytes; 0 where the system doesn't tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) << 10
    return 0


def mib(size: float) -> str:
    """A size as people read it."""
    return f"{size / (1 << 20):,.1f} MiB"


def soak(name: str, seconds: float, seed: int, clients: int, patience: float) -> int:
    """Start the target, soak it, print the summary; the exit status."""
    target = resolve(name)
    if not target.startable:
        raise Unreachable("a soak starts its own server: give a preset, a release or a command")
    lines = garbage.corpus(seed, max(40, min(800, int(seconds))))
    server = start(target, text=CONFIGS["slow-consumers"], patience=max(10, patience))
    try:
        run = Soak(server, seed, lines, patience)
        began = time.monotonic()
        asyncio.run(run.run(seconds, clients))
        print(run.summary(name, time.monotonic() - began))
    finally:
        server.stop()
    return Exit.DIFFERS if run.violations else Exit.CONFORMS


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m nats_conformance.soak", description="Garbage against a server, for a while."
    )
    parser.add_argument("target", nargs="?", default="reference")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--clients", type=int, default=24, help="connections at a time (24)")
    parser.add_argument("--patience", type=float, default=20, help="seconds a session may take")
    given = parser.parse_args(words)
    try:
        return soak(given.target, given.seconds, given.seed, given.clients, given.patience)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - told in a sentence
        status, text = sentence(error)
        print(f"soak: {text}", file=sys.stderr)
        return status


if __name__ == "__main__":
    sys.exit(main())
