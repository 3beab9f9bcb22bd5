"""JavaScript clients, unchanged, under Node.

npm installs them once, in the versions that `node/package.json` names, below the user's cache.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[1] / "node"
NPM = ("install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")

NEEDED = pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None,
    reason="2026-11-25: needs Node and npm, which are not here",
)


def installed() -> Path:
    """The folder with the clients in it."""
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


@contextmanager
def running(modules: Path, script: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """A script under Node, beside node_modules, where Node looks for what a script imports."""
    with tempfile.TemporaryDirectory(dir=modules) as scratch:
        copy = shutil.copy(HERE / script, scratch)
        with subprocess.Popen(
            [shutil.which("node"), str(copy), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            yield process
            process.kill()
