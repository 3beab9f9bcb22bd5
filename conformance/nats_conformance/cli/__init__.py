"""`nats-conformance`: finds the verb, runs it, and never shows a traceback.

Exit status: 0 conforms, 1 does not, 2 the suite is at fault, 3 the target can't
be reached, 4 wrong usage; 130 when interrupted.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

from nats_conformance.targets.instance import end_all

from .exits import Exit, Usage, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Each verb has a module of its name here, with a `main(arguments) -> int`.
VERBS: Final[dict[str, str]] = {
    "run": "grade targets (the default verb)",
    "list": "show requirements, cases, targets",
    "explain": "tell all about one requirement or case",
    "report": "show or render the results.json of an earlier run",
    "replay": "send a transcript's client bytes again, show what differs",
    "matrix": "grade releases of nats-server, compare two of them",
    "selftest": "break the reference on purpose: every fault must be noticed",
    "bench": "measure targets side by side",
    "audit": "look at a live stream, read-only: is it sound?",
}

_USAGE: Final = """\
nats-conformance [run] [TARGET ...]    no target means: reference nats-server

{verbs}

TARGET: reference, nats-server, nats-server@VERSION, 'cmd:PROGRAM ARGS {{port}}', nats://HOST:PORT
`nats-conformance VERB --help` tells a verb's options."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] in (["-h"], ["--help"], ["help"]):
        verbs = "\n".join(f"  {verb:<10} {about}" for verb, about in VERBS.items())
        print(_USAGE.format(verbs=verbs))
        return Exit.CONFORMS
    # Whoever ends us means to interrupt: the servers that we started end with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    verb = words.pop(0) if words and words[0] in VERBS else "run"
    try:
        module = importlib.import_module(f"{__package__}.{verb}")
        status: int = module.main(words)
    except Usage as usage:
        print(f"nats-conformance: {usage}", file=sys.stderr)
        return Exit.USAGE
    except KeyboardInterrupt:
        end_all()
        print("nats-conformance: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.CONFORMS
    except Exception as error:  # noqa: BLE001
        status, text = sentence(error)
        print(f"nats-conformance: {text}", file=sys.stderr)
    return status
