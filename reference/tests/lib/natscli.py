"""The `nats` command line, unchanged: that on PATH, or built where Go is.

Go builds it once, in the version that is named here, below the user's cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

VERSION = "v0.5.1"
MODULE = f"github.com/nats-io/natscli/nats@{VERSION}"

NEEDED = pytest.mark.skipif(
    shutil.which("nats") is None and shutil.which("go") is None,
    reason="2026-11-26: needs the nats command line, or Go, which builds it",
)


def program() -> str:
    """Where it is."""
    if found := shutil.which("nats"):
        return found
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    folder = (Path(base) if base else Path.home() / ".cache") / "nats-spec" / "nats" / VERSION
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):  # tests run side by side
        if shutil.which("nats", path=folder) is None:
            go = [shutil.which("go"), "install", MODULE]
            environment = os.environ | {"GOBIN": str(folder), "GOFLAGS": "-mod=mod"}
            subprocess.run(go, env=environment, check=True, capture_output=True)
    return shutil.which("nats", path=folder)


class Nats:
    """The program, and the server that it speaks to."""

    def __init__(self, url: str) -> None:
        self.command = [program(), "--server", url]

    def __call__(self, *words: str, stdin: bytes | None = None) -> bytes:
        """What it says."""
        done = subprocess.run(
            [*self.command, *words], capture_output=True, check=False, timeout=60, input=stdin
        )
        assert done.returncode == 0, (words, done.stdout + done.stderr)
        return done.stdout
