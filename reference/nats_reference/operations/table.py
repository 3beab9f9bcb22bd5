"""Which function does what a production of the client grammar says.

Names on the left are those of client.lark. A function of `PUBLISHES` returns
the message that its control line announces, or None if there will be none; the
others return nothing. Looked up when a server is built, so that a replaced
function is the one that is used.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

Handler = Callable[..., Any]

PUBLISHES: dict[str, str] = {
    "pub": "pub:pub",
    "pub_reply": "pub:pub_reply",
    "hpub": "pub:hpub",
    "hpub_reply": "pub:hpub_reply",
}

OPERATIONS: dict[str, str] = {
    "connect": "connect:connect",
    "ping": "ping:ping",
    "pong": "ping:pong",
    "ok": "ping:ok",
    "info": "connect:info",
    "err": "connect:err",
    "sub": "sub:sub",
    "sub_queue": "sub:sub_queue",
    "unsub": "unsub:unsub",
    "unsub_max": "unsub:unsub_max",
    "unsub_now": "unsub:unsub_now",
}


def handlers(names: dict[str, str]) -> dict[str, Handler]:
    """The functions that `names` stand for now."""
    found: dict[str, Handler] = {}
    for production, name in names.items():
        module, _, function = name.partition(":")
        found[production] = getattr(import_module(f"{__package__}.{module}"), function)
    return found
