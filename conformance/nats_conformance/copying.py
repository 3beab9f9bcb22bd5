"""Copies of streams, as cases wait for them: what is not so yet may become so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import polling

if TYPE_CHECKING:
    from .jetstream import JetStream


def last(js: JetStream, stream: str, seq: int) -> dict[str, Any]:
    """The state of a stream, as soon as its last sequence is this."""
    return polling.until(
        lambda: js.state(stream, deleted_details=True),
        lambda state: state["last_seq"] >= seq,
        js.patience,
    )


def has(js: JetStream, stream: str, count: int, patience: float) -> None:
    """The stream comes to hold so many messages."""
    polling.until(lambda: js.state(stream)["messages"], lambda found: found >= count, patience)


def caught_up(js: JetStream, mirror: str) -> dict[str, Any]:
    """What INFO tells of a mirror, as soon as nothing is missing."""
    entry: dict[str, Any] = polling.until(
        lambda: js.info(mirror)["mirror"],
        lambda found: found["active"] >= 0 and not found["lag"],
        js.patience,
    )
    return entry


def holds(js: JetStream, stream: str, seqs: list[int]) -> None:
    """The stream comes to hold just these sequences."""
    polling.until(lambda: sequences(js, stream), lambda found: found == seqs, js.patience)


def sequences(js: JetStream, stream: str) -> list[int]:
    """The sequences that a stream holds."""
    state = js.state(stream, deleted_details=True)
    if not state["messages"]:
        return []
    gone = set(state.get("deleted") or ())
    return [seq for seq in range(state["first_seq"], state["last_seq"] + 1) if seq not in gone]


def payloads(js: JetStream, stream: str) -> list[bytes]:
    """What a stream holds."""
    return [js.stored(stream, seq=seq)["data"] for seq in sequences(js, stream)]


def fields(js: JetStream, stream: str, seq: int) -> list[str]:
    """The words of the field that says where a message comes from."""
    lines = js.stored(stream, seq=seq)["hdrs"].decode().split("\r\n")
    (found,) = [line for line in lines if line.startswith("Nats-Stream-Source: ")]
    return str(found.partition(": ")[2]).split(" ")
