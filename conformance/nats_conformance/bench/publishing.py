"""Loads of JetStream that store messages and read them back one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.scenario import Sample
from nats_conformance.bench.servers import running
from nats_conformance.bench.streaming import PAYLOAD, client, median, rate

if TYPE_CHECKING:
    from nats_conformance.targets.target import Target

#: Synced two minutes later, or before each acknowledgement.
LAZY: Final = 'jetstream { store_dir: "{store_dir}", sync_interval: "2m" }\n'
ALWAYS: Final = 'jetstream { store_dir: "{store_dir}", sync_interval: always }\n'

#: Messages of a load; a disk that has to be waited for gets fewer.
COUNT, SYNCED = 50_000, 4_000
#: Single requests that are timed, and as many before whose time isn't taken.
TIMES, WARM_UP = 1000, 100


def asynchronous(target: Target, config: str, storage: str, count: int) -> Sample:
    """Publishes with acknowledgements, a thousand under way: messages a second."""
    with running(target, config) as server, client(server) as connection:
        connection.stream("bench", storage=storage)
        connection.publish_all([b"bench.warm"] * 500)
        return rate(server, lambda: connection.publish_all([b"bench.a"] * count))


def synchronous(target: Target, config: str) -> Sample:
    """Publishes with acknowledgements, one at a time: median in microseconds."""

    def once() -> None:
        connection.say(line)
        connection.acknowledged(1)

    line = b"PUB bench.a _INBOX.bench.1 %d\r\n%b\r\n" % (len(PAYLOAD), PAYLOAD)
    with running(target, config) as server, client(server) as connection:
        connection.stream("bench", storage="file")
        return Sample(median(TIMES, WARM_UP, once))


def direct_get(target: Target) -> Sample:
    """The last message of a subject, by direct get, one at a time: median in microseconds."""

    def once() -> None:
        if not connection.ask("$JS.API.DIRECT.GET.bench.bench.s77").endswith(ending):
            raise BenchError("direct get did not answer with the message")

    ending = PAYLOAD + b"\r\n"
    with running(target, LAZY) as server, client(server) as connection:
        connection.stream("bench", storage="file", allow_direct=True)
        connection.publish_all(b"bench.s%d" % (number % 100) for number in range(10_000))
        return Sample(median(TIMES, WARM_UP, once))
