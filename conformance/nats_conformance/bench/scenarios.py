"""The table of what is measured, in which unit, and what is aimed at."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from nats_conformance.bench import probes, traffic
from nats_conformance.bench.generator import Flow, alone, through
from nats_conformance.bench.jetstream_scenarios import JETSTREAM
from nats_conformance.bench.scenario import Aim, Sample, Scenario
from nats_conformance.bench.servers import running
from nats_conformance.counted import counted
from nats_conformance.targets.configs import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.bench.traffic import Traffic
    from nats_conformance.targets.target import Target

IDLE_CONNECTIONS = 10_000
UNRELATED = (10, 100_000)


@cache
def _repeated(size: int, subjects: int = 1) -> Traffic:
    return traffic.repeated(size, subjects)


@cache
def _distinct() -> Traffic:
    return traffic.distinct(600_000)


def _stream(
    name: str, says: str, source: Callable[[], Traffic], subscribers: int, goal: float | None
) -> Scenario:
    def sample(flow: Flow) -> Sample:
        return Sample(flow.rate * subscribers, flow.server_cpu, flow.generator_cpu)

    def measure(target: Target) -> Sample:
        with running(target) as server:
            return sample(through(server, source(), subscribers))

    def ceiling() -> float:
        return alone(source(), subscribers).rate * subscribers

    aim = Aim.STATED if goal is None else Aim.RATIO_AT_LEAST
    return Scenario(name, "msg/s", says, measure, aim, goal or 0.0, ceiling)


def _round_trip(target: Target) -> Sample:
    with running(target) as server:
        return Sample(probes.round_trip(server))


def _cost_of_interest(target: Target) -> Sample:
    rates: list[float] = []
    for unrelated in UNRELATED:
        with running(target) as server:
            rates.append(probes.with_interest(server, _distinct(), unrelated).rate)
    return Sample(rates[0] / rates[1])


def _ready(target: Target) -> Sample:
    with running(target) as server:
        return Sample(server.ready_seconds * 1000)


def _ready_with_config(target: Target) -> Sample:
    with running(target, CONFIGS["permissions"]) as server:
        return Sample(server.ready_seconds * 1000)


def _idle(target: Target) -> Sample:
    with running(target) as server:
        return Sample(probes.idle_bytes(server, IDLE_CONNECTIONS))


SCENARIOS: tuple[Scenario, ...] = (
    _stream(
        "publish-16B",
        "one publisher, one subscriber, 16 bytes, the same control line again and again",
        lambda: _repeated(16),
        1,
        0.6,
    ),
    _stream(
        "publish-100",
        "the same to 100 subjects in turn, so that no control line follows itself",
        lambda: _repeated(16, 100),
        1,
        None,
    ),
    _stream(
        "publish-new-lines",
        "every control line new: 1,000 subjects, sizes 1 to 64, a reply subject of its own each",
        _distinct,
        1,
        0.2,
    ),
    *(
        _stream(
            f"fan-out-{subscribers}",
            f"128 bytes to {counted(subscribers, 'subscriber')}, messages delivered",
            lambda: _repeated(128),
            subscribers,
            0.4,
        )
        for subscribers in (1, 2, 4, 8)
    ),
    Scenario(
        "request-reply",
        "µs",
        "round trip of a request, one at a time, both clients in one thread",
        _round_trip,
        Aim.RATIO_AT_MOST,
        2.0,
    ),
    Scenario(
        "subscriptions-100k",
        "times",
        "cost of a publish (new lines) with 100,000 unrelated subscriptions, as against 10",
        _cost_of_interest,
        Aim.OWN_AT_MOST,
        1.5,
    ),
    Scenario("ready", "ms", "process start to INFO", _ready, Aim.OWN_AT_MOST, 250.0, starts=True),
    Scenario(
        "ready-config",
        "ms",
        "the same with a configuration file that has users and permissions",
        _ready_with_config,
        Aim.OWN_AT_MOST,
        250.0,
        starts=True,
    ),
    Scenario(
        "idle-10k",
        "bytes",
        "resident memory for each of 10,000 idle connections",
        _idle,
        Aim.STATED,
        at_most_runs=1,
        starts=True,
    ),
    *JETSTREAM,
)
