"""However a run ends, no server of its own is left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def below(folder):
    """The processes that are at work in a folder, be it gone."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            where = str((process / "cwd").readlink())
        except OSError:
            continue
        if where.startswith(str(folder)):
            found.append(process.name)
    return found


def within(seconds, condition):
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="2026-11-25: looks into /proc")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("target", ["reference", "nats-server"])
def test_no_server_is_left(tmp_path, target, name):
    words = [target, "--select", "50_keepalive:*", "--select", "SUB-*", "-n", "2"]
    with subprocess.Popen(
        [sys.executable, "-m", "nats_conformance", *words],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert within(30, lambda: len(below(tmp_path)) >= 2)
        if name == "SIGINT":  # as a terminal sends it
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=30)
    assert within(20, lambda: not below(tmp_path))
    if name != "SIGKILL":
        assert process.returncode == 130
        assert said == "nats-conformance: interrupted\n"
        assert list(tmp_path.iterdir()) == []
