"""Exit statuses, and the sentence that each failure is told in."""

from __future__ import annotations

import os
import traceback
from enum import IntEnum
from pathlib import Path

from nats_conformance.baseline import BadBaseline
from nats_conformance.expect import Unreachable
from nats_conformance.results_file import BadResults
from nats_conformance.targets import UnknownTarget
from nats_conformance.targets.url import BadUrl
from nats_conformance.traceability import NoFaults
from nats_spec.requirements import BadChapter


class Exit(IntEnum):
    """What a verb ends with."""

    CONFORMS = 0  #: every target does what is required
    DIFFERS = 1  #: one doesn't
    SUITE = 2  #: the suite is at fault
    UNREACHABLE = 3  #: a target can't be reached, or isn't NATS
    USAGE = 4  #: the command line makes no sense
    INTERRUPTED = 130  #: as shells say it


class Usage(Exception):
    """The command line makes no sense."""


def sentence(error: Exception) -> tuple[int, str]:
    """Exit status and text for an exception that reached the top."""
    match error:
        case UnknownTarget() | BadUrl() | BadBaseline() | BadResults():
            return Exit.USAGE, str(error)
        case Unreachable():
            return Exit.UNREACHABLE, str(error)
        case NoFaults():
            return Exit.SUITE, str(error)
        case BadChapter():
            return Exit.SUITE, f"a chapter of the specification can't be read: {error}"
        case _:
            if os.environ.get("NATS_CONFORMANCE_DEBUG"):
                traceback.print_exception(error)
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(frame.filename).name}:{frame.lineno}"
            kind = type(error).__name__
            return Exit.SUITE, (
                f"the suite broke at {where}: {kind}: {error}"
                " (NATS_CONFORMANCE_DEBUG=1 shows where)"
            )
