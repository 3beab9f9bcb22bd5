"""Garbage for a while: the server says what the chapters say, and stays as it is."""

import os
import subprocess
import sys
from typing import Any

from nats_reference.clock import VirtualClock
from nats_reference.options import Options
from nats_reference.server import Server
from nats_reference.transport.tcp import TcpLink

#: Ten minutes by hand: NATS_SOAK_SECONDS=600.
SECONDS = os.environ.get("NATS_SOAK_SECONDS", "20")


def test_a_soak_leaves_the_server_as_it_was():
    words = ["-m", "nats_conformance.soak", "reference", "--seconds", SECONDS, "--seed", "7"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ the server still serves" in done.stdout


class Vanished:
    """The transport of a client that reset its connection before it was greeted."""

    def get_extra_info(self, _name: str) -> Any:
        return None

    def set_write_buffer_limits(self, high: int) -> None:
        assert high > 0

    def write(self, data: bytes) -> None:
        assert data.startswith(b"INFO ")

    def get_write_buffer_size(self) -> int:
        return 0


def test_a_client_may_be_gone_before_it_is_greeted():
    server, links = Server(Options(), VirtualClock()), set()
    link = TcpLink(server, links)
    link.connection_made(Vanished())
    assert len(server.connections) == len(links) == 1
    link.connection_lost(ConnectionResetError())
    assert not server.connections
    assert not links
