"""A stream with ten thousand durable consumers, as against one with ten.

The consumers are made once a target; what is measured is kept for the scenarios that ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from nats_conformance.bench.consuming import EXPLICIT, create
from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.processes import resident_bytes
from nats_conformance.bench.publishing import LAZY
from nats_conformance.bench.servers import running
from nats_conformance.bench.streaming import Client, client, rate, succeeded

if TYPE_CHECKING:
    from nats_conformance.bench.servers import Server
    from nats_conformance.targets.target import Target

#: Consumers that the stream has, few and many: since 2.15 more than 1,000 must be allowed.
FEW, MANY = 10, 10_000
#: Requests under way while consumers are made.
PIPELINE: Final = 200
#: Messages published to them; acknowledged to the publisher, delivered to nobody.
COUNT: Final = 10_000
#: How often they are published: the fastest time counts, as what disturbs can only slow down.
TIMES: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What the many consumers cost."""

    #: What a publish costs, in units of its cost with few consumers.
    publish: float
    #: Resident bytes for each consumer.
    memory: float


@cache
def found(target: Target) -> Found:
    """Measure; each target once."""
    with running(target, LAZY) as server, client(server) as connection:
        connection.stream("bench", storage="file", max_consumers=2 * MANY)
        _consumers(connection, 0, FEW)
        few = _publishing(server, connection)
        before = resident_bytes(server.pid)
        _consumers(connection, FEW, MANY)
        after = resident_bytes(server.pid)
        if before is None or after is None:
            raise BenchError("the memory of the server's process can't be seen here")
        many = _publishing(server, connection)
        return Found(few / many, (after - before) / (MANY - FEW))


def _publishing(server: Server, connection: Client) -> float:
    subjects = [b"bench.a"] * COUNT
    return max(rate(server, lambda: connection.publish_all(subjects)).value for _ in range(TIMES))


def _consumers(connection: Client, begin: int, end: int) -> None:
    for first in range(begin, end, PIPELINE):
        names = [f"c{number}" for number in range(first, min(first + PIPELINE, end))]
        connection.say(b"".join(create(name, EXPLICIT) for name in names))
        for _ in names:
            succeeded(connection.hear()[1])
