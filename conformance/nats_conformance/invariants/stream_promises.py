"""What must hold of a stream towards one who published to it: acknowledged is there, once.

JS-LIM-022, JS-LIM-040, JS-LIM-041: functions over what was sent, what was acknowledged and
what the stream holds. Messages are numbered in the order in which they were sent, and no two
of them are equal.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_spec.model.stream import Message


def broken(
    sent: Mapping[int, Message], acked: Mapping[int, int], held: Mapping[int, Message]
) -> list[str]:
    """Every promise that the stream broke.

    Args:
        sent: the messages, by number.
        acked: the sequence that the acknowledgement of a number told.
        held: the messages of the stream, by sequence.
    """
    numbers = {message: number for number, message in sent.items()}
    places: dict[int, list[int]] = {}
    strange = []
    for seq, message in held.items():
        number = numbers.get(message)
        if number is None:
            strange.append(f"nobody sent what is message {seq}: {_shown(message)}")
        else:
            places.setdefault(number, []).append(seq)
    lost = [
        f"message {number} was acknowledged as {seq}, which is {_at(held, numbers, seq)}"
        for number, seq in acked.items()
        if held.get(seq) != sent[number]
    ]
    twice = [
        f"message {number} is stored {len(seqs)} times: {seqs}"
        for number, seqs in places.items()
        if len(seqs) > 1
    ]
    order = sorted((seqs[0], number) for number, seqs in places.items())
    swapped = [
        f"message {after} is stored behind message {before}, which was sent later"
        for (_, before), (_, after) in pairwise(order)
        if after < before
    ]
    return [*lost, *strange, *twice, *swapped]


def missing(sent: Mapping[int, Message], held: Mapping[int, Message]) -> list[str]:
    """Every message that is not stored."""
    there = set(held.values())
    return [f"message {number} is not stored" for number, m in sent.items() if m not in there]


def _at(held: Mapping[int, Message], numbers: Mapping[Message, int], seq: int) -> str:
    if seq not in held:
        return "not there"
    number = numbers.get(held[seq])
    return f"message {number}" if number is not None else f"strange: {_shown(held[seq])}"


def _shown(message: Message) -> str:
    return f"{message.subject!r} {message.block[:40]!r} {message.payload[:40]!r}"
