"""What a server makes of the bytes of one client: operations, and how it ends.

The lexical half of the protocol as one pure function: client.lark and
refusals.lark line by line, payloads by their size, limits. Implements FRAME-003,
FRAME-004, FRAME-006, FRAME-011, FRAME-017 .. FRAME-019, FRAME-023, FRAME-024,
ERR-001 .. ERR-003, HDR-002, HDR-003, CONN-006.

Leaves out what the operations do, authentication, and what depends on the
pieces in which the bytes arrive, of which there should be nothing (FRAME-015).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nats_spec.recogniser import recogniser


class Ending(Enum):
    """How the server leaves the connection; the value is the -ERR that it sends, if any."""

    OPEN = None  #: it waits for more
    SILENT = ""  #: it closes without a word
    UNKNOWN_OPERATION = "Unknown Protocol Operation"
    CONTROL_LINE = "maximum control line exceeded"
    PAYLOAD = "Maximum Payload Violation"


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a client's bytes."""

    control_line: int = 4096
    payload: int = 1048576


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a client's bytes."""

    #: The productions that were read whole, payloads checked, in order.
    operations: tuple[str, ...]
    ending: Ending


_PUBLISHES: Final = frozenset({"pub", "pub_reply", "hpub", "hpub_reply"})
_OBJECTS: Final = frozenset({"connect", "info"})


def read(data: bytes, limits: Limits | None = None, *, headers: bool = True) -> Reading:
    """What a server reads in `data`, from the start of an operation on."""
    limits = limits or Limits()
    done: list[str] = []
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1
        if not end:
            return Reading(tuple(done), _fragment(data[at:], limits))
        alias, size, ending = _line(data[at:end], limits, headers=headers)
        if ending is not Ending.OPEN:
            return Reading(tuple(done), ending)
        at = end
        if alias in _PUBLISHES:
            terminator = data[end + size : end + size + 2]
            if not b"\r\n".startswith(terminator):
                return Reading(tuple(done), Ending.UNKNOWN_OPERATION)
            if len(terminator) < 2:
                break
            at = end + size + 2
        done.append(alias)
    return Reading(tuple(done), Ending.OPEN)


def _fragment(fragment: bytes, limits: Limits) -> Ending:
    client = recogniser("client")
    if not client.viable(fragment):
        return Ending.UNKNOWN_OPERATION
    opening = client.opening(fragment)
    if opening is None or opening.idle:
        return Ending.OPEN
    over = len(opening.arguments(fragment)) > limits.control_line
    return Ending.CONTROL_LINE if over else Ending.OPEN


def _line(line: bytes, limits: Limits, *, headers: bool) -> tuple[str, int, Ending]:
    """The production of `line`, the size of its payload, and how it is refused."""
    client = recogniser("client")
    opening = client.opening(line)
    if opening is not None and not opening.idle:
        arguments = opening.arguments(line).removesuffix(b"\n").removesuffix(b"\r")
        if len(arguments) > limits.control_line:
            return "", 0, Ending.CONTROL_LINE
    match = client.match(line)
    if match is None:
        refused = recogniser("refusals").match(line) is not None
        return "", 0, Ending.SILENT if refused else Ending.UNKNOWN_OPERATION
    alias, found = match
    if alias in _PUBLISHES:
        size = int(found[-1])
        if alias.startswith("hpub") and (not headers or int(found[-2]) > size):
            return alias, 0, Ending.SILENT
        return alias, size, Ending.PAYLOAD if size > limits.payload else Ending.OPEN
    fine = alias != "err" and (alias not in _OBJECTS or _is_object(found[0]))
    return alias, 0, Ending.OPEN if fine else Ending.SILENT


def _is_object(text: bytes) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return value is None or isinstance(value, dict)
