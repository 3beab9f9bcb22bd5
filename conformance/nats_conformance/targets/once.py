"""The target's program, run to its end: what it says, where, and its exit status.

For the cases about the command line and the configuration file. A target that is a
URL, or a command of which the program isn't known, has none.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nats_conformance.expect import Mismatch, NotApplicable, Unreachable

from .launcher import launch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .target import Target

#: Seconds that it may take: a program that ought to end and serves instead is ended.
PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended."""

    status: int
    #: What it said on standard output, and on standard error.
    out: str
    err: str


def run(target: Target, words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Ended:
    """Run the program with these arguments and these environment variables besides ours."""
    if not target.program:
        raise NotApplicable("needs the server's program; this target has none that is known")
    command = [*target.program, *words]
    out, err = cwd / "stdout", cwd / "stderr"
    out.write_bytes(b"")
    err.write_bytes(b"")
    process = launch(target, command, cwd, out, errors=str(err), env=dict(env)) or _popen(
        command, cwd, env
    )
    try:
        status = process.wait(PATIENCE)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.wait()
        raise Mismatch(f"it runs with {' '.join(words)}", "it ends", _read(err)) from error
    return Ended(status, _read(out), _read(err))


def _popen(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with (cwd / "stdout").open("wb") as out, (cwd / "stderr").open("wb") as err:
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=cwd,
                env={**os.environ, **env},
            )
        except OSError as error:
            raise Unreachable(f"cannot start {command[0]}: {error.strerror}") from error


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
