"""Whether a release does what a case asks for, be the case's requirements of that release or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_conformance.results import Verdict

if TYPE_CHECKING:
    from nats_conformance.results import CaseResult

_HOLDS: Final = frozenset({Verdict.PASS, Verdict.XPASS})
_FAILS: Final = frozenset({Verdict.FAIL, Verdict.XFAIL, Verdict.UNTESTABLE})
#: How a case says that what it only observes is otherwise.
_OTHERWISE: Final = "does otherwise"


def holds(case: CaseResult) -> bool | None:
    """Whether the server does what the case asks for; None if nobody knows."""
    verdict = case.outside.verdict if case.outside else case.verdict
    if verdict in _HOLDS:
        return True
    if verdict in _FAILS:
        return False
    return False if case.message.startswith(_OTHERWISE) else None
