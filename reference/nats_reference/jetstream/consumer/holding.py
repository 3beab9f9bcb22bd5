"""Which consumers keep something of which message: it was delivered, and they are not done with it.

JS-RET-009, JS-RET-013: asked when a message goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.consumer.consumer import Consumer


class Holders:
    """Consumers by the sequence of what they keep something of."""

    __slots__ = ("_by_seq",)

    def __init__(self) -> None:
        self._by_seq: dict[int, dict[Consumer, None]] = {}

    def of(self, seq: int) -> tuple[Consumer, ...]:
        """Those that keep something of this message."""
        return tuple(self._by_seq.get(seq, ()))

    def hold(self, consumer: Consumer, seqs: Iterable[int]) -> None:
        """`consumer` keeps something of these."""
        by_seq = self._by_seq
        for seq in seqs:
            by_seq.setdefault(seq, {})[consumer] = None

    def let_go(self, consumer: Consumer, seqs: Iterable[int]) -> None:
        """`consumer` keeps nothing of these any more."""
        by_seq = self._by_seq
        for seq in seqs:
            holders = by_seq.get(seq)
            if holders is not None:
                holders.pop(consumer, None)
                if not holders:
                    del by_seq[seq]
