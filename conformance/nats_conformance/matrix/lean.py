"""A target's results as the matrix keeps them: small, and the same again if nothing changed.

A transcript is kept of what did not pass, and where neighbouring releases differ (`settled`);
it is shortened, without the usual greeting, and what differs each time (times, ids, ports) has
a placeholder. Times of single cases are left out, and what a baseline says of a known failure.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any, Final

from nats_conformance import baseline, visible
from nats_conformance.results import CaseResult, TargetResult, Verdict
from nats_conformance.transcript import CLIENT, NOTE, SERVER, Line

from .outcome import holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_spec.requirements import Requirement

#: Lines of a conversation, of these so many from its beginning; characters of one line, and
#: of one where the greeting is what the case is about.
_LINES, _HEAD, _WIDTH, _WIDE = 9, 3, 140, 600
#: What every conversation ends with.
_PARTING: Final = (NOTE, b"we close")
#: Characters of what was expected, of what came, and why.
_TOLD: Final = 120

#: Members of INFO that say something about the release, not about this run of it.
_INFO: Final = ("version", "go", "git_commit", "proto", "headers", "jetstream", "max_payload")

#: The chapters for which the greeting is what they are about.
_GREETING: Final = "20-connect"

_MASKS: Final = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"), "{time}"),
    (re.compile(r"\b1[5-9]\d{17}\b"), "{ns}"),
    (re.compile(r"\b[NXUACO][A-Z2-7]{55}\b"), "{key}"),
    (re.compile(r'("(?:id|nonce|client_id|cid)": ?)(?:"[^"]*"|\d+)'), r"\1{id}"),
    (re.compile(r'("(?:port|rtt|start|uptime)": ?)(?:"[^"]*"|\d+)'), r"\1{…}"),
    (re.compile(r"\b(127\.0\.0\.1|localhost):\d+"), r"\1:{port}"),
    (re.compile(r"\b0x[0-9a-f]{8,}"), "{address}"),
    (re.compile(r"/[^\s\"']*nats-conformance-\w+"), "{home}"),
    (re.compile(r"/[^\s\"']*/nats-server(?:\.exe)?\b"), "nats-server"),
)

#: What a case says that needs nothing.
_USUAL: Final = {
    "message": "",
    "expected": "",
    "got": "",
    "delivery": "whole",
    "transcript": [],
    "examples": 1,
    "config": "default",
    "met": "",
}


def lean(result: TargetResult, requirements: Mapping[str, Requirement]) -> TargetResult:
    """The result with what the matrix keeps of it, until its neighbours are known."""
    server: dict[str, Any] = {n: result.server[n] for n in _INFO if n in result.server}
    cases = [_case(case, requirements) for case in result.cases]
    return dataclasses.replace(result, server=server, cases=cases, spent=None)


#: Members of a case that passed, and of which nothing else is kept.
_PLAIN: Final = {"id", "requirements", "verdict", "config", "delivery"}


def settled(case: CaseResult, earlier: CaseResult | None, later: CaseResult | None) -> CaseResult:
    """The case without a transcript that tells nothing: both neighbours found the same."""
    mine = holds(case)
    if not case.outside and case.verdict is not Verdict.PASS:
        return case
    if any(other is not None and holds(other) is not mine for other in (earlier, later)):
        return case
    return dataclasses.replace(case, recorded=[])


def case_json(case: CaseResult) -> dict[str, Any]:
    """The case as a file of the matrix has it."""
    full = case.as_json()
    del full["seconds"]
    return {name: value for name, value in full.items() if _USUAL.get(name) != value}


def telling(case: CaseResult) -> bool:
    """Whether there is more to say of the case than that it passes."""
    return case.verdict is not Verdict.PASS or bool(case_json(case).keys() - _PLAIN)


def _case(case: CaseResult, requirements: Mapping[str, Requirement]) -> CaseResult:
    greeting = any(
        requirements[name].chapter == _GREETING
        for name in case.requirements
        if name in requirements
    )
    outside = case.outside and dataclasses.replace(
        case.outside,
        message=_told(case.outside.message),
        expected=_told(case.outside.expected),
        got=_told(case.outside.got),
    )
    return dataclasses.replace(
        case,
        seconds=0.0,
        message=_told(case.message.partition(baseline.EXPECTED)[0]),
        expected=_told(case.expected),
        got=_told(case.got),
        met="",
        outside=outside,
        examples=1,
        recorded=_conversation(case, greeting=greeting),
    )


def _told(text: str) -> str:
    masked = _masked(text)
    return masked if len(masked) <= _TOLD else f"{masked[: _TOLD - 2]} …"


def _masked(text: str) -> str:
    for pattern, placeholder in _MASKS:
        text = pattern.sub(placeholder, text)
    return text


def _conversation(case: CaseResult, *, greeting: bool) -> list[dict[str, Any]]:
    lines = case.transcript.essential()
    if not greeting:
        lines = [line for line in lines if not _greets(line)]
    lines = [line for line in lines if (line.side, line.data) != _PARTING]
    if len(lines) > _LINES:
        between = len(lines) - _LINES + 1
        tail = lines[len(lines) - (_LINES - _HEAD - 1) :]
        lines = [*lines[:_HEAD], Line(0.0, 0, NOTE, f"{between} lines".encode()), *tail]
    return [
        {
            "at": 0,
            "connection": line.connection,
            "side": line.side,
            "data": visible.line(_masked_bytes(line.data), _WIDE if greeting else _WIDTH),
        }
        for line in lines
    ]


def _greets(line: Line) -> bool:
    hello = {CLIENT: b"CONNECT ", SERVER: b"INFO "}.get(line.side)
    return hello is not None and line.data.startswith(hello)


def _masked_bytes(data: bytes) -> bytes:
    return _masked(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
