"""A stream of a million messages on 100,000 subjects, as against one of ten thousand.

The stream is filled once a target; what is measured on it is kept for the scenarios that ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.processes import resident_bytes
from nats_conformance.bench.publishing import LAZY
from nats_conformance.bench.servers import running
from nats_conformance.bench.streaming import Client, client, median

if TYPE_CHECKING:
    from nats_conformance.bench.servers import Server
    from nats_conformance.targets.target import Target

#: Messages of the small stream and of the large one; ten on each subject.
SMALL, LARGE = 10_000, 1_000_000
A_SUBJECT: Final = 10
TIMES, WARM_UP = 100, 10


@dataclass(frozen=True, slots=True)
class Costs:
    """Median microseconds of a request."""

    info: float
    last: float
    purge: float


@dataclass(frozen=True, slots=True)
class Found:
    """What the large stream costs, in units of the small one, and by itself."""

    info: float
    last: float
    purge: float
    restart_seconds: float
    #: Resident bytes for each stored message.
    memory: float


@cache
def found(target: Target) -> Found:
    """Measure; each target once."""
    with running(target, LAZY) as server:
        with client(server) as connection:
            small = _costs(connection, "small", SMALL)
            before = resident_bytes(server.pid) or 0
            _fill(connection, "large", LARGE)
            memory = ((resident_bytes(server.pid) or 0) - before) / LARGE
            large = _timed(connection, "large", LARGE)
        again = server.restarted()
        _holds(again, LARGE - TIMES * A_SUBJECT - WARM_UP * A_SUBJECT)
        return Found(
            large.info / small.info,
            large.last / small.last,
            large.purge / small.purge,
            again.ready_seconds,
            memory,
        )


def _holds(server: Server, messages: int) -> None:
    with client(server) as connection:
        held = connection.api("STREAM.INFO.large")["state"]["messages"]
        if held != messages:
            raise BenchError(f"after the restart the stream holds {held} messages, not {messages}")


def _costs(connection: Client, name: str, messages: int) -> Costs:
    _fill(connection, name, messages)
    return _timed(connection, name, messages)


def _fill(connection: Client, name: str, messages: int) -> None:
    connection.stream(name, storage="file")
    subjects = messages // A_SUBJECT
    text = f"{name}.s%d".encode()
    connection.publish_all(
        (text % (number % subjects) for number in range(messages)), b"sixteen bytes ok"
    )


def _timed(connection: Client, name: str, messages: int) -> Costs:
    subjects = iter(range(messages // A_SUBJECT))

    def last() -> None:
        connection.api(
            f"STREAM.MSG.GET.{name}", {"last_by_subj": f"{name}.s{messages // A_SUBJECT - 1}"}
        )

    def purge() -> None:
        answer = connection.api(f"STREAM.PURGE.{name}", {"filter": f"{name}.s{next(subjects)}"})
        if answer["purged"] != A_SUBJECT:
            raise BenchError(f"a purge took {answer['purged']} messages, not {A_SUBJECT}")

    return Costs(
        median(TIMES, WARM_UP, lambda: connection.api(f"STREAM.INFO.{name}")),
        median(TIMES, WARM_UP, last),
        median(TIMES, WARM_UP, purge),
    )
