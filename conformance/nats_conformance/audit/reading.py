"""The log of a stream, read without a consumer.

With `allow_direct` in batches of DIRECT.GET, otherwise by MSG.GET, many at a time. The fields
that DIRECT.GET adds to a block are taken off again; a block without fields of its own can't be
told from none there. A mirror may answer DIRECT.GET too: then MSG.GET reads on.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.invariants.stream_log import Logged, nanoseconds

from .client import Refused, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .client import Client, Reply

#: Messages of one DIRECT.GET.
_BATCH: Final = 2000
#: MSG.GETs under way.
_WINDOW: Final = 200
#: The first of the fields that DIRECT.GET adds.
_ADDED: Final = b"\r\nNats-Stream: "
_NOT_FOUND: Final = 10037


class _Elsewhere(Exception):
    """Somebody else than the stream's own server answers, or not in batches."""


def log(client: Client, config: dict[str, Any], first: int, last: int) -> Iterator[Logged]:
    """The messages from `first` to `last`, in order."""
    at = max(first, 1)
    if config.get("allow_direct"):
        try:
            for message in _direct(client, config["name"], at, last):
                at = message.seq + 1
                yield message
        except _Elsewhere:
            pass
        else:
            return
    yield from _one_by_one(client, config["name"], at, last)


def _direct(client: Client, name: str, first: int, last: int) -> Iterator[Logged]:
    expected = name.encode()
    while first <= last:
        body = {"seq": first, "batch": _BATCH}
        (token,) = client.ask([(f"$JS.API.DIRECT.GET.{name}", body)])
        reply = client.reply(token)
        if reply.status is not None:
            if reply.status == 404:
                return
            raise _Elsewhere
        while reply.status is None:
            own, added = _parted(reply.block)
            if added[b"Nats-Stream"] != expected or b"Nats-Num-Pending" not in added:
                raise _Elsewhere
            message = Logged(
                int(added[b"Nats-Sequence"]),
                nanoseconds(added[b"Nats-Time-Stamp"].decode()),
                added[b"Nats-Subject"],
                own,
                len(reply.payload),
            )
            if message.seq <= last:
                yield message
            first = message.seq + 1
            reply = client.reply(token)


def _parted(block: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The block as it is stored, and the fields that were added to it."""
    at = block.rfind(_ADDED)
    lines = block[at + 2 : -4].split(b"\r\n")
    added = dict(line.split(b": ", 1) for line in lines)
    own = block[:at] + b"\r\n\r\n" if b"\r\n" in block[:at] else b""
    return own, added


def _one_by_one(client: Client, name: str, first: int, last: int) -> Iterator[Logged]:
    subject = f"$JS.API.STREAM.MSG.GET.{name}"
    while first <= last:
        window = range(first, min(first + _WINDOW, last + 1))
        tokens = client.ask([(subject, {"seq": seq}) for seq in window])
        found = [_stored(reply) for reply in client.replies(tokens)]
        yield from filter(None, found)
        first = window.stop
        if not any(found) and first <= last:
            # A long gap: where does it end?
            (token,) = client.ask([(subject, {"seq": first, "next_by_subj": ">"})])
            ahead = _stored(client.reply(token))
            if ahead is None:
                return
            first = ahead.seq


def _stored(reply: Reply) -> Logged | None:
    try:
        message = answer(reply)["message"]
    except Refused as refused:
        if refused.code == _NOT_FOUND:
            return None
        raise
    return Logged(
        message["seq"],
        nanoseconds(message["time"]),
        message["subject"].encode(),
        base64.b64decode(message.get("hdrs", "")),
        len(base64.b64decode(message.get("data", ""))),
    )
