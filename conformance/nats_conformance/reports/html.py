"""A run as one page that works from disk: filters, and each conversation as a sequence diagram.

The page holds the results as JSON and draws a case when somebody opens it. Long
conversations are shortened in the middle, as on the console.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import jinja2

from nats_conformance import catalogue, durations, visible
from nats_conformance.results import Verdict
from nats_conformance.transcript import NOTE, Transcript

if TYPE_CHECKING:
    from nats_conformance.results import CaseResult, Results, TargetResult

_PAGE: Final = files("nats_conformance.reports") / "page"
#: Lines of a conversation that are drawn: of one that failed, and of any other.
_FAILED, _OTHER = 60, 24
#: Reads and writes of a conversation that are looked at.
_ENTRIES: Final = 160
#: Characters of one line.
_WIDTH: Final = 200


def render(results: Results) -> str:
    """The document."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    specification = catalogue.specification()
    template = environment.from_string(part("page.html.jinja"))
    return template.render(
        results=results,
        times=[
            (each, durations.by_chapter(each, specification), durations.slowest(each))
            for each in results.targets
        ],
        style=part("page.css") + part("diagram.css"),
        script=part("diagram.js") + part("page.js"),
        # A script element ends at the first `</`, wherever that stands.
        data=json.dumps(_data(results), ensure_ascii=False).replace("<", "\\u003c"),
    )


def part(name: str) -> str:
    """A file that the page is made of; the site draws with `diagram.js` and `diagram.css`."""
    return (_PAGE / name).read_text("utf-8")


def _data(results: Results) -> dict[str, Any]:
    specification = catalogue.specification()
    graded = {each.id for target in results.targets for each in target.requirements}
    return {
        "seed": results.seed,
        "budget": results.budget,
        "verdicts": [verdict.value for verdict in Verdict],
        "chapters": [
            {
                "number": chapter.number,
                "title": chapter.title,
                "requirements": [
                    {
                        "id": each.id,
                        "level": each.level.name,
                        "text": each.text,
                        "since": each.since,
                    }
                    for each in chapter.requirements
                    if each.id in graded
                ],
            }
            for chapter in specification.chapters
        ],
        "targets": [_target(target) for target in results.targets],
    }


def _target(target: TargetResult) -> dict[str, Any]:
    return {
        "name": target.name,
        "version": str(target.server.get("version", "")),
        "verdicts": {each.id: each.verdict.value for each in target.requirements},
        "cases": [_case(case) for case in target.cases],
    }


def _case(case: CaseResult) -> dict[str, Any]:
    shown = {
        "id": case.id,
        "requirements": case.requirements,
        "verdict": case.verdict.value,
        "seconds": round(case.seconds, 3),
        "message": case.message,
        "expected": case.expected,
        "got": case.got,
        "examples": case.examples,
        "met": case.met,
    }
    return shown | _conversation(case)


def _ends(case: CaseResult) -> Transcript:
    """The beginning and the end of its transcript, and what lies between if it isn't long."""
    if isinstance(case.recorded, Transcript) or len(case.recorded) <= _ENTRIES:
        return case.transcript
    half = _ENTRIES // 2
    missing = len(case.recorded) - 2 * half
    remark = {"at": 0, "connection": 0, "side": NOTE, "data": f"{missing} reads and writes"}
    return Transcript.from_json([*case.recorded[:half], remark, *case.recorded[-half:]])


def _conversation(case: CaseResult) -> dict[str, Any]:
    lines = _ends(case).essential()
    most = _OTHER if case.verdict in {Verdict.PASS, Verdict.NA} else _FAILED
    head = most // 3 if len(lines) > most else len(lines)
    tail = max(len(lines) - (most - head), head)
    cut = [*lines[:head], *lines[tail:]]
    return {
        "lines": [
            [line.connection, line.side, round(line.at * 1000, 1), visible.line(line.data, _WIDTH)]
            for line in cut
        ],
        "head": head,
        "left_out": tail - head,
    }
