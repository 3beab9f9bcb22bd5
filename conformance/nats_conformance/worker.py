"""A worker process: runs the units of jobs that come through its pipe, and tells what came.

Ends when the pipe does, so no worker outlives the run; being told to end means an
interrupt, and the servers that it started end with it.
"""

from __future__ import annotations

import os
from concurrent.futures import as_completed
from contextlib import suppress
from typing import TYPE_CHECKING

from . import interrupts
from .hand import Hand
from .targets.instance import end_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from .plan import Plan


def main(pipe: Connection, others: Sequence[Connection], plan: Plan) -> None:
    """Work; `others` are ends of pipes that the fork brought along."""
    try:
        interrupts.once()
        for end in others:
            end.close()
        _work(pipe, plan, Hand(plan))
    except (KeyboardInterrupt, EOFError, BrokenPipeError, ConnectionResetError):
        pass  # there is no more to do, or nobody wants to know
    except Exception as error:  # noqa: BLE001 - the run goes on without this worker
        with suppress(OSError):
            pipe.send(f"a worker broke: {type(error).__name__}: {error}")
    finally:
        interrupts.never()
        end_all()
        os._exit(0)  # threads that wait for a server will wait in vain


def _work(pipe: Connection, plan: Plan, hand: Hand) -> None:
    while True:
        unit = pipe.recv()
        if unit.waits:
            begun = {hand.begin(plan.jobs[place]): place for place in unit.places}
            for future in as_completed(begun):
                pipe.send((begun[future], future.result()))
        else:
            for place in unit.places:
                pipe.send((place, hand.run(plan.jobs[place])))
        pipe.send(None)
