"""What a process tells on standard output and standard error: if it can't be written, it is lost.

A full disk, or a pipe that nobody reads, ends no server and changes no exit status.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


def begin() -> None:
    """Where standard input or output is closed, nothing else is to have its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def write(stream: TextIO | None, text: str) -> None:
    """Write `text` now, if that can be."""
    if stream is not None:
        with suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()


def tell(text: str) -> None:
    """A line of what was asked for."""
    write(sys.stdout, f"{text}\n")


def complain(text: str) -> None:
    """A line about what is wrong."""
    write(sys.stderr, f"{text}\n")


def finish() -> None:
    """Let go of what could not be written: who ends the process tries it once more, and fails."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                lose(stream)


def lose(stream: TextIO) -> None:
    """Whatever is written to it goes nowhere."""
    number = stream.fileno()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
