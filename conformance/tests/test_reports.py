"""What is rendered of a run: a page, Markdown, a badge; and reading results.json back."""

import dataclasses
import io
import json
import re
from argparse import Namespace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from nats_conformance import catalogue, reports, results_file
from nats_conformance.cli import main
from nats_conformance.console import report as console_report
from nats_conformance.reports import badge, html, markdown
from nats_conformance.results import (
    CaseResult,
    RequirementResult,
    Results,
    TargetResult,
    Verdict,
)
from nats_conformance.transcript import Transcript


def target(name, verdict, **more):
    transcript = Transcript()
    transcript.add(1, "C", b"PUB a 9\r\n</script>\r\n")
    transcript.add(1, "S", b"-ERR 'no'\r\n")
    transcript.note("we close", 1)
    fields = {"message": "no `good` | ```", "expected": "+OK", "got": "-ERR"} | more
    case = CaseResult("c:one", ("FRAME-002",), verdict, recorded=transcript.as_json(), **fields)
    requirement = RequirementResult("FRAME-002", "MUST", "core", verdict)
    return TargetResult(name, "", {"version": "2.15.1"}, [requirement], [case])


def run(*targets, errors=()):
    return Results("0", "2026-11-22T10:00:00+00:00", 1.0, 7, "quick", targets, errors)


class Scripts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.kind = None
        self.loads = []

    def handle_starttag(self, tag, attrs):
        self.loads += [value for name, value in attrs if name in {"src", "href"}]
        if tag == "script":
            self.found.append("")
            self.kind = tag

    def handle_endtag(self, tag):
        self.kind = None if tag == "script" else self.kind

    def handle_data(self, data):
        if self.kind:
            self.found[-1] += data


def test_the_page_holds_the_results_whatever_they_say():
    parser = Scripts()
    parser.feed(html.render(run(target("<b>one", Verdict.FAIL))))
    data, script = parser.found
    shown = json.loads(data)["targets"][0]
    assert shown["name"] == "<b>one"
    case = shown["cases"][0]
    assert [line[3] for line in case["lines"]] == [
        "PUB a 9␍␊",
        "</script>␍␊",
        "-ERR 'no'␍␊",
        "we close",
    ]
    assert "sequence diagram" in script
    assert not parser.loads


def test_a_long_conversation_is_shortened_in_the_middle():
    transcript = Transcript()
    for number in range(100):
        transcript.add(1, "CS"[number % 2], b"%d\r\n" % number)
    case = CaseResult("c:one", ("FRAME-002",), Verdict.FAIL, recorded=transcript)
    shown = html._conversation(case)
    texts = [line[3] for line in shown["lines"]]
    assert (len(texts), shown["head"], shown["left_out"]) == (60, 20, 40)
    assert (texts[0], texts[19], texts[20], texts[-1]) == ("0␍␊", "19␍␊", "60␍␊", "99␍␊")


def test_markdown_has_the_table_and_each_failure():
    text = markdown.render(run(target("a|b", Verdict.FAIL), target("two", Verdict.PASS)))
    assert "- ❌ **a\\|b** 2.15.1 does not conform" in text
    assert "| 10 Framing | 1 **fail** | 1 pass |" in text
    assert "## FAIL `c:one` on a\\|b" in text
    assert "no `good` | ```" in text
    fences = re.findall("^`{3,}", text, re.MULTILINE)
    assert fences == ["````", "````"]


@pytest.mark.parametrize(
    ("verdict", "message", "colour"),
    [
        (Verdict.PASS, "1 of 1", "brightgreen"),
        (Verdict.FAIL, "0 of 1", "red"),
        (Verdict.XFAIL, "0 of 1, 1 known", "green"),
    ],
)
def test_the_badge_tells_the_worst_target(verdict, message, colour):
    shown = json.loads(badge.render(run(target("good", Verdict.PASS), target("other", verdict))))
    assert (shown["schemaVersion"], shown["label"]) == (1, "NATS conformance")
    assert (shown["message"], shown["color"]) == (message, colour)


def test_a_badge_of_nothing_says_so():
    assert json.loads(badge.render(run()))["message"] == "nothing graded"


def test_results_come_back_from_their_file(tmp_path):
    file = tmp_path / "results.json"
    before = run(target("one", Verdict.FAIL, met="60 kills"), errors=["broken"])
    file.write_text(results_file.text(before))
    after = results_file.read(file)
    assert after.as_json() == before.as_json()
    options = Namespace(junit=tmp_path / "j", html=None, markdown=tmp_path / "m", badge=None)
    assert [path.name for path, _ in reports.rendered(after, options)] == ["j", "m"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ("{}", "is no results.json: $: 'schema_version' is a required property"),
        (None, "cannot read"),
    ],
)
def test_a_file_that_is_no_results_json_is_told_so(tmp_path, capsys, text, told):
    file = tmp_path / "results.json"
    if text is not None:
        file.write_text(text)
    assert main(["report", str(file)]) == 4
    assert told in capsys.readouterr().err


def test_the_verb_writes_what_was_asked_for_or_shows_the_run(tmp_path, capsys):
    file, page = tmp_path / "results.json", tmp_path / "new" / "page.html"
    file.write_text(results_file.text(run(target("one", Verdict.FAIL))))
    assert main(["report", str(file), "--html", str(page)]) == 1
    assert page.read_text().startswith("<!doctype html>")
    assert capsys.readouterr().out == ""
    assert main(["report", str(file)]) == 1
    assert "one does not conform" in capsys.readouterr().out


def test_where_the_time_went_stands_in_every_report():
    slow = target("one", Verdict.PASS)
    slow.cases.append(CaseResult("d:slow", ("SUBJ-001",), Verdict.PASS, 12.34))
    results = run(slow)
    page = html.render(results)
    told = re.search(r"Where the time went.*?</details>", page, re.DOTALL)[0]
    assert re.search(r"30 subjects.*?<td>1</td><td>12.3</td>", told, re.DOTALL)
    assert told.index("d:slow") < told.index("c:one")
    text = markdown.render(results)
    assert "| 30 subjects | 1 | 12.3 |" in text
    assert "| `d:slow` | 12.3 |" in text


def test_of_a_long_run_the_console_says_which_chapters_took_longest():
    slow = target("one", Verdict.PASS)
    slow.cases.append(CaseResult("d:slow", ("SUBJ-001",), Verdict.PASS, 12.34))
    shown = {}
    for seconds in (9.0, 20.0):
        console = Console(file=io.StringIO(), width=200)
        results = dataclasses.replace(run(slow), seconds=seconds)
        console_report(console, results, catalogue.specification(), [])
        shown[seconds] = console.file.getvalue()
    assert "slowest case" not in shown[9.0]
    assert "30 subjects 12 s" in shown[20.0]
    assert "slowest case d:slow, 12.3 s" in shown[20.0]
