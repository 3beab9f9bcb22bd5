"""Loads of buckets, as clients do them: keys put and got one by one, an object of 256 MiB."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.processes import resident_bytes
from nats_conformance.bench.publishing import LAZY, TIMES, WARM_UP
from nats_conformance.bench.scenario import Sample
from nats_conformance.bench.servers import running
from nats_conformance.bench.streaming import PAYLOAD, Acknowledgements, client, median, rate
from nats_spec import objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from nats_conformance.bench.servers import Server
    from nats_conformance.bench.streaming import Client
    from nats_conformance.targets.target import Target

MIB: Final = 1 << 20
SIZE: Final = 256 * MIB
CHUNK: Final = bytes(range(256)) * (objects.CHUNK // 256)
#: Chunks that may wait for their acknowledgement.
UNDER_WAY: Final = 32
#: Seconds between two looks at a server's memory.
PACE: Final = 0.02
BUCKET: Final = {
    "name": "KV_bench",
    "subjects": ["$KV.bench.>"],
    "max_msgs_per_subject": 1,
    "discard": "new",
    "allow_rollup_hdrs": True,
    "deny_delete": True,
    "allow_direct": True,
}


def put_key(target: Target) -> Sample:
    """A key after another: median in microseconds."""

    def once() -> None:
        connection.say(line)
        connection.acknowledged(1)

    line = b"PUB $KV.bench.key _INBOX.bench.1 %d\r\n%b\r\n" % (len(PAYLOAD), PAYLOAD)
    with running(target, LAZY) as server, client(server) as connection:
        connection.api("STREAM.CREATE.KV_bench", BUCKET)
        return Sample(median(TIMES, WARM_UP, once))


def get_key(target: Target) -> Sample:
    """The newest of a key, of ten thousand: median in microseconds."""

    def once() -> None:
        answer = connection.ask("$JS.API.DIRECT.GET.KV_bench.$KV.bench.k7777")
        if not answer.endswith(PAYLOAD + b"\r\n"):
            raise BenchError("direct get did not answer with the value")

    with running(target, LAZY) as server, client(server) as connection:
        connection.api("STREAM.CREATE.KV_bench", BUCKET)
        connection.publish_all(b"$KV.bench.k%d" % number for number in range(10_000))
        return Sample(median(TIMES, WARM_UP, once))


def put_object(target: Target) -> Sample:
    """An object's chunks, some under way, and its metadata: bytes a second."""
    with running(target, LAZY) as server, client(server) as connection:
        _bucket(connection)
        return rate(server, lambda: _put(connection))


def get_object(target: Target) -> Sample:
    """The same by an ordered consumer with flow control, hashed: bytes a second."""
    with running(target, LAZY) as server, client(server) as connection:
        _bucket(connection)
        _put(connection)
        return rate(server, lambda: _get(connection))


def memory(target: Target) -> Sample:
    """What the server's memory grows by at most while an object is put and got: bytes."""
    with running(target, LAZY) as server, client(server) as connection:
        _bucket(connection)
        with Watching(server) as watching:
            _put(connection)
            _get(connection)
        return Sample(watching.growth)


class Watching:
    """Looks at a server's memory again and again."""

    def __init__(self, server: Server) -> None:
        self._pid = server.pid
        self._first = self._most = resident_bytes(server.pid) or 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def growth(self) -> int:
        """The most that it has grown."""
        return self._most - self._first

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(PACE):
            self._most = max(self._most, resident_bytes(self._pid) or 0)


def _bucket(connection: Client) -> None:
    connection.api("STREAM.CREATE.OBJ_bench", objects.config("bench", storage="file"))


def _put(connection: Client) -> int:
    line = b"PUB $O.bench.C.n _INBOX.bench.1 %d\r\n%b\r\n" % (len(CHUNK), CHUNK)
    hashing = hashlib.sha256()
    acks = Acknowledgements(connection)
    count = SIZE // len(CHUNK)
    for number in range(count):
        hashing.update(CHUNK)
        connection.say(line)
        acks.wait_for(number + 1 - UNDER_WAY)
    acks.wait_for(count)
    digest = objects.digest_of(hashing.digest())
    meta = objects.Metadata("large", "bench", "n", SIZE, count, digest)
    subject = objects.metadata_subject("bench", "large")
    if b'"error"' in connection.ask(subject, payload=meta.encode()):
        raise BenchError("the metadata was not stored")
    return SIZE


def _get(connection: Client) -> int:
    meta = objects.parse(_last(connection))
    config: dict[str, Any] = {
        "name": "bench",
        "filter_subject": "$O.bench.C.n",
        "deliver_subject": "bench-object",
        "ack_policy": "none",
        "max_deliver": 1,
        "mem_storage": True,
        "flow_control": True,
        "idle_heartbeat": 5_000_000_000,
    }
    body = {"stream_name": "OBJ_bench", "config": config}
    connection.api("CONSUMER.CREATE.OBJ_bench.bench", body)
    connection.say(b"SUB bench-object 2\r\n")
    hashing = hashlib.sha256()
    size = 0
    while size < meta.size:
        line, data = connection.hear()
        if line.startswith(b"HMSG"):
            _answer_flow(connection, line)
            continue
        hashing.update(memoryview(data)[:-2])
        size += len(data) - 2
    connection.say(b"UNSUB 2\r\n")
    if objects.digest_of(hashing.digest()) != meta.digest:
        raise BenchError("the content is not what was put")
    return size


def _answer_flow(connection: Client, line: bytes) -> None:
    """A status: if it wants a reply, say that all before it was read."""
    words = line.split()
    if len(words) == 6:
        connection.say(b"PUB %b 0\r\n\r\n" % words[3])


def _last(connection: Client) -> bytes:
    """The metadata of the object."""
    subject = objects.metadata_subject("bench", "large")
    answer = connection.ask(f"$JS.API.DIRECT.GET.OBJ_bench.{subject}")
    return answer[answer.index(b"{") :].strip() if b"{" in answer else _absent(answer)


def _absent(answer: bytes) -> bytes:
    raise BenchError(f"the metadata was answered by {json.dumps(answer.decode(errors='replace'))}")


#: Name, unit, what it says, what measures, and the aim: at most so many times, or at least.
LOADS: Final[tuple[tuple[str, str, str, Callable[[Target], Sample], float], ...]] = (
    ("kv-put", "µs", "one put of a key at a time, file, synced later", put_key, 2.0),
    ("kv-get", "µs", "the value of one of 10,000 keys, by direct get", get_key, 2.0),
    ("object-put", "B/s", "an object of 256 MiB, 32 chunks under way, file", put_object, 0.25),
    ("object-get", "B/s", "the same object read by an ordered consumer, hashed", get_object, 0.25),
)
