"""What goes when its time is over: messages by max_age, message ids by duplicate_window.

JS-LIM-015, JS-PUB-019. One timer a stream, set to whatever is due first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.clock import Timer
    from nats_reference.jetstream.stream import Stream

#: What falls due within so many seconds is done together (JS-PUB-019).
PAUSE = 0.05
#: After so many seconds it is tried again, if the store could not.
RETRY = 1.0


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
        self._timer = clock.call_later(max((when - clock.wall()) / 1e9, PAUSE), self._ring)

    def cancel(self) -> None:
        """Have it not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        stream = self._stream
        stream.drain()
        now = stream.host.clock.wall()
        stream.dedupe.expire(now)
        expire(stream, now)
        try:
            stream.commit()
        except ApiError as error:
            stream.host.log.error(str(error))
            self._timer = stream.host.clock.call_later(RETRY, self._ring)
        else:
            self.schedule()


def due(stream: Stream) -> int | None:
    """When the next thing is over, in nanoseconds since 1970."""
    index, max_age = stream.store.index, stream.config.max_age
    moments = [stream.dedupe.due()]
    if max_age and index.messages:
        moments.append(index.time(index.first_seq) + max_age)
    return min((moment for moment in moments if moment is not None), default=None)


def expire(stream: Stream, now: int) -> None:
    """Drop the messages that are older than max_age (JS-LIM-015)."""
    index, max_age = stream.store.index, stream.config.max_age
    while max_age and index.messages and too_old(index.time(index.first_seq), now, max_age):
        stream.discard(index.first_seq)


def too_old(time: int, now: int, max_age: int) -> bool:
    """Whether a message of `time` has to go."""
    return now >= time + max_age
