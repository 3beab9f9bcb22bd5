"""The log of a stream, read without a consumer, with payloads or without.

With `allow_direct` in batches of DIRECT.GET, otherwise by MSG.GET, many at a time. The fields
that DIRECT.GET adds to a block are taken off again; a block without fields of its own can't be
told from none there. A mirror may answer DIRECT.GET too, and blocks that are none can't be parted
from what is added: then MSG.GET reads on.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from nats_conformance.expect import Unreachable
from nats_conformance.invariants.stream_log import Logged, nanoseconds

from .client import Forbidden, Refused, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from .client import Client, Reply

M = TypeVar("M")
#: Makes a message of sequence, time, subject, header block and payload.
Maker: TypeAlias = "Callable[[int, int, bytes, bytes, bytes], M]"

#: Messages of one DIRECT.GET.
_BATCH: Final = 2000
#: Bytes of one, more or less: a slow reader is no reason to be cut off.
_BYTES: Final = 4 << 20
#: MSG.GETs under way: as many as that if messages are small, as few if they are large.
_WINDOW: Final = 200
_FEW: Final = 4
#: The first of the fields that DIRECT.GET adds.
_ADDED: Final = b"\r\nNats-Stream: "
#: A block without fields, but for those.
_BARE: Final = b"NATS/1.0"
_NOT_FOUND: Final = 10037


class _Elsewhere(Exception):
    """Somebody else than the stream's own server answers, or not in batches."""


class _Over(_Elsewhere):
    """Nothing more is there, says somebody."""


def same(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The INFO `after`, if it is still the stream of the INFO `before`.

    Raises:
        Unreachable: it is another of the same name.
    """
    if before.get("created") != after.get("created"):
        name = after["config"]["name"]
        raise Unreachable(f"{name} was deleted and made anew meanwhile: audit the new one")
    return after


def log(client: Client, config: dict[str, Any], first: int, last: int) -> Iterator[Logged]:
    """The messages from `first` to `last`, in order, without their payloads."""
    return read(client, config, first, last, _logged)


def read(
    client: Client, config: dict[str, Any], first: int, last: int, make: Maker[M]
) -> Iterator[M]:
    """The messages from `first` to `last`, in order, as `make` makes them."""
    at = max(first, 1)
    if config.get("allow_direct"):
        try:
            for seq, message in _direct(client, config["name"], at, last, make):
                at = seq + 1
                yield message
        except _Over:  # It may be a mirror; if we may not ask the leader, it is believed.
            with suppress(Forbidden):
                yield from _one_by_one(client, config["name"], at, last, make)
            return
        except _Elsewhere:
            pass
        else:
            return
    yield from _one_by_one(client, config["name"], at, last, make)


def _logged(seq: int, time: int, subject: bytes, block: bytes, payload: bytes) -> Logged:
    return Logged(seq, time, subject, block, len(payload))


def _direct(
    client: Client, name: str, first: int, last: int, make: Maker[M]
) -> Iterator[tuple[int, M]]:
    expected = name.encode()
    while first <= last:
        body = {"seq": first, "batch": _BATCH, "max_bytes": _BYTES}
        (token,) = client.ask([(f"$JS.API.DIRECT.GET.{name}", body)])
        reply = client.reply(token)
        if reply.status is not None:
            raise _Over if reply.status == 404 else _Elsewhere
        while reply.status is None:
            own, added = parted(reply.block)
            if added.get(b"Nats-Stream") != expected or b"Nats-Num-Pending" not in added:
                raise _Elsewhere
            try:
                seq, subject = int(added[b"Nats-Sequence"]), added[b"Nats-Subject"]
                time = nanoseconds(added[b"Nats-Time-Stamp"].decode())
            except (KeyError, ValueError):
                raise _Elsewhere from None
            if seq <= last:
                yield seq, make(seq, time, subject, own, reply.payload)
            first = seq + 1
            reply = client.reply(token)


def parted(block: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The block as it is stored, and the fields that DIRECT.GET has added to it.

    There are none if servers have added them to a block that is none, within its last line.
    """
    at = block.rfind(_ADDED)
    if at < 0:
        return block, {}
    lines = block[at + 2 : -4].split(b"\r\n")
    added = {name: value for name, _, value in (line.partition(b": ") for line in lines)}
    own = b"" if block[:at] == _BARE else block[:at] + b"\r\n\r\n"
    return own, added


def _one_by_one(client: Client, name: str, first: int, last: int, make: Maker[M]) -> Iterator[M]:
    subject = f"$JS.API.STREAM.MSG.GET.{name}"
    width = _FEW
    while first <= last:
        window = range(first, min(first + width, last + 1))
        replies = client.replies(client.ask([(subject, {"seq": seq}) for seq in window]))
        # As many as are of a size to be held at once.
        largest = max(len(reply.payload) for reply in replies)
        width = max(_FEW, min(_WINDOW, _BYTES // largest))
        found = [each for each in map(stored, replies) if each is not None]
        del replies
        for each in found:
            yield make(*_parts(each))
        first = window.stop
        if not found and first <= last:
            # A long gap: where does it end?
            (token,) = client.ask([(subject, {"seq": first, "next_by_subj": ">"})])
            ahead = stored(client.reply(token))
            if ahead is None or ahead["seq"] < first:
                return
            first = ahead["seq"]


def stored(reply: Reply) -> dict[str, Any] | None:
    """The message that MSG.GET answers with, or None if there is none.

    Raises:
        Refused: it is another error.
        Unreachable: it is neither.
    """
    try:
        found = answer(reply)
    except Refused as refused:
        if refused.code == _NOT_FOUND:
            return None
        raise
    message = found.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("seq"), int):
        raise Unreachable(f"MSG.GET answers with no message: {reply.payload[:80]!r}")
    return message


def _parts(message: dict[str, Any]) -> tuple[int, int, bytes, bytes, bytes]:
    try:
        return (
            message["seq"],
            nanoseconds(message["time"]),
            message["subject"].encode(),
            base64.b64decode(message.get("hdrs", "")),
            base64.b64decode(message.get("data", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Unreachable(f"message {message['seq']} can't be read: {wrong!r}") from wrong
