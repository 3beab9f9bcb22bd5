"""Object stores of the `nats` command line, which is written in Go: read by an audit."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from raw_objects import Store
from streaming import SERVERS, running

NATS = shutil.which("nats")

pytestmark = pytest.mark.skipif(
    NATS is None, reason="2026-11-25: needs the nats command line, which is not here"
)


@pytest.mark.parametrize("server", SERVERS)
def test_what_the_command_line_makes_is_sound(server, tmp_path):
    with running(server, tmp_path) as url:

        def nats(*words):
            command = [NATS, "--server", url, "object", *words]
            done = subprocess.run(command, capture_output=True, check=False, timeout=60)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        nats("add", "FILES", "--storage", "memory")
        for name, content in (("a", b"x" * 300_000), ("b/Grüße", b"hello"), ("empty", b"")):
            file = tmp_path / "content"
            file.write_bytes(content)
            nats("put", "FILES", str(file), "--name", name, "--force", "--no-progress")
        (tmp_path / "content").write_bytes(b"another")
        nats("put", "FILES", str(tmp_path / "content"), "--name", "a", "--force", "--no-progress")
        nats("del", "FILES", "empty", "--force")
        got = tmp_path / "got"
        nats("get", "FILES", "b/Grüße", "--output", str(got), "--force", "--no-progress")
        assert got.read_bytes() == b"hello"
        store = Store(url, "FILES", there=True)
        assert store.audited(settled=True).shown == []
        nats("seal", "FILES", "--force")
        finding = store.audited(settled=True)
        assert (finding.shown, finding.config["sealed"]) == ([], True)
        store.client.close()
