"""The kill matrix: each fault of the reference against the cases that cover it.

A fault is killed when a case that covers the requirement it breaks fails; it
survives when all of them pass, and then the suite proves nothing about that
requirement. Cases stop at the first that kills; in the end each of these must
pass on the sound reference, or its kills don't count. Servers run beside one another,
so the waits of one fault are the work of another.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from nats_conformance import catalogue
from nats_conformance.engine import Settings, Subject, applies, run_case
from nats_conformance.expect import NotApplicable, Unreachable
from nats_conformance.results import CaseResult, Verdict
from nats_conformance.targets import faulty, resolve
from nats_conformance.targets.instance import stop_all
from nats_conformance.targets.pool import Pool

from .unbreakable import UNBREAKABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Executor

    from nats_conformance.cases import Case
    from nats_conformance.traceability import Fault

#: Set when the run is interrupted: what is under way ends with the case it is at.
_STOPPING: Final = threading.Event()


class Fate(Enum):
    """What became of a fault."""

    KILLED = "KILLED"  #: a covering case failed
    SURVIVED = "SURVIVED"  #: every covering case passed
    UNCOVERED = "UNCOVERED"  #: no case covers the requirement
    BROKEN = "BROKEN"  #: nothing is proved: no start, a case broke, or it fails anyway


@dataclass(frozen=True, slots=True)
class Row:
    """One fault and its fate."""

    fault: Fault
    fate: Fate
    #: The case that killed it, or what went wrong.
    by: str = ""
    message: str = ""
    #: Covering cases that ran.
    tried: Sequence[str] = field(default=())
    #: What the cases took, the start of the server included.
    seconds: float = 0.0


#: Seconds that a wait may take in a run.
PATIENCE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every fault's row, in their order, and the MUSTs without a fault."""

    rows: Sequence[Row]
    faultless: Sequence[str]
    #: They don't hold for the release that the reference follows.
    outside: Sequence[str] = ()

    @property
    def counts(self) -> Counter[Fate]:
        """How many faults have which fate."""
        return Counter(row.fate for row in self.rows)

    @property
    def closed(self) -> bool:
        """Whether no fault escaped."""
        return all(row.fate is Fate.KILLED for row in self.rows)


def covering(requirement: str) -> list[Case]:
    """The cases to try, those that take least time first."""

    def cost(case: Case) -> tuple[bool, bool, bool]:
        return case.generated, case.waits, case.private

    mine = [case for case in catalogue.load() if requirement in case.requirements]
    return sorted(mine, key=cost)


def run(
    faults: Sequence[Fault],
    release: tuple[int, ...],
    settings: Settings,
    *,
    lanes: int,
    arrived: Callable[[Row], None],
) -> Matrix:
    """Try every fault; `arrived` hears of each."""
    known = catalogue.specification().requirements
    catalogue.load()
    rows: dict[str, Row] = {}
    with ThreadPoolExecutor(lanes) as threads:
        started = [threads.submit(_try, fault, release, settings) for fault in faults]
        try:
            for future in as_completed(started):
                row = future.result()
                rows[row.fault.id] = row
                arrived(row)
            for row in _unsound(rows.values(), release, settings, threads, lanes):
                rows[row.fault.id] = _in_patience(row, release, settings)
                arrived(rows[row.fault.id])
        except BaseException:
            _STOPPING.set()
            threads.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise
    broken = {fault.requirement for fault in faults}
    musts = [each for each in known.values() if each.level.value == "MUST"]
    whole = [each for each in musts if each.id not in broken | UNBREAKABLE.keys()]
    return Matrix(
        [rows[fault.id] for fault in faults],
        [each.id for each in whole if applies(each, release)],
        [each.id for each in whole if not applies(each, release)],
    )


def _try(fault: Fault, release: tuple[int, ...], settings: Settings) -> Row:
    began = time.monotonic()
    row = _tried(fault, release, settings)
    return dataclasses.replace(row, seconds=time.monotonic() - began)


def _tried(fault: Fault, release: tuple[int, ...], settings: Settings) -> Row:
    cases = covering(fault.requirement)
    if not cases:
        return Row(fault, Fate.UNCOVERED)
    subject = Subject(resolve(faulty(fault.id)), release)
    pool = Pool(settings.patience)
    tried: list[CaseResult] = []
    try:
        for case in cases:
            if _STOPPING.is_set():
                break
            result = _run(case, subject, pool, settings)
            tried.append(result)
            if result.verdict is Verdict.FAIL and "didn't start" not in result.message:
                names = [each.id for each in tried]
                return Row(fault, Fate.KILLED, result.id, result.message, names)
    finally:
        pool.close()
    names = [each.id for each in tried]
    errors = [each for each in tried if each.verdict in {Verdict.ERROR, Verdict.FAIL}]
    if errors:
        return Row(fault, Fate.BROKEN, errors[0].id, errors[0].message, names)
    return Row(fault, Fate.SURVIVED, tried=names)


def _unsound(
    rows: Iterable[Row],
    release: tuple[int, ...],
    settings: Settings,
    threads: Executor,
    lanes: int,
) -> list[Row]:
    """The kills that prove nothing, because the case fails without the fault as well."""
    cases = {case.id: case for case in catalogue.load()}
    killed = [row for row in rows if row.fate is Fate.KILLED]
    killers = [cases[by] for by in dict.fromkeys(row.by for row in killed)]
    shares = [killers[lane::lanes] for lane in range(lanes)]
    controlled = threads.map(lambda share: _control(share, release, settings), shares)
    wrong = {each.id: each.message for found in controlled for each in found}
    return [
        dataclasses.replace(row, fate=Fate.BROKEN, message=f"fails without it: {wrong[row.by]}")
        for row in killed
        if row.by in wrong
    ]


def _in_patience(row: Row, release: tuple[int, ...], settings: Settings) -> Row:
    """The same once more, with as much patience as a run has: the case may wait for long."""
    patient = dataclasses.replace(settings, patience=max(settings.patience, PATIENCE))
    again = _try(row.fault, release, patient)
    killer = [case for case in covering(row.fault.requirement) if case.id == again.by]
    sound = again.fate is Fate.KILLED and not _control(killer, release, patient)
    return again if sound else row


def _control(
    cases: Sequence[Case], release: tuple[int, ...], settings: Settings
) -> list[CaseResult]:
    """Those of `cases` that don't pass on the sound reference, one after the other."""
    subject = Subject(resolve("reference"), release)
    pool = Pool(settings.patience)
    try:
        results = [_run(case, subject, pool, settings) for case in cases]
    finally:
        pool.close()
    return [each for each in results if each.verdict is not Verdict.PASS]


def _run(case: Case, subject: Subject, pool: Pool, settings: Settings) -> CaseResult:
    known = catalogue.specification().requirements
    try:
        if not case.private:
            pool.shared(subject.target, case.config, "waiting" if case.waits else "plain")
    except Unreachable as reason:
        error = f"the faulty reference doesn't start: {reason}"
        return CaseResult(case.id, case.requirements, Verdict.ERROR, message=error)
    except NotApplicable as reason:
        return CaseResult(case.id, case.requirements, Verdict.NA, message=str(reason))
    return run_case(case, subject, pool, settings, known)
