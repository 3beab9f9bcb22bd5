"""The GitHub Action for others, and the workflows: what their schemas allow, and what their shell does."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

BASH = shutil.which("bash")
ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "conformance" / "action.yml"
GUIDE = ROOT / "docs" / "guides" / "put-it-in-ci.md"
DESCRIBED = yaml.safe_load(ACTION.read_text("utf-8"))
INPUTS = {name: str(each.get("default", "")) for name, each in DESCRIBED["inputs"].items()}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SHOWN = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def fits(schema, file):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_an_action():
    fits("vendor.github-actions", ACTION)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_these_are_workflows(file):
    fits("vendor.github-workflows", file)


@pytest.mark.parametrize("shown", SHOWN)
def test_what_the_guide_shows_is_a_workflow_that_uses_it_rightly(shown, tmp_path):
    file = tmp_path / "shown.yml"
    file.write_text(shown)
    fits("vendor.github-workflows", file)
    (job,) = yaml.safe_load(shown)["jobs"].values()
    (use,) = (
        step["with"] for step in job["steps"] if "actions/conformance" in step.get("uses", "")
    )
    assert use.keys() <= INPUTS.keys()
    assert "target" in use


def test_the_guide_names_every_input_and_output():
    text = GUIDE.read_text("utf-8")
    assert all(f"`{name}`" in text for name in [*INPUTS, *DESCRIBED["outputs"]])


def step(name, folder, **given):
    """Run one step's shell as the runner does: its outputs, what it left, its exit status."""
    (found,) = (each for each in DESCRIBED["runs"]["steps"] if each.get("id") == name)
    known = {f"inputs.{key}": value for key, value in (INPUTS | given).items()}
    known |= {f"steps.grade.outputs.{key}": value for key, value in given.items()}
    environment = {
        key: re.sub(r"\$\{\{ (.*?) \}\}", lambda each: known.get(each[1], ""), value)
        for key, value in found["env"].items()
    }
    files = {key: folder / key.lower() for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    done = subprocess.run(
        [BASH or "", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]],
        cwd=folder,
        env={**os.environ, **environment, **{k: str(v) for k, v in files.items()}}
        | {"RUNNER_TEMP": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    output = files["GITHUB_OUTPUT"]
    lines = output.read_text().splitlines() if output.exists() else []
    return dict(line.split("=", 1) for line in lines), done


@pytest.fixture
def installed(tmp_path):
    """The place where the action would have installed the suite."""
    folder = tmp_path / "nats-conformance" / "bin"
    folder.mkdir(parents=True)
    program = folder / "nats-conformance"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m nats_conformance "$@"\n')
    program.chmod(0o755)
    return tmp_path


@pytest.mark.skipif(BASH is None, reason="2026-11-26: needs bash")
@pytest.mark.parametrize(
    ("target", "verdict", "status"),
    [("reference", "conforms", 0), ("reference!FRAME-001", "differs", 1), ("no:such", "error", 4)],
)
def test_its_shell_grades(installed, target, verdict, status):
    outputs, done = step("grade", installed, target=target, select="FRAME-001", budget="quick")

    assert done.returncode == 0, done.stderr
    assert (outputs["verdict"], outputs["status"]) == (verdict, str(status)), done.stderr
    folder = installed / INPUTS["results"]
    if status < 2:
        assert "NATS conformance" in (installed / "github_step_summary").read_text("utf-8")
        left = {each.name for each in folder.iterdir()}
        assert left == {"results.json", "report.html", "junit.xml", "summary.md", "badge.json"}
        assert (installed / outputs["results"]).is_file()
    _, said = step("verdict", installed, status=str(status))
    assert said.returncode == status
    _, told = step("verdict", installed, status=str(status), fail="false")
    assert told.returncode == (0 if status < 2 else status)
