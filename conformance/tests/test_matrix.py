"""The verb `matrix`: what is run, what is left alone, and what is told of files that aren't its."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from nats_conformance.matrix import folder, releases
from nats_conformance.targets.program import nats_server

SCHEMA = json.loads((files("nats_conformance") / "results.schema.json").read_text("utf-8"))
FEW = ("--select", "FRAME-002", "--select", "CONN-009", "--select", "REQ-003", "--no-properties")


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    """The installed nats-server stands for two releases of other numbers."""
    for version in ("2.14.98", "2.14.99"):
        home = tmp_path / "cache" / "nats-spec" / "servers" / version
        home.mkdir(parents=True)
        (home / "nats-server").symlink_to(nats_server())
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def test_one_file_for_each_target_that_is_made_once(run, tmp_path, cache):
    home = tmp_path / "results"
    words = ("matrix", "2.14.99", "2.14.98", "--results", str(home), *FEW)

    done = run(*words, **cache)
    assert done.status == 0, done.said
    assert "1 of 2: nats-server@2.14.98\n" in done.out
    assert "2 of 2: nats-server@2.14.99, about " in done.out
    paths = sorted(home.iterdir())
    assert [each.name for each in paths] == ["nats-server-2.14.98.json", "nats-server-2.14.99.json"]
    before = [(each.stat().st_mtime_ns, each.read_text("utf-8")) for each in paths]
    for _, text in before:
        jsonschema.validate(json.loads(text), SCHEMA)

    done = run(*words, **cache)
    assert "there already: 2.14.98, 2.14.99" in done.out
    assert [each.stat().st_mtime_ns for each in paths] == [stamp for stamp, _ in before]

    done = run(*words, "--again", **cache)
    assert "2 of 2" in done.out
    for path, (_, text) in zip(paths, before, strict=True):
        assert lasting(path.read_text("utf-8")) == lasting(text)

    done = run(*words[:-1], "--deselect", "REQ-003", "--no-properties", **cache)
    assert "2 of 2" in done.out


def lasting(text: str) -> list[str]:
    """The lines that are the same each time."""
    return [
        each for each in text.splitlines() if '"started"' not in each and '"seconds"' not in each
    ]


def test_what_holds_no_longer_is_run_for_its_evidence(run, tmp_path, cache):
    done = run("matrix", "2.14.99", "--results", str(tmp_path / "r"), *FEW, **cache)

    assert done.status == 0, done.said
    (kept,) = folder.read(tmp_path / "r")
    verdicts = {each.id: each for each in kept.target.requirements}
    assert verdicts["REQ-003"].verdict.value == "NA"  # until 2.12
    assert verdicts["REQ-003"].outside.value == "FAIL"
    evidence = [case for case in kept.target.cases if "REQ-003" in case.requirements]
    assert all("Nats-Subject" in str(case.recorded) for case in evidence)
    assert all(case.outside.message for case in evidence)


def test_interrupted_it_keeps_what_is_whole(tmp_path, cache):
    home = tmp_path / "results"
    words = ["2.14.98", "2.14.99", "--results", str(home), "--select", "50_keepalive:*"]
    with subprocess.Popen(
        [sys.executable, "-m", "nats_conformance", "matrix", *words],
        env=os.environ | cache,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        limit = time.monotonic() + 60
        while not (home / "nats-server-2.14.98.json").exists():
            assert time.monotonic() < limit
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == "nats-conformance: interrupted\n"
    assert [each.name for each in home.iterdir()] == ["nats-server-2.14.98.json"]
    assert len(folder.read(home)) == 1


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("nats-server-2.14.99.json", "{", "is no JSON"),
        ("notes.json", "{}", "is no results.json"),
        ("other.json", None, "is a results.json, but not of the matrix"),
    ],
)
def test_a_file_of_somebody_else_is_told_of(run, tmp_path, name, text, told):
    document = {
        "schema_version": 1,
        "suite_version": "1",
        "started": "2026-11-26T00:00:00Z",
        "seconds": 1,
        "seed": 1,
        "budget": "quick",
        "targets": [],
    }
    (tmp_path / name).write_text(json.dumps(document) if text is None else text)
    done = run("matrix", "reference", "--results", str(tmp_path), *FEW)

    assert done.status == 4
    assert name in done.err
    assert told in done.err
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["newest"], "'newest' is no release"),
        (["0.0.1"], "nats-server 0.0.1"),
        (["--compare", "2.10.25", "2.15.1"], "there are no results of 2.10.25"),
        (["--json", "changes.json"], "are for --compare"),
        (["reference", "--select", "NOTHING-999"], "no case is selected"),
    ],
)
def test_wrong_usage_is_told_before_anything_runs(run, tmp_path, words, told):
    done = run("matrix", *words, "--results", str(tmp_path / "r"))

    assert done.status == 4
    assert told in done.err
    assert not (tmp_path / "r").exists()


def test_a_folder_that_cannot_be_is_told_of_before_anything_runs(run, tmp_path):
    (tmp_path / "file").write_text("")
    done = run("matrix", "reference", "--results", str(tmp_path / "file" / "r"), *FEW)

    assert done.status == 4
    assert "cannot write to" in done.err
    assert "1 of 1" not in done.out


def test_releases_come_by_their_number_and_the_reference_last():
    names = ["reference", *map(releases.target, ("2.15.1", "2.9.0", "nats-server@2.12.10"))]
    assert sorted(names, key=releases.order) == [
        *map(releases.target, ("2.9.0", "2.12.10", "2.15.1")),
        "reference",
    ]


def test_a_file_of_the_matrix_is_not_replayed(run, tmp_path, cache):
    run("matrix", "2.14.99", "--results", str(tmp_path / "r"), *FEW, **cache)
    file = tmp_path / "r" / "nats-server-2.14.99.json"

    done = run("replay", str(file))
    assert done.status == 4
    assert "which shortens transcripts" in done.err
    assert "conforms" in run("report", str(file)).out
