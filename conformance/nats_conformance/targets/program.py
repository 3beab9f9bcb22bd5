"""Which nats-server the target `nats-server` is."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

from .url import BadUrl


class NoProgram(BadUrl):
    """There is no nats-server on this machine."""


def nats_server() -> Path:
    """NATS_SERVER's program, else the installed wheel's, else the one on PATH."""
    named = os.environ.get("NATS_SERVER")
    if named:
        found = shutil.which(named)
        if found is None:
            raise NoProgram(f"NATS_SERVER names {named}, which can't be run")
        return Path(found)
    beside = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
    found = beside or shutil.which("nats-server")
    if found is None:
        raise NoProgram(
            "no nats-server here: install nats-spec[server], put one on PATH, or name it"
            " in NATS_SERVER"
        )
    return Path(found)
