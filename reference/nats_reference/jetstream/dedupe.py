"""The message ids of late, so that what comes twice is stored once.

JS-PUB-017 .. JS-PUB-021, JS-PUB-023. The table knows ids, not messages: one that was
removed is remembered until its time is over.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import fields

if TYPE_CHECKING:
    from nats_reference.jetstream.store import Store

MSG_ID: Final = b"Nats-Msg-Id"


class Dedupe:
    """Ids and the sequences they were stored under."""

    def __init__(self, window: int) -> None:
        #: How long an id is remembered, in nanoseconds; 0 for not at all.
        self.window = window
        #: The id of the last message, empty if it had none.
        self.last_id = b""
        self._known: dict[bytes, int] = {}
        #: Id, sequence and time of each, oldest first.
        self._order: deque[tuple[bytes, int, int]] = deque()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, msg_id: bytes, now: int) -> int:
        """The sequence that `msg_id` was stored under within the window, or 0."""
        self.expire(now)
        return self._known.get(msg_id, 0)

    def remember(self, msg_id: bytes, seq: int, time: int) -> None:
        """A message was stored; `msg_id` may be empty."""
        self.last_id = msg_id
        if msg_id and self.window:
            self._known[msg_id] = seq
            self._order.append((msg_id, seq, time))

    def expire(self, now: int) -> None:
        """Forget the ids whose time is over (JS-PUB-019)."""
        order = self._order
        while order and over(order[0][2], now, self.window):
            msg_id, seq, _ = order.popleft()
            if self._known.get(msg_id) == seq:
                del self._known[msg_id]

    def due(self) -> int | None:
        """When the time of the oldest id is over, if there is one."""
        return self._order[0][2] + self.window if self._order else None

    def forget_from(self, seq: int, last_id: bytes) -> None:
        """The messages from `seq` on were not stored after all (JS-PUB-018)."""
        self.last_id = last_id
        while self._order and self._order[-1][1] >= seq:
            msg_id, _, _ = self._order.pop()
            self._known.pop(msg_id, None)


def over(time: int, now: int, window: int) -> bool:
    """Whether an id of `time` is no longer remembered."""
    return now >= time + window


def rebuilt(store: Store, window: int, now: int) -> Dedupe:
    """The table of a stream that is opened again, from its messages (JS-PUB-021, JS-PUB-023)."""
    table = Dedupe(window)
    since = store.index.at_time(now - window + 1) if window else 0
    if since:
        for record in store.with_headers(since):
            table.remember(message_id(record.headers), record.seq, record.time)
    last = store.get(store.index.last_seq)
    table.last_id = message_id(last.headers) if last is not None else b""
    return table


def message_id(headers: bytes | None) -> bytes:
    """The id in a header block, empty if there is none."""
    return fields.parse(headers).get(MSG_ID, b"") if headers else b""
