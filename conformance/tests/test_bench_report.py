"""The bench's verdict: how it compares targets, what it writes and shows."""

import json
import os
from dataclasses import replace
from importlib.resources import files
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from nats_conformance.bench import generator, report, session
from nats_conformance.bench.scenario import Aim, Sample, Scenario
from nats_conformance.bench.scenarios import SCENARIOS
from nats_conformance.cli import main
from nats_conformance.targets import resolve
from nats_conformance.targets.target import Target


def scenario(aim: Aim, goal: float, values: dict[str, list[float]]) -> Scenario:
    """One whose samples are given."""
    left = {name: iter(each) for name, each in values.items()}

    def measure(target: Target) -> Sample:
        order.append(target.name)
        return Sample(next(left[target.name]), server_cpu=0.9, generator_cpu=0.1)

    order: list[str] = []
    return Scenario("made-up", "msg/s", "", measure, aim, goal, ceiling=lambda: 1e7)


FIRST, SECOND = Target("first", ("x",)), Target("second", ("x",))


def play(aim: Aim, goal: float, values: dict[str, list[float]]) -> session.Row:
    runs = len(values["first"])
    rows, _ = session.play([FIRST, SECOND], [scenario(aim, goal, values)], runs, lambda _: None)
    return rows[0]


def test_medians_are_compared_with_the_last_target() -> None:
    row = play(Aim.RATIO_AT_LEAST, 0.6, {"first": [10, 70, 60], "second": [100, 90, 500]})

    assert row.measured[0].median == 60
    assert row.ratio(row.measured[0]) == 0.6
    assert row.met(row.measured[0]) is True
    assert row.met(row.measured[1]) is None


@pytest.mark.parametrize(
    ("aim", "goal", "met"),
    [
        (Aim.RATIO_AT_LEAST, 0.51, False),
        (Aim.RATIO_AT_MOST, 0.5, True),
        (Aim.RATIO_AT_MOST, 0.49, False),
        (Aim.OWN_AT_MOST, 50, True),
        (Aim.OWN_AT_MOST, 49, False),
        (Aim.STATED, 0, None),
    ],
)
def test_goals(aim: Aim, goal: float, met: bool | None) -> None:
    row = play(aim, goal, {"first": [50], "second": [100]})

    assert row.met(row.measured[0]) is met


def test_targets_take_turns() -> None:
    said: list[str] = []
    made = scenario(Aim.STATED, 0, {"first": [1, 2], "second": [1, 2]})

    session.play([FIRST, SECOND], [made], 2, said.append)

    runs = [sentence for sentence in said if "run" in sentence]
    assert [sentence.split()[1] for sentence in runs] == ["first,", "second,", "first,", "second,"]


def test_what_starts_servers_is_left_out_for_a_url() -> None:
    url = resolve("nats://127.0.0.1:1")

    assert session.play([url], [each for each in SCENARIOS if each.starts], 1, print) == (
        [],
        [],
    )


def refuse(_: Target) -> Sample:
    raise generator.BenchError("no bytes came")


def test_a_target_that_fails_is_named_and_the_rest_goes_on() -> None:
    broken = scenario(Aim.STATED, 0, {"first": [1.0], "second": [1.0]})
    broken = replace(broken, name="broken", measure=refuse)
    working = scenario(Aim.STATED, 0, {"first": [1.0], "second": [1.0]})

    rows, failures = session.play([FIRST, SECOND], [broken, working], 1, lambda _: None)

    assert [row.scenario.name for row in rows] == ["made-up"]
    assert failures == ["broken: first: no bytes came"]


@pytest.mark.parametrize(("load", "warned"), [(0.2, False), (9.0, True)])
def test_a_busy_machine_is_warned_of(
    load: float, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    assert bool(session.busy()) is warned


def test_the_document_follows_its_schema() -> None:
    schema = json.loads((files("nats_conformance.bench") / "bench.schema.json").read_text())
    row = play(Aim.RATIO_AT_LEAST, 0.6, {"first": [50], "second": [100]})

    document = report.document([row], session.machine())

    jsonschema.validate(document, schema)
    assert document["ratios"] == [
        {"scenario": "made-up", "target": "first", "against": "second", "ratio": 0.5}
    ]


def test_the_table_fits_a_small_terminal() -> None:
    rows = [
        session.Row(
            each,
            tuple(
                session.Measured(each, name, (Sample(1234567.0, 1.5, 0.5),) * 2)
                for name in ("cmd:nats-server -p {port}", "nats-server@2.12.8")
            ),
            12345678.0,
        )
        for each in SCENARIOS
    ]
    console = Console(width=80, file=StringIO())

    console.print(report.table(rows))

    text = console.file.getvalue()
    assert text.count("…") == text.count("cmd:nats-server -…")
    assert "≥ 0.6 ✓" in text


# ---- the command ----


def test_bench_writes_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out" / "bench.json"

    status = main(
        ["bench", "reference", "--scenario", "ready", "--runs", "1", "--json", str(target)]
    )

    assert status == 0
    assert [run["scenario"] for run in json.loads(target.read_text())["runs"]] == ["ready"]
    assert "ready" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [["--scenario", "nothing-like-it"], ["--runs", "0"], ["no-such-target"], ["--json"]],
)
def test_wrong_usage_is_a_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *words]) == 4
    assert capsys.readouterr().err.startswith("nats-conformance: ")


def test_a_server_that_is_not_there_is_unreachable(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["bench", "nats://127.0.0.1:1", "--scenario", "publish-16B", "--runs", "1"])

    assert status == 3
    assert "127.0.0.1:1" in capsys.readouterr().err
