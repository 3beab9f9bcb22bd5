"""Messages that are to go because no consumer needs them: with the next commit, or a later one.

JS-RET-003, JS-RET-006, JS-RET-007, JS-RET-016. A commit that fails brings them back; they go when
it is tried again, unless a consumer that the failure set back needs them still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.group import Group


class Unneeded:
    """Those of one stream."""

    __slots__ = ("_back", "_group", "_leaving")

    def __init__(self, group: Group) -> None:
        self._group = group
        self._leaving: list[int] = []
        #: What has come back.
        self._back: list[int] = []

    def discard(self, seq: int) -> None:
        """Nobody needs this."""
        self._leaving.append(seq)
        self._group.stream.discard(seq)

    def kept(self) -> None:
        """They are gone for good."""
        self._leaving = []

    def undone(self) -> None:
        """They are back."""
        back, self._leaving = self._leaving, []
        self._back += back

    def again(self) -> None:
        """Have them go now."""
        back, self._back = self._back, []
        if self._group.stream.config.retention != "limits":
            for seq in back:
                if not self._group.needed(seq):
                    self.discard(seq)
