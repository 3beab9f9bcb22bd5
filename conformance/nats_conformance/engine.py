"""Runs one case against one target and says what came of it.

No pytest here: workers (`hand.py`) and the kill matrix both call `run_case`. Verdicts:
PASS; FAIL (a Mismatch, or the server died); NA (outside the target's releases,
or not claimed; also when only MAY and OBSERVED are at stake, which fail nobody);
UNTESTABLE (counts as a failure); ERROR (ours). A case that is NA by its releases can
run all the same: what it finds then is evidence (`Outside`), and no verdict.
"""

from __future__ import annotations

import random
import re
import time
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nats_spec.requirements import Level, Requirement

from .delivery import Delivery
from .exchange import Exchange
from .expect import Mismatch, NotApplicable, Unreachable, Untestable
from .fixture import Nats
from .results import CaseResult, Outside, Verdict
from .transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .cases import Case
    from .targets.pool import Pool
    from .targets.target import Target

_BINDING = (Level.MUST, Level.SHOULD)

#: Seconds that a server is waited for which need not do what is asked of it.
_IMPATIENCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every case of a run."""

    seed: int
    budget: str = "standard"
    patience: float = 5.0
    #: Whether written cases run on releases for which they don't hold too, as evidence.
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The target as the cases need it: what it is and what it announced."""

    target: Target
    release: tuple[int, ...]
    #: Another target of the same run, to compare with.
    rival: Subject | None = None
    #: Cases and requirements that are known to fail there: nobody asks them why.
    known: frozenset[str] = frozenset()


def run_case(
    case: Case,
    subject: Subject,
    pool: Pool,
    settings: Settings,
    requirements: Mapping[str, Requirement],
    *,
    again: Delivery | None = None,
) -> CaseResult:
    """Run `case` in each of its deliveries until one doesn't pass.

    Or once more in one of them, with other names: what the first run left may still be there.
    """
    began = time.monotonic()
    known = [requirements[each] for each in case.requirements if each in requirements]
    ours = [each for each in known if applies(each, subject.release)]
    if known and not ours:
        return _beyond(case, subject, pool, settings, _outside(known)).lasting(0.0, began)
    result = CaseResult(case.id, case.requirements, Verdict.PASS)
    deliveries = (again,) if again else tuple(Delivery) if case.deliveries else (Delivery.WHOLE,)
    first: CaseResult | None = None
    for delivery in deliveries:
        names = random.Random(f"{settings.seed}:{case.id}:{delivery.value}{':again' * bool(again)}")
        result = _run_once(case, subject, pool, settings, delivery, names=names)
        if result.verdict is not Verdict.PASS:
            break
        first = first or result
    else:
        if settings.outside and first is not None:  # all releases are to show the same one
            result = first
    if result.verdict is Verdict.FAIL and ours and not any(r.level in _BINDING for r in ours):
        result = result.becomes(Verdict.NA, f"does otherwise: {result.message}")
    ended = time.monotonic()
    return result.lasting(ended - began, ended)


def _beyond(
    case: Case, subject: Subject, pool: Pool, settings: Settings, reason: str
) -> CaseResult:
    """The case is NA; what it finds is evidence, if that is asked for."""
    if not settings.outside or case.generated:
        return CaseResult(case.id, case.requirements, Verdict.NA, message=reason)
    impatient = replace(settings, patience=min(settings.patience, _IMPATIENCE))
    names = random.Random(f"{settings.seed}:{case.id}:{Delivery.WHOLE.value}")
    found = _run_once(case, subject, pool, impatient, Delivery.WHOLE, names=names)
    stuck = found.verdict is Verdict.ERROR  # what it counts on isn't there
    message = f"the case can't go on: {found.message}" if stuck else found.message
    verdict = Verdict.FAIL if stuck else found.verdict
    evidence = Outside(verdict, message, found.expected, found.got)
    return replace(
        found, verdict=Verdict.NA, message=reason, expected="", got="", mute=False, outside=evidence
    )


def applies(requirement: Requirement, release: tuple[int, ...]) -> bool:
    """Whether the requirement holds for this release."""
    since, until = _version(requirement.since), _version(requirement.until or "")
    return release >= since and not (until and release >= until)


def _run_once(
    case: Case,
    subject: Subject,
    pool: Pool,
    settings: Settings,
    delivery: Delivery,
    *,
    names: random.Random,
) -> CaseResult:
    transcript = Transcript()
    exchange = Exchange(transcript, delivery, settings.patience, time.monotonic() + case.limit)
    nats = Nats(
        exchange,
        subject.target,
        pool,
        group=case.config,
        lane="waiting" if case.waits else "plain",
        private=case.private,
        release=subject.release,
        seed=settings.seed,
        budget=settings.budget,
        random=names,
        other=subject.rival,
    )
    verdict, message, expected, got = Verdict.PASS, "", "", ""
    mute = False
    try:
        case.run(nats)
        exchange.release()
    except Mismatch as mismatch:
        verdict, message = Verdict.FAIL, mismatch.message
        expected, got = mismatch.expected, mismatch.got
    except NotApplicable as reason:
        verdict, message = Verdict.NA, str(reason)
    except Untestable as reason:
        verdict, message = Verdict.UNTESTABLE, str(reason)
    except Unreachable as reason:
        verdict, message = Verdict.FAIL, str(reason)
    except AssertionError as failed:
        verdict, message, mute = Verdict.FAIL, _assertion(failed), not str(failed)
    except Exception as error:  # noqa: BLE001
        verdict, message = Verdict.ERROR, _our_error(error)
    if verdict is Verdict.FAIL and _lacks_credentials(nats):
        verdict, message = Verdict.NA, "the target wants credentials, the case sends none"
    died = nats.died()
    if died and verdict is not Verdict.ERROR:
        verdict, message = Verdict.FAIL, died
    nats.finish()
    if verdict is Verdict.FAIL and delivery is not Delivery.WHOLE:
        message += f" (delivered {delivery.value})"
    return CaseResult(
        case.id,
        case.requirements,
        verdict,
        message=message,
        expected=expected,
        got=got,
        delivery=delivery.value,
        recorded=nats.transcript,
        examples=nats.tried,
        config=case.config,
        met=nats.met,
        mute=mute,
    )


def _lacks_credentials(nats: Nats) -> bool:
    if not nats.target.credentials:
        return False
    refused = re.compile(rb"-ERR 'Auth(?:orization Violation|entication Timeout)'")
    transcript = nats.transcript
    return any(refused.search(transcript.received(n)) for n in transcript.connections())


def _outside(known: list[Requirement]) -> str:
    spans = {
        f"since {each.since}" + (f" until {each.until}" if each.until else "") for each in known
    }
    return f"holds {', '.join(sorted(spans))}"


def _assertion(failed: AssertionError) -> str:
    """The message of a bare assert, with the line it stands on when it has none."""
    lines = [line for line in str(failed).splitlines() if line.strip() and "Use -v" not in line]
    if lines:
        return "\n".join(lines[:12])
    frame = traceback.extract_tb(failed.__traceback__)[-1]
    return f"{frame.line or 'an assertion'} does not hold"


def _our_error(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__}: {error} ({where})"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))
