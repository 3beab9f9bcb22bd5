"""Lines that can't be written: they are lost, and nothing else goes wrong."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nats_reference import terminal
from nats_reference.logs import Log

FULL = Path("/dev/full")
COMMAND = (sys.executable, "-m", "nats_reference")

needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")


class Broken(io.StringIO):
    """Where nothing can be written."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def flush(self) -> None:
        raise self.error


@pytest.fixture
def port(tmp_path):
    """Starts a process that serves; waits for its port."""
    started = []

    def start(process: subprocess.Popen) -> int:
        started.append(process)
        for _ in range(1500):
            for file in tmp_path.glob(f"*_{process.pid}.ports"):
                if text := file.read_text(encoding="utf-8"):
                    return int(json.loads(text)["nats"][0].rsplit(":", 1)[1])
            assert process.poll() is None
            time.sleep(0.01)
        raise AssertionError("no ports file")

    yield start
    for each in started:
        each.kill()
        each.wait()


def serves_and_ends(process: subprocess.Popen, port: int) -> None:
    """It answers a PING, opens its log anew, and ends well."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
        data = b""
        while b"PONG\r\n" not in data:
            piece = client.recv(65536)
            assert piece, data
            data += piece
    process.send_signal(signal.SIGUSR1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


@needs_full
@pytest.mark.parametrize("words", [(), ("-D", "-V"), ("-D", "-V", "-l", str(FULL))])
def test_a_full_disk_ends_no_server(tmp_path, port, words):
    command = [*COMMAND, "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", str(tmp_path), *words]
    with FULL.open("wb") as full:
        process = subprocess.Popen(command, stdout=full, stderr=full)
    serves_and_ends(process, port(process))


@needs_full
def test_a_warning_that_nobody_reads_keeps_no_server_from_starting(tmp_path, port):
    (tmp_path / "server.conf").write_text("listen: 127.0.0.1:-1\nping_max: 2\nwrite_deadline: 1\n")
    command = [*COMMAND, "-c", "server.conf", "--ports_file_dir", str(tmp_path)]
    with FULL.open("wb") as full:
        process = subprocess.Popen(command, stderr=full, cwd=tmp_path)
    serves_and_ends(process, port(process))


def test_without_standard_streams_it_serves(tmp_path, port):
    without = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    command = [*COMMAND, "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", str(tmp_path)]
    process = subprocess.Popen([*without, *command])
    serves_and_ends(process, port(process))


@needs_full
@pytest.mark.parametrize(
    ("words", "status"), [(["--version"], 0), (["--help"], 0), (["--nope"], 0), (["-t"], 1)]
)
def test_the_status_is_what_it_would_be(words, status):
    with FULL.open("wb") as full:
        done = subprocess.run([*COMMAND, *words], stdout=full, stderr=full, check=False)
    assert done.returncode == status


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("closed")])
def test_a_line_that_is_lost(monkeypatch, error):
    Log(stream=Broken(error)).info("a")
    monkeypatch.setattr(sys, "stderr", Broken(error))
    monkeypatch.setattr(sys, "stdout", None)
    terminal.tell("a")
    terminal.complain("a")
    terminal.finish()
    Log().info("a")
    Log().close()


def test_what_could_not_be_written_is_lost_in_the_end(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    monkeypatch.setattr(sys, "stdout", stream)
    terminal.tell("a")
    terminal.finish()
    stream.close()


@needs_full
def test_a_log_file_that_can_not_grow(tmp_path):
    path = tmp_path / "log"
    path.symlink_to(FULL)
    log = Log(path=str(path))
    log.info("a")
    path.unlink()
    log.reopen()
    log.info("no text: \udcff")
    log.close()
    assert path.read_text(encoding="utf-8").endswith("[INF] no text: \\udcff\n")
