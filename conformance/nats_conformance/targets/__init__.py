"""What can be graded: names, releases, commands and URLs become targets.

`resolve` is the only door. It finds the program (and fetches a release's wheel
once) but starts nothing; `pool.py` and `instance.py` do that.
"""

from __future__ import annotations

import os
import shlex
import sys
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from .program import nats_server
from .release import fetch
from .target import Target, UnknownTarget
from .url import parse

__all__ = ["Target", "UnknownTarget", "resolve"]

_PINNED: Final = "nats-server@"
_COMMAND: Final = "cmd:"
_FAULT: Final = "reference!"


def resolve(name: str) -> Target:
    """The target that `name` means."""
    if name.startswith(_PINNED):
        program = fetch(name.removeprefix(_PINNED))
        return _preset(name, presets()["nats-server"], program)
    if name.startswith(_COMMAND):
        words = shlex.split(name.removeprefix(_COMMAND))
        if not words or "{port}" not in name:
            raise UnknownTarget("a cmd: target is a program and arguments, one of them {port}")
        return Target(name, command=tuple(words))
    if "://" in name:
        return Target(name, url=parse(name))
    if name.startswith(_FAULT):
        reference = _preset(name, presets()["reference"], None)
        return reference.with_arguments("--fault", name.removeprefix(_FAULT))
    if name in presets():
        return _preset(name, presets()[name], None)
    raise UnknownTarget(
        f"{name!r} is neither a verb nor a target; targets are {', '.join(sorted(presets()))},"
        " nats-server@VERSION, cmd:PROGRAM ARGS {port}, and nats:// URLs"
    )


def faulty(fault: str) -> str:
    """The name of the reference that misbehaves by `fault`."""
    return _FAULT + fault


@cache
def presets() -> dict[str, dict[str, Any]]:
    """The targets that have a name, shipped and the user's own."""
    known = tomllib.loads((files(__package__) / "presets.toml").read_text("utf-8"))
    own = os.environ.get("NATS_CONFORMANCE_PRESETS")
    if own:
        try:
            known |= tomllib.loads(Path(own).read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise UnknownTarget(f"cannot read the presets of {own}: {error}") from error
    return known


def _preset(name: str, preset: dict[str, Any], program: Path | None) -> Target:
    def filled(words: list[str]) -> tuple[str, ...]:
        return tuple(
            str(program or nats_server())
            if word == "{nats-server}"
            else word.replace("{python}", sys.executable)
            for word in words
        )

    return Target(
        name,
        command=filled(preset["command"]),
        warm=filled(preset.get("warm", [])),
        flags=bool(preset.get("flags")),
        program=filled(preset.get("program", [])),
    )
