"""Pull requests: what a request asks for, and those that wait, served in rotation.

JS-PULL-001 .. JS-PULL-005, JS-PULL-018 .. JS-PULL-020, JS-PULL-027, JS-PULL-029,
JS-PULL-037. Leaves out when a request ends and what it is told (pulling.py).
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any, cast

from nats_reference.jetstream.api import decoding
from nats_reference.jetstream.api.members import SIGNED, folded
from nats_reference.jetstream.errors import ApiError

NUMBER = re.compile(rb"([+-]?)0*(\d{1,19})")

#: Members of a request's object that are looked at, and of which type they are.
MEMBERS: dict[str, type] = {
    "expires": int,
    "batch": int,
    "max_bytes": int,
    "no_wait": bool,
    "idle_heartbeat": int,
    "group": str,
    "min_pending": int,
    "min_ack_pending": int,
    "id": str,
    "priority": int,
}
#: How Go names these types.
GO_NAMES: dict[object, str] = {
    int: "int",
    bool: "bool",
    str: "string",
    "expires": "time.Duration",
    "idle_heartbeat": "time.Duration",
    "min_pending": "int64",
    "min_ack_pending": "int64",
}
#: The range of numbers.
LOW, HIGH = SIGNED


class BadRequest(ValueError):
    """A request that can't be understood; the text says why."""


@dataclass(slots=True)
class Pull:
    """A request that waits for messages."""

    #: Where messages and statuses go.
    reply: bytes
    #: Messages that it still takes.
    batch: int = 1
    #: Bytes that it still takes; 0 or less for any number (JS-PULL-018).
    max_bytes: int = 0
    no_wait: bool = False
    #: When it ends, in nanoseconds; 0 for never.
    ends: int = 0
    #: How long it may be quiet; 0 for as long as it likes.
    heartbeat: int = 0
    #: When it has been quiet for so long.
    beats: int = 0
    #: Messages that it was given.
    taken: int = 0
    #: Whether its bytes are used up exactly.
    spent: bool = False
    #: How long it wanted to wait, as it was asked; 0 for not given.
    expires: int = 0


def parse(reply: bytes, body: bytes, now: int) -> Pull:
    """The request that `body` spells (JS-PULL-001, JS-PULL-004).

    Raises:
        BadRequest: it is JSON, and wrong.
    """
    body = body.strip()
    if not body.startswith(b"{"):
        return Pull(reply, batch(body))
    asked = members(body)
    heartbeat, expires = asked["idle_heartbeat"], asked["expires"]
    if heartbeat > 0 and heartbeat * 2 > expires:
        raise BadRequest("heartbeat value too large")
    return Pull(
        reply,
        asked["batch"],
        asked["max_bytes"],
        asked["no_wait"],
        ends=now + expires if expires else 0,
        heartbeat=max(heartbeat, 0),
        beats=now + heartbeat if heartbeat > 0 else 0,
        expires=expires,
    )


def batch(body: bytes) -> int:
    """How many messages a body asks for that is no object; one if it is no number."""
    found = NUMBER.fullmatch(body)
    number = int(found[1] + found[2]) if found else 1
    return number if LOW <= number <= HIGH else 1


def members(body: bytes) -> dict[str, Any]:
    """The members of the object, those that are missing with Go's zero."""
    try:
        found = decoding.values(body)
    except ApiError as error:
        raise BadRequest(error.values["err"]) from None
    if len(found) != 1:
        raise BadRequest("text after the object")
    asked: dict[str, Any] = {name: kind() for name, kind in MEMBERS.items()}
    for key, value in cast("decoding.Pairs", found[0]):
        name = folded(key)
        kind = MEMBERS.get(name)
        if kind is None or value is None:
            continue
        if type(value) is not kind or (kind is int and not LOW <= cast("int", value) <= HIGH):
            raise BadRequest(
                f"json: cannot unmarshal {decoding.spoken(value)} into Go struct field "
                f".{key} of type {GO_NAMES.get(name) or GO_NAMES[kind]}"
            )
        asked[name] = value
    return asked


@dataclass(slots=True)
class Waiting:
    """The requests that wait, the next to be served first."""

    limit: int
    pulls: deque[Pull] = field(default_factory=deque)

    @property
    def full(self) -> bool:
        """Whether there is room for no other (JS-PULL-027)."""
        return len(self.pulls) >= self.limit

    def serve(self, messages: int = 1) -> Pull:
        """Take messages for the first; it goes to the end, or is done (JS-PULL-029)."""
        pull = self.pulls.popleft()
        pull.batch -= messages
        pull.taken += messages
        if pull.batch > 0:
            self.pulls.append(pull)
        return pull
