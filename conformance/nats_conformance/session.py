"""Runs a plan: in this process, or in processes forked from it that share what it has read.

A worker asks for the next unit of jobs when it is done with one; the jobs that
mostly wait have a process of their own. What was found depends on neither: names
are drawn from the case's id and the seed, and `grade.py` puts results in order.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final, Self, cast

from nats_spec.recogniser import recogniser

from . import interrupts, worker
from .hand import Hand
from .results import Spent

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess
    from types import TracebackType

    from .plan import Plan, Unit
    from .results import CaseResult

#: Below so many jobs, workers take longer to fork than they save.
WORTH_WORKERS: Final = 8

#: Seconds that a worker may take to end its servers.
_PARTING: Final = 10

Arrived = Callable[[str, "CaseResult"], None]


@dataclass(slots=True)
class Outcome:
    """What came of a session."""

    #: By target, in order of arrival.
    cases: dict[str, list[CaseResult]] = field(default_factory=dict)
    #: What went wrong outside any case.
    errors: list[str] = field(default_factory=list)
    #: By target: when a written case of it was running, and when a generated one.
    written: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    generated: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def spent(self, target: str) -> Spent:
        """How long the cases of one target took."""
        return Spent(_covered(self.written.get(target)), _covered(self.generated.get(target)))


class Session:
    """A plan about to run; workers are forked on entry, before anything has a thread."""

    def __init__(
        self, plan: Plan, *, workers: int, arrived: Arrived, fail_fast: bool = False
    ) -> None:
        """`arrived` hears of each case as it ends."""
        self._plan = plan
        self._arrived = arrived
        self._fail_fast = fail_fast
        self._stopped = False
        self._outcome = Outcome()
        units = plan.units()
        self._waiting = deque(unit for unit in units if unit.waits)
        self._units = deque(unit for unit in units if not unit.waits)
        self._phase = self._units[0].phase if self._units else len(units)
        self._crew: dict[Connection, ForkProcess] = {}
        #: Who does the jobs that wait.
        self._waiter: Connection | None = None
        #: Where in the plan the jobs stand that were not told of.
        self._at_work: dict[Connection, set[int]] = {}
        can_fork = "fork" in multiprocessing.get_all_start_methods()
        self._workers = workers if workers > 1 and can_fork else 0

    def __enter__(self) -> Self:
        """Fork the workers."""
        recogniser("server")  # made now, so that no case is charged for it
        if not self._workers:
            return self
        with interrupts.later():  # a worker minds its own
            self._fork()
        return self

    def _fork(self) -> None:
        fork = multiprocessing.get_context("fork")
        count = min(self._workers, len(self._units))
        pipes = [fork.Pipe() for _ in range(count + bool(self._waiting))]
        for place, (ours, theirs) in enumerate(pipes):
            others = [end for pair in pipes for end in pair if end is not theirs]
            process = fork.Process(
                target=worker.main,
                args=(theirs, others, self._plan),
                name=f"worker {place}",
                daemon=True,
            )
            process.start()
            self._crew[ours] = process
        for _, theirs in pipes:
            theirs.close()
        self._waiter = pipes[-1][0] if self._waiting else None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """No worker is left; one that is told to end ends its servers first."""
        for pipe, process in self._crew.items():
            pipe.close()
            if kind is not None or self._stopped:
                process.terminate()
        for process in self._crew.values():
            process.join(_PARTING)
            if process.is_alive():
                process.kill()

    def run(self) -> Outcome:
        """Run every job."""
        if self._crew:
            self._conduct()
        else:
            self._alone()
        return self._outcome

    def _alone(self) -> None:
        hand, jobs = Hand(self._plan), self._plan.jobs
        begun: dict[int, Future[CaseResult]] = {}
        try:
            while self._units or self._waiting:
                for waiting in iter(self._reached, None):
                    begun |= {place: hand.begin(jobs[place]) for place in waiting.places}
                unit = self._next()
                for place in unit.places if unit else ():
                    if not self._stopped:
                        self._found(place, hand.run(jobs[place]))
            for place, future in begun.items():
                if not self._stopped:
                    self._found(place, future.result())
        finally:
            hand.close()

    def _conduct(self) -> None:
        for pipe in self._crew:
            if pipe not in self._at_work:
                self._give(pipe)
        while self._at_work and not self._stopped:
            for ready in wait(list(self._at_work)):
                self._hear(cast("Connection", ready))

    def _next(self) -> Unit | None:
        """The next unit of other jobs, which may begin a phase."""
        unit = self._units.popleft() if self._units else None
        self._phase = unit.phase if unit else self._phase
        return unit

    def _reached(self) -> Unit | None:
        """A unit of jobs that wait whose phase has begun."""
        if self._waiting and (not self._units or self._waiting[0].phase <= self._phase):
            return self._waiting.popleft()
        return None

    def _give(self, pipe: Connection) -> None:
        """The next unit, if there is one."""
        self._at_work.pop(pipe, None)
        unit = self._reached() if pipe is self._waiter else self._next()
        if unit is not None:
            self._at_work[pipe] = set(unit.places)
            with suppress(OSError):  # it is gone, and its pipe will say so
                pipe.send(unit)
        if self._waiter is not None and self._waiter not in {pipe, *self._at_work}:
            self._give(self._waiter)

    def _hear(self, pipe: Connection) -> None:
        try:
            said = pipe.recv()
        except (EOFError, OSError):
            self._lost(pipe)
            return
        if said is None:
            self._give(pipe)
        elif isinstance(said, str):
            self._outcome.errors.append(said)
        else:
            place, result = said
            self._at_work[pipe].discard(place)
            self._found(place, result)

    def _lost(self, pipe: Connection) -> None:
        process = self._crew[pipe]
        process.join(1)
        left = sorted(self._plan.jobs[place].case.id for place in self._at_work.pop(pipe))
        self._outcome.errors.append(
            f"a worker ended with status {process.exitcode}; not told of: {', '.join(left)}"
        )

    def _found(self, place: int, result: CaseResult) -> None:
        job, outcome = self._plan.jobs[place], self._outcome
        target = job.subject.target.name
        outcome.cases.setdefault(target, []).append(result)
        times = outcome.generated if job.case.generated else outcome.written
        times.setdefault(target, []).append((result.ended - result.seconds, result.ended))
        self._arrived(target, result)
        known = job.subject.known.intersection((result.id, *result.requirements))
        bad = not result.verdict.conforms and not known
        self._stopped = self._stopped or (self._fail_fast and bad)


def _covered(times: list[tuple[float, float]] | None) -> float:
    """How long at least one was under way."""
    total = until = 0.0
    for began, ended in sorted(times or ()):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total
