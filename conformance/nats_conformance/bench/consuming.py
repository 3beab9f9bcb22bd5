"""Loads of JetStream that consume: pulled in batches, pushed, and one by one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.publishing import COUNT, LAZY, TIMES, WARM_UP
from nats_conformance.bench.scenario import Sample
from nats_conformance.bench.servers import running
from nats_conformance.bench.streaming import PAYLOAD, Client, client, median, rate, succeeded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_conformance.targets.target import Target

BATCH: Final = 256

EXPLICIT: Final[dict[str, object]] = {"ack_policy": "explicit"}
PUSHED: Final[dict[str, object]] = {"ack_policy": "none", "deliver_subject": "bench-deliver"}
#: How the control line of an answer begins.
OURS: Final = b"MSG _INBOX."

_REPLY: Final = re.compile(rb" (\$JS\.ACK\.\S+) ")


def pull(target: Target) -> Sample:
    """Batches of 256, each message acknowledged explicitly: messages a second."""
    count = COUNT - COUNT % BATCH
    with running(target, LAZY) as server, client(server) as connection:
        _filled(connection, count)
        connection.say(create("worker", EXPLICIT | {"max_ack_pending": -1}))
        succeeded(connection.hear()[1])
        sample = rate(server, lambda: _in_batches(connection, count))
        info = connection.api("CONSUMER.INFO.bench.worker")
        if info["num_pending"] or info["num_ack_pending"]:
            raise BenchError(f"not all was consumed: {info}")
        return sample


def _in_batches(connection: Client, count: int) -> int:
    request = b'{"batch":%d,"expires":30000000000}' % BATCH
    line = b"PUB $JS.API.CONSUMER.MSG.NEXT.bench.worker _INBOX.bench.2 %d\r\n%b\r\n"
    pulled = line % (len(request), request)
    replies: list[bytes] = []
    for _ in range(count // BATCH):
        connection.say(pulled)
        lines = [connection.hear()[0] for _ in range(BATCH)]
        replies = _REPLY.findall(b"".join(lines))
        if len(replies) != BATCH:
            raise BenchError(f"of a batch, {len(replies)} messages can be acknowledged")
        connection.say(b"".join([b"PUB %b 4\r\n+ACK\r\n" % reply for reply in replies]))
    # Acknowledged once more, and answered: those before it have been dealt with.
    connection.say(b"PUB %b _INBOX.bench.1 4\r\n+ACK\r\n" % replies[-1])
    connection.hear()
    return count


def push(target: Target) -> Sample:
    """A whole stream pushed, with no acknowledgements: messages a second."""
    with running(target, LAZY) as server, client(server) as connection:
        _filled(connection, COUNT)
        connection.say(b"SUB bench-deliver 2\r\n")

        def all_of_it() -> int:
            connection.say(create("pushed", PUSHED))
            others = [data for line, data in _heard(connection, COUNT + 1) if line[:11] == OURS]
            if len(others) != 1:
                raise BenchError(f"beside the stream came {others!r}")
            succeeded(others[0])
            return COUNT

        return rate(server, all_of_it)


def latency(target: Target) -> Sample:
    """From a publish to its delivery by a push consumer, one at a time: median in microseconds."""

    def once() -> None:
        connection.say(line)
        if not connection.hear()[0].startswith(b"MSG bench.a "):
            raise BenchError("something else was delivered")

    line = b"PUB bench.a %d\r\n%b\r\n" % (len(PAYLOAD), PAYLOAD)
    with running(target, LAZY) as server, client(server) as connection:
        connection.stream("bench", storage="file")
        connection.say(b"SUB bench-deliver 2\r\n")
        connection.say(create("pushed", PUSHED))
        succeeded(connection.hear()[1])
        return Sample(median(TIMES, WARM_UP, once))


def _heard(connection: Client, count: int) -> Iterator[tuple[bytes, bytes]]:
    return (connection.hear() for _ in range(count))


def _filled(connection: Client, count: int) -> None:
    connection.stream("bench", storage="file")
    connection.publish_all([b"bench.a"] * count)


def create(name: str, config: dict[str, object]) -> bytes:
    """The request that makes a durable consumer."""
    body = {"stream_name": "bench", "config": config | {"durable_name": name, "name": name}}
    data = json.dumps(body).encode()
    subject = f"$JS.API.CONSUMER.CREATE.bench.{name}".encode()
    return b"PUB %b _INBOX.bench.1 %d\r\n%b\r\n" % (subject, len(data), data)
