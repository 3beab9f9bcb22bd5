"""One process's means to run jobs: its servers, and threads for the cases that mostly wait."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from . import introspection
from .delivery import Delivery
from .engine import run_case
from .targets.pool import Pool

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .plan import Job, Plan
    from .results import CaseResult

#: Waiting cases that run at once.
_THREADS: Final = 24

#: A waiting case that gets busy must not hold up the others' many small sends.
_SWITCH: Final = 0.0005


class Hand:
    """Runs jobs of one plan in this process."""

    def __init__(self, plan: Plan) -> None:
        """Starts nothing yet."""
        self._plan = plan
        self._pool = Pool(plan.settings.patience)
        self._threads: ThreadPoolExecutor | None = None

    def run(self, job: Job) -> CaseResult:
        """Run it, here and now; if a bare assert fails, once more to hear what it compared."""
        plan = self._plan
        result = run_case(job.case, job.subject, self._pool, plan.settings, plan.requirements)
        if not result.mute or not job.subject.known.isdisjoint((result.id, *result.requirements)):
            return result
        told = introspection.within(lambda: self._again(job, result))
        same = told is not None and told.verdict is result.verdict
        return told.lasting(result.seconds, result.ended) if told and same else result

    def _again(self, job: Job, result: CaseResult) -> CaseResult:
        plan, case = self._plan, job.case
        told = replace(case, run=introspection.rewritten(case.run))
        delivery = Delivery(result.delivery)
        return run_case(
            told, job.subject, self._pool, plan.settings, plan.requirements, again=delivery
        )

    def begin(self, job: Job) -> Future[CaseResult]:
        """Run it beside others: it mostly waits."""
        if self._threads is None:
            sys.setswitchinterval(_SWITCH)
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="waiting")
        return self._threads.submit(self.run, job)

    def close(self) -> None:
        """No server outlives its process."""
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
        self._pool.close()
