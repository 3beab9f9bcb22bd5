"""The rules of a log that must remember subjects and message ids.

JS-LIM-006, JS-LIM-008, JS-PUB-017. What is remembered of a key is a hash of eight bytes; `MOST`
keys take about 100 MB. With more the rule gives up, says so, and forgets everything.
"""

from __future__ import annotations

from collections import deque
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from nats_spec.headers import MalformedHeader, parse
from nats_spec.model.stream import MSG_ID

from .stream_rules import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .stream_log import Figures, Logged, View

#: Keys that are remembered at most.
MOST: Final = 1_000_000
#: Breaches of one rule that are kept until the end.
_SHOWN: Final = 20


class PerSubject(Rule):
    """No subject has more messages than it may."""

    requirement = "JS-LIM-008"

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._limit = view.limit("max_msgs_per_subject")
        self._counts: dict[int, int] = {}
        self._beyond: list[Breach] = []

    def see(self, message: Logged) -> str | None:
        """Count it for its subject."""
        if self.given_up:
            return None
        key = _hash(message.subject)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if 0 < self._limit < count and len(self._beyond) < _SHOWN:
            said = f"it is number {count} of its subject, max_msgs_per_subject is {self._limit}"
            self._beyond.append(Breach(said, message))
        if count == 1 and len(self._counts) > MOST:
            self.given_up = f"more than {MOST:,} subjects: they were not counted"
            self._counts.clear()
        return None

    def end(self, after: Figures, *, still: bool) -> Iterator[Breach]:
        """Tell of those beyond the limit; compare the number of subjects."""
        if self.given_up or not still:
            return
        yield from self._beyond
        told, counted = after.num_subjects, len(self._counts)
        if told != counted:
            said = f"its messages have {counted} subjects, num_subjects says {told}"
            yield Breach(said, requirement="JS-LIM-006")


class Duplicates(Rule):
    """No two messages have one id within the window."""

    requirement = "JS-PUB-017"
    lasting = True

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._window = 0 if view.copies else view.limit("duplicate_window")
        self._seen: dict[int, tuple[int, int]] = {}
        self._order: deque[tuple[int, int]] = deque()

    def see(self, message: Logged) -> str | None:
        """Compare with the messages within the window."""
        if not self._window or MSG_ID not in message.block or self.given_up:
            return None
        found = _id(message.block)
        if not found:
            return None
        since = message.time - self._window
        while self._order and self._order[0][0] <= since:
            time, key = self._order.popleft()
            if self._seen.get(key, (0, 0))[0] == time:
                del self._seen[key]
        key = _hash(found)
        known = self._seen.get(key)
        self._seen[key] = (message.time, message.seq)
        self._order.append((message.time, key))
        if len(self._order) > MOST:
            self.given_up = f"more than {MOST:,} message ids within the window: not compared"
            self._seen.clear()
            self._order.clear()
        if known is None or known[0] <= since:
            return None
        apart = (message.time - known[0]) / 10**9
        shown = found.decode(errors="replace")
        return f"message {known[1]} has the same Nats-Msg-Id {shown} and is {apart:.3f} s older"


def _id(block: bytes) -> bytes:
    try:
        return next(iter(parse(block).values(MSG_ID)), b"")
    except MalformedHeader:
        return b""


def _hash(key: bytes) -> int:
    return int.from_bytes(blake2b(key, digest_size=8).digest())
