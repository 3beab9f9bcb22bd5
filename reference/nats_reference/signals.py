"""`--signal name=process`: a signal for a server that runs (CLI-008).

The process is a number or a file that holds one. Leaves out what nats-server does
without one, and with one that ends with `*`: it looks for processes of its name.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final

from nats_reference import terminal

#: What the names are to the system.
SIGNALS: Final = {
    "stop": signal.SIGKILL,
    "quit": signal.SIGINT,
    "term": signal.SIGTERM,
    "reopen": signal.SIGUSR1,
    "reload": signal.SIGHUP,
    "ldm": signal.SIGUSR2,
}


class NotSent(ValueError):
    """Why there was no signal."""


def send(text: str) -> int:
    """Send it; the exit status."""
    try:
        deliver(text)
    except NotSent as error:
        terminal.complain(f"nats-reference: {error}")
        return 1
    return 0


def deliver(text: str) -> None:
    """Send the signal that `name=process` asks for.

    Raises:
        NotSent: there is no such signal, or no such process.
    """
    name, *targets = text.split("=")
    if len(targets) > 1:
        raise NotSent(f"invalid signal parameters: [{' '.join(targets[1:])}]")
    if name not in SIGNALS:
        raise NotSent(f'unknown signal "{name}"')
    if not targets or not targets[0]:
        raise NotSent(f"which process? give --signal a pid or a pid file: {name}=<pid>")
    number = process(targets[0])
    try:
        os.kill(number, SIGNALS[name])
    except ProcessLookupError:
        raise NotSent(f'signal "{name}" {number}: no such process') from None
    except (OSError, OverflowError) as error:
        raise NotSent(f'signal "{name}" {number}: {error}') from None


def process(target: str) -> int:
    """The number of the process that `target` is, or that the file of that name holds.

    Raises:
        NotSent: it is neither.
    """
    number = target
    if not is_number(target):
        try:
            number = Path(target).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            raise NotSent(f"invalid pid: {target}") from None
    # 0 and negative numbers are whole groups of processes.
    if not is_number(number) or not int(number):
        raise NotSent(f"invalid pid: {number}")
    return int(number)


def is_number(text: str) -> bool:
    """Whether `text` is digits and nothing else."""
    return text.isascii() and text.isdigit()
