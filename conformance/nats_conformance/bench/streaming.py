"""A client of JetStream for loads: plain blocking reads, as few steps a message as Python allows.

Both targets are met with the same client. Where a server is faster than it, the ratio flatters
the other one: the column `load` shows how near the client is to a whole core.
"""

from __future__ import annotations

import json
import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.processes import cpu_seconds
from nats_conformance.bench.receivers import PING, PONG, greeted
from nats_conformance.bench.scenario import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import BufferedReader

    from nats_conformance.bench.servers import Server

PAYLOAD: Final = b"p" * 128
#: Publishes sent in one go, and how many may wait for their acknowledgement.
CHUNK, WINDOW = 100, 1000


class Client:
    """One connection, whose replies come to one inbox."""

    def __init__(self, server: Server) -> None:
        """Connect and subscribe to the inbox."""
        self._socket = greeted(server.endpoint)
        self._reader = cast("BufferedReader", self._socket.makefile("rb", 1 << 18))
        self.say(b"SUB _INBOX.bench.* 1\r\n")

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
        self._socket.close()

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def hear(self) -> tuple[bytes, bytes]:
        """The next message: its control line, and its payload with headers and line ending."""
        line = self._reader.readline()
        while not line.startswith((b"MSG ", b"HMSG ")):
            if line == PING:
                self.say(PONG)
            elif line != PONG:
                raise BenchError(f"the server said {line!r}")
            line = self._reader.readline()
        return line, self._reader.read(int(line[line.rindex(b" ") :]) + 2)

    def ask(self, subject: str, body: object = None, payload: bytes = b"") -> bytes:
        """What is answered to one request."""
        data = payload if body is None else json.dumps(body).encode()
        self.say(b"PUB %b _INBOX.bench.1 %d\r\n%b\r\n" % (subject.encode(), len(data), data))
        return self.hear()[1]

    def api(self, endpoint: str, body: object = None) -> dict[str, Any]:
        """An answer of JetStream's API that is no error."""
        return succeeded(self.ask(f"$JS.API.{endpoint}", body))

    def stream(self, name: str, **config: object) -> None:
        """Make a stream that listens to its name and all below it."""
        subjects = [f"{name}.>"]
        self.api(f"STREAM.CREATE.{name}", {"name": name, "subjects": subjects, **config})

    def publish_all(self, subjects: Iterable[bytes], payload: bytes = PAYLOAD) -> int:
        """Publish to each with a reply subject, a window at a time; each is acknowledged."""
        end = b" _INBOX.bench.1 %d\r\n%b\r\n" % (len(payload), payload)
        acks = Acknowledgements(self)
        count = 0
        chunk: list[bytes] = []
        for subject in subjects:
            chunk.append(b"PUB %b%b" % (subject, end))
            count += 1
            if len(chunk) == CHUNK:
                self.say(b"".join(chunk))
                chunk.clear()
                acks.wait_for(count - WINDOW)
        self.say(b"".join(chunk))
        acks.wait_for(count)
        return count

    def lines(self, rest: bytes) -> tuple[bytes, bytes]:
        """Whole lines that came, after the beginning of one that came before; and what follows."""
        data = rest + self._reader.read1(1 << 17)
        if len(data) == len(rest):
            raise BenchError("the server ended the connection")
        end = data.rfind(b"\n") + 1
        if PING in data:
            self.say(PONG)
        return data[:end], data[end:]

    def acknowledged(self, count: int) -> None:
        """So many publishes are answered, and none by an error."""
        hear = self.hear
        for _ in range(count):
            answer = hear()[1]
            if b'"seq":' not in answer or b'"error"' in answer:
                raise BenchError(f"a publish was answered by {answer!r}")


class Acknowledgements:
    """Counts answers to publishes by what each has once, without parsing any."""

    def __init__(self, client: Client) -> None:
        """Begin when nothing is under way."""
        self._client = client
        self._count = 0
        self._rest = b""

    def wait_for(self, count: int) -> None:
        """So many publishes are answered, and none by an error."""
        while self._count < count:
            lines, self._rest = self._client.lines(self._rest)
            if b'"error"' in lines:
                raise BenchError(f"publishes were answered by {lines[:400]!r}")
            self._count += lines.count(b'"seq":')


def succeeded(answer: bytes) -> dict[str, Any]:
    """The answer as JSON, unless it tells of an error."""
    decoded: dict[str, Any] = json.loads(answer)
    if "error" in decoded:
        raise BenchError(f"a request was answered by {decoded['error']}")
    return decoded


@contextmanager
def client(server: Server) -> Iterator[Client]:
    """A client for one load."""
    connected = Client(server)
    try:
        yield connected
    finally:
        connected.close()


def rate(server: Server, work: Callable[[], int]) -> Sample:
    """Do the work, and say how many of what it counts a second holds."""
    before, own = cpu_seconds(server.pid), time.process_time()
    begin = time.perf_counter()
    count = work()
    elapsed = time.perf_counter() - begin
    spent = time.process_time() - own
    after = cpu_seconds(server.pid)
    share = None if before is None or after is None else (after - before) / elapsed
    return Sample(count / elapsed, share, spent / elapsed)


def median(times: int, warm_up: int, once: Callable[[], object]) -> float:
    """Median time of one in microseconds."""
    taken: list[int] = []
    for _ in range(warm_up + times):
        begin = time.perf_counter_ns()
        once()
        taken.append(time.perf_counter_ns() - begin)
    return statistics.median(taken[warm_up:]) / 1000
