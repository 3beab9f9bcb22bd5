"""The part of the table that needs JetStream: streams, then consumers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nats_conformance.bench import buckets, consuming, crowd, publishing, scale
from nats_conformance.bench.publishing import ALWAYS, COUNT, LAZY, SYNCED
from nats_conformance.bench.scenario import Aim, Sample, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.bench.scale import Found
    from nats_conformance.targets.target import Target


def _rate(name: str, says: str, measure: Callable[[Target], Sample], goal: float) -> Scenario:
    return Scenario(name, "msg/s", says, measure, Aim.RATIO_AT_LEAST, goal, starts=True)


def _time(name: str, says: str, measure: Callable[[Target], Sample], goal: float) -> Scenario:
    return Scenario(name, "µs", says, measure, Aim.RATIO_AT_MOST, goal, starts=True)


def _million(
    name: str, unit: str, says: str, value: Callable[[Found], float], goal: float | None
) -> Scenario:
    def measure(target: Target) -> Sample:
        return Sample(value(scale.found(target)))

    aim = Aim.STATED if goal is None else Aim.OWN_AT_MOST
    return Scenario(name, unit, says, measure, aim, goal or 0.0, at_most_runs=1, starts=True)


_AIMS = {"µs": Aim.RATIO_AT_MOST, "B/s": Aim.RATIO_AT_LEAST}

JETSTREAM: tuple[Scenario, ...] = (
    _rate(
        "store-lazy",
        "publishes with acknowledgements, 1,000 under way, 128 bytes, file, synced later",
        lambda target: publishing.asynchronous(target, LAZY, "file", COUNT),
        0.25,
    ),
    _rate(
        "store-always",
        "the same, synced before each acknowledgement",
        lambda target: publishing.asynchronous(target, ALWAYS, "file", SYNCED),
        3.0,
    ),
    _rate(
        "store-memory",
        "the same into a memory stream",
        lambda target: publishing.asynchronous(target, LAZY, "memory", COUNT),
        0.25,
    ),
    _time(
        "store-one-lazy",
        "one publish and its acknowledgement at a time, file, synced later",
        partial(publishing.synchronous, config=LAZY),
        2.0,
    ),
    _time(
        "store-one-always",
        "the same, synced before the acknowledgement",
        partial(publishing.synchronous, config=ALWAYS),
        1.2,
    ),
    _time("direct-get", "the last message of a subject by direct get", publishing.direct_get, 2.0),
    _million(
        "million-info",
        "times",
        "STREAM.INFO of a million messages on 100,000 subjects, as against 10,000 on 1,000",
        lambda each: each.info,
        3.0,
    ),
    _million(
        "million-last",
        "times",
        "the last message of a subject, there as against here",
        lambda each: each.last,
        3.0,
    ),
    _million(
        "million-purge",
        "times",
        "purging a subject, there as against here",
        lambda each: each.purge,
        3.0,
    ),
    _million(
        "million-restart",
        "s",
        "ending a server with these messages and starting it again, until INFO",
        lambda each: each.restart_seconds,
        5.0,
    ),
    _million(
        "million-memory",
        "bytes",
        "resident memory for each of the stored messages of 16 bytes",
        lambda each: each.memory,
        None,
    ),
    _rate("pull-256", "pulled in batches of 256, acknowledged explicitly", consuming.pull, 0.25),
    _rate("push", "pushed without acknowledgements", consuming.push, 0.25),
    _time("delivery", "from a publish to its delivery by a push consumer", consuming.latency, 2.0),
    Scenario(
        "consumers-10k",
        "times",
        "cost of a publish on a stream with 10,000 durable consumers, as against ten",
        lambda target: Sample(crowd.found(target).publish),
        Aim.OWN_AT_MOST,
        1.5,
        at_most_runs=1,
        starts=True,
    ),
    Scenario(
        "consumer-memory",
        "bytes",
        "resident memory for each of 10,000 durable consumers",
        lambda target: Sample(crowd.found(target).memory),
        Aim.STATED,
        at_most_runs=1,
        starts=True,
    ),
    *(
        Scenario(name, unit, says, measure, _AIMS[unit], goal, starts=True)
        for name, unit, says, measure, goal in buckets.LOADS
    ),
    Scenario(
        "object-memory",
        "bytes",
        "the most that memory grows by while 256 MiB are put and got",
        buckets.memory,
        Aim.STATED,
        at_most_runs=1,
        starts=True,
    ),
)
