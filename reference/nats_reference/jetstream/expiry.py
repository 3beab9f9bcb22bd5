"""What goes when its time is over: messages by max_age or as they say, ids by duplicate_window.

JS-LIM-015, JS-LIM-016, JS-PUB-019, JS-TTL-004 .. JS-TTL-009, JS-TTL-014. One timer a
stream, set to whatever is due first.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from nats_reference.jetstream import markers, preconditions, publishing
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.clock import Timer
    from nats_reference.jetstream.publishing import Round
    from nats_reference.jetstream.stream import Stream

#: What falls due within so many seconds is done together (JS-PUB-019).
PAUSE = 0.05
#: After so many seconds it is looked again, whatever is due: no timer is set for longer.
LONGEST = 86400.0
#: After so many seconds it is tried again, if the store could not.
RETRY = 1.0
#: Neither an id nor a message has a time that is over.
NEVER = (None, None)


class Expiry:
    """The timer of one stream."""

    __slots__ = ("_stream", "_timer", "_when")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._timer: Timer | None = None
        self._when = 0

    def schedule(self) -> None:
        """Have the timer ring when something is due, if that is sooner than it would."""
        when = due(self._stream)
        if when is None or (self._timer is not None and self._when <= when):
            return
        self.cancel()
        clock = self._stream.host.clock
        self._when = when
        delay = max((when - clock.wall()) / 1e9, PAUSE)
        self._timer = clock.call_later(min(delay, LONGEST), self._ring)

    def cancel(self) -> None:
        """Have it not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def run(self) -> None:
        """Look now what is over."""
        self.cancel()
        self._ring()

    def _ring(self) -> None:
        self._timer = None
        stream = self._stream
        stream.drain()
        now = stream.host.clock.wall()
        stream.dedupe.expire(now)
        if expire(stream, now):
            stream.lifetimes.tidy(stream.store.index)
            self.schedule()
        else:
            self._timer = stream.host.clock.call_later(RETRY, self._ring)


def due(stream: Stream) -> int | None:
    """When the next thing is over, in nanoseconds since 1970."""
    index, max_age = stream.store.index, stream.config.max_age
    moments: tuple[int | None, ...] = (stream.dedupe.due(), stream.lifetimes.due())
    if not max_age and moments == NEVER:
        return None
    if max_age and index.messages and (oldest := stream.lifetimes.oldest(index)):
        moments += (index.time(oldest) + max_age,)
    return min((moment for moment in moments if moment is not None), default=None)


def expire(stream: Stream, now: int) -> bool:
    """Remove the messages whose time is over; False if the store could not."""
    index, max_age, lifetimes = stream.store.index, stream.config.max_age, stream.lifetimes
    old: list[int] = []
    if max_age:
        aging = lifetimes.aging(index)
        old += takewhile(lambda seq: too_old(index.time(seq), now, max_age), aging)
    entries = lifetimes.over(now)
    round_ = publishing.Round(stream)
    for seq in (*old, *sorted(seq for _, seq in entries)):
        if seq in index and not replaced(round_, seq):
            stream.discard(seq)
    marked = index.last_seq > round_.before[0]
    kept = publishing.finish(round_) if marked else committed(stream)
    if not kept:
        lifetimes.put_back(entries)
    return kept


def too_old(time: int, now: int, max_age: int) -> bool:
    """Whether a message of `time` has to go."""
    return now >= time + max_age


def replaced(round_: Round, seq: int) -> bool:
    """Whether a marker took the place of the message `seq`; there may be no room for one (JS-TTL-014)."""
    stream, index = round_.stream, round_.index
    if not markers.wanted(stream, seq):
        return False
    publication = markers.marker(stream.config, index.subject(seq) or b"")
    try:
        for check in stream.checks[False][True]:
            check(round_, publication)
    except (ApiError, preconditions.NotWanted):
        return False
    publishing.store(round_, publication)
    return seq not in index


def committed(stream: Stream) -> bool:
    """Whether what was removed is kept so."""
    try:
        stream.commit()
    except ApiError as error:
        stream.host.log.error(str(error))
        return False
    return True
