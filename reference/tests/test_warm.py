"""A warm process: each request is a server of its own, as if its command had been run."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def warm(tmp_path):
    """Ask a warm process for a server; what comes is a file of its answers."""
    address = str(tmp_path / "w")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "nats_reference.warm", str(listener.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
    asked = []

    def connect():
        asked.append(socket.socket(socket.AF_UNIX))
        asked[-1].connect(address)
        return asked[-1]

    def ask(*words: str, **more: str):
        asking = connect()
        request = {
            "argv": [sys.executable, "-m", "nats_reference", *words],
            "cwd": str(tmp_path),
            "log": str(tmp_path / "log"),
        }
        asking.sendall(json.dumps(request | more).encode() + b"\n")
        asked.append(asking.makefile("r"))
        return asked[-1]

    ask.connect = connect
    yield ask
    for each in asked:
        each.close()
    process.stdin.close()
    assert process.wait(10) == 0


def answer(lines):
    return json.loads(lines.readline())


def test_a_server_is_a_process_with_a_status(warm, tmp_path):
    lines = warm("-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", str(tmp_path))
    pid = answer(lines)["pid"]
    os.kill(pid, signal.SIGTERM)
    assert answer(lines) in ({"status": 0}, {"status": -signal.SIGTERM})
    assert lines.readline() == ""


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--version"], 0, "nats-reference: v"),
        (["--nonsense"], 0, "flag provided but not defined"),
        (["-c", "/no/such/file"], 1, "No such file"),
        (["--fault", "NO-001"], 1, "no fault named"),
    ],
)
def test_what_ends_at_once_says_why(warm, tmp_path, words, status, said):
    lines = warm(*words)
    assert "pid" in answer(lines)
    assert answer(lines) == {"status": status}
    assert said in (tmp_path / "log").read_text("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device is always full")
def test_one_whose_log_can_not_be_written_harms_nobody(warm):
    server = warm("-a", "127.0.0.1", "-p", "-1")
    pid = answer(server)["pid"]
    lines = warm("--version", log="/dev/full")
    assert "pid" in answer(lines)
    assert answer(lines) == {"status": 0}
    os.kill(pid, 0)
    lines = warm("--version")
    assert "pid" in answer(lines)
    assert answer(lines) == {"status": 0}


def test_a_server_is_alone_in_its_folder_and_with_its_files(warm, tmp_path):
    (tmp_path / "home").mkdir()
    first = warm("-p", "-1", "-a", "127.0.0.1")
    lines = warm("-p", "-1", "-a", "127.0.0.1", cwd=str(tmp_path / "home"))
    pid = answer(lines)["pid"]
    answer(first)
    folder = Path(f"/proc/{pid}/fd")
    if folder.exists():
        while Path(f"/proc/{pid}/cwd").readlink() != tmp_path / "home":
            pass
        kinds = [str(each.readlink()) for each in folder.iterdir() if int(each.name) < 3]
        assert sorted(kinds) == ["/dev/null", str(tmp_path / "log"), str(tmp_path / "log")]
    os.kill(pid, signal.SIGKILL)
    assert answer(lines) == {"status": -signal.SIGKILL}


def test_a_request_that_breaks_off_harms_nobody(warm):
    for part in (b"", b'{"argv": ["x'):
        asking = warm.connect()
        asking.sendall(part)
        asking.close()
    lines = warm("--version")
    assert "pid" in answer(lines)
    assert answer(lines) == {"status": 0}
