"""A bare assert that failed tells what it compared, and nobody notices pytest."""

import os
import subprocess
import sys

import pytest

#: In a process of its own: here every assert is rewritten already.
SCRIPT = """
import sys
import test_sample
from nats_conformance.cases import Case
from nats_conformance.engine import Settings, Subject
from nats_conformance.hand import Hand
from nats_conformance.plan import plan
from nats_conformance.targets import resolve

subject = Subject(resolve("nats://127.0.0.1:1"), (2, 15, 1))

def run(name, **more):
    case = Case(name, ("FRAME-001",), getattr(test_sample, name), deliveries=False, **more)
    todo = plan([case], [subject], Settings(1), {})
    hand = Hand(todo)
    result = hand.begin(todo.jobs[0]).result() if case.waits else hand.run(todo.jobs[0])
    hand.close()
    print(result.verdict.value, result.message.replace("\\n", "|"))

print("pytest" in sys.modules)
run("passes")
print("pytest" in sys.modules)
run("differs")
run("differs", waits=True)
run("says")
run("differs_once")
print(sys.modules["test_sample"] is test_sample, sorted(test_sample.SEEN))
"""

SAMPLE = """
SEEN = set()

def passes(nats):
    assert True

def differs(nats):
    SEEN.add(nats.name())
    got = {"a": [1, 2]}
    assert got["a"] == [1, 3]

def says(nats):
    assert 1 == 2, "so it is"

def differs_once(nats, seen=[]):
    import builtins
    builtins.counted = getattr(builtins, "counted", 0) + 1
    assert builtins.counted > 1
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "conftest.py").write_text("raise SystemExit('a user has this')\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env=os.environ | {"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no_such"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_while_cases_pass_there_is_no_pytest(said):
    assert said[:3] == ["False", "PASS ", "False"]


@pytest.mark.parametrize("line", [3, 4])
def test_an_assert_tells_what_it_compared(said, line):
    assert said[line].startswith("FAIL assert [1, 2] == [1, 3]")
    assert "At index 1 diff: 2 != 3" in said[line]


def test_an_assert_that_says_something_is_not_asked_again(said):
    assert said[5] == "FAIL so it is"


def test_what_does_not_happen_again_fails_all_the_same(said):
    assert said[6] == "FAIL assert builtins.counted > 1 does not hold"


def test_the_module_stays_the_one_that_it_was(said):
    assert said[7].startswith("True [")
