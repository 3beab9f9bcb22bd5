"""What has left a stream since its last commit, for those who follow it.

JS-RET-009 .. JS-RET-015. Deleted and discarded messages are told one by one; a purge and a roll-up
are told as such, too: by the pattern of their subjects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.host import Observer


class Departures:
    """Those of one stream that nobody was told of yet."""

    __slots__ = ("messages", "patterns")

    def __init__(self) -> None:
        #: Sequence and subject of each, in the order in which they went.
        self.messages: list[tuple[int, bytes]] = []
        #: Of what subjects the stream was purged.
        self.patterns: list[bytes] = []

    def __bool__(self) -> bool:
        return bool(self.messages or self.patterns)

    def undone(self, observers: Iterable[Observer]) -> None:
        """They are there again, and nothing else has happened: a commit has failed."""
        self.messages, self.patterns = [], []
        for observer in observers:
            observer.undone()

    def tell(self, observers: Iterable[Observer], first: int) -> None:
        """Have everybody know; `first` is the first message that is left, or will be."""
        messages, patterns = self.messages, self.patterns
        self.messages, self.patterns = [], []
        for observer in observers:
            if messages:
                observer.removed(messages, patterns)
            for pattern in patterns:
                observer.purged(first, pattern)
