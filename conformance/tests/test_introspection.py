"""A verb runs inside pytest and notices nothing of it."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import sys
from nats_conformance.introspection import within

def work():
    import test_sample
    try:
        test_sample.check({"a": [1, 2]})
    except AssertionError as error:
        print(error)
    return 7

print(within(work))
try:
    within(lambda: {}["x"])
except KeyError as error:
    print("raised", error)
"""


@pytest.fixture
def said(tmp_path):
    (tmp_path / "test_sample.py").write_text("def check(got):\n    assert got['a'] == [1, 3]\n")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no_such"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def test_an_assert_tells_what_it_compared(said):
    assert "assert [1, 2] == [1, 3]" in said
    assert "At index 1 diff: 2 != 3" in said


def test_what_comes_of_the_work_comes_through(said):
    assert said.endswith("7\nraised 'x'\n")
