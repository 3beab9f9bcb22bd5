"""/ipqueuesz, /stacksz, /debug/vars: the inside of this very program (MON-MISC-002 .. MON-MISC-004)."""

from __future__ import annotations

import gc
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

from nats_reference.monitoring import varz

if TYPE_CHECKING:
    from nats_reference.monitoring.asking import Query
    from nats_reference.server import Server


def ipqueuesz(server: Server, query: Query) -> dict[str, Any]:
    """What waits to be done, by name."""
    every, part = query.flag("all"), query.text("queues")
    return {
        name: {"pending": waiting}
        for name, waiting in queues(server).items()
        if part in name and (every or waiting)
    }


def queues(server: Server) -> dict[str, int]:
    """How much waits in each queue."""
    found = {"connections to be flushed": len(server.dirty)}
    for account in server.jetstream.accounts.values() if server.jetstream else ():
        found[f"[ACC:{account.account.name}] news of streams"] = len(account.news)
    return found


def stacks() -> str:
    """The stack of each thread."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    parts = []
    for number, frame in sys._current_frames().items():  # noqa: SLF001 - there is no other way
        title = f"thread {number} [{names.get(number, 'unknown')}]:"
        parts.append("\n".join([title, *map(str.rstrip, traceback.format_stack(frame))]))
    return "\n\n".join(parts) + "\n"


def variables() -> dict[str, Any]:
    """The command and the memory."""
    collected = sum(each["collections"] for each in gc.get_stats())
    return {"cmdline": sys.argv, "memstats": {"Sys": varz.memory(), "NumGC": collected}}
