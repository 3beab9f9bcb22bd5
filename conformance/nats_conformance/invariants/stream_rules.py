"""The rules of a log that need no memory of more than one message.

JS-PUB-004, JS-PUB-005, JS-PUB-024, JS-PUB-033, JS-LIM-001 .. JS-LIM-005, JS-LIM-009,
JS-LIM-011, JS-LIM-015: one class each. Rules over sums judge only a stream that stood still.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from nats_spec.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .stream_log import Figures, Logged, View

#: Nanoseconds that a message may outlive max_age: servers look now and then.
SLACK: Final = 5 * 10**9
#: A message that max_age doesn't remove.
_FOREVER: Final = re.compile(rb"\r\nNats-TTL:[ \t]*never[ \t]*\r\n", re.IGNORECASE)
#: A block without fields, and what stands for bytes that are no UTF-8 in JSON.
_BARE: Final = len(b"NATS/1.0\r\n\r\n")
_LOST: Final = "\ufffd".encode()
#: Subjects that need not be looked at again.
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong."""

    text: str
    #: With which message; None is the stream as a whole.
    message: Logged | None = None
    #: If it is not the rule's own requirement.
    requirement: str = ""


class Rule:
    """What must hold of every message, or of all together."""

    requirement: ClassVar[str]
    #: Whether it holds only if the configuration has always been this.
    lasting: bool = False
    #: Why it did not judge, if it did not.
    given_up: str = ""

    def __init__(self, view: View) -> None:
        """Begin with the first message."""
        self.view = view

    def see(self, message: Logged) -> str | None:  # noqa: ARG002 - most ask the end
        """What is wrong with the next message."""
        return None

    def end(self, after: Figures, *, still: bool) -> Iterator[Breach]:  # noqa: ARG002
        """What is wrong in the end; the state is `after`, and `still` that of the beginning."""
        yield from ()


class Ascending(Rule):
    """Sequences ascend."""

    requirement = "JS-PUB-004"
    _last = 0

    def see(self, message: Logged) -> str | None:
        """Compare with the message before."""
        last, self._last = self._last, message.seq
        return None if message.seq > last else f"it comes after message {last}"


class Times(Rule):
    """Times do not go back, unless they are those of another stream."""

    requirement = "JS-PUB-005"
    _last = 0

    def see(self, message: Logged) -> str | None:
        """Compare with the message before."""
        last, self._last = self._last, message.time
        if message.time >= last or self.view.copies:
            return None
        return f"it was stored {(last - message.time) / 10**9:.9f} s before the message before it"


class Onward(Rule):
    """The last sequence does not decrease."""

    requirement = "JS-LIM-001"

    def end(self, after: Figures, *, still: bool) -> Iterator[Breach]:  # noqa: ARG002
        """Compare with the beginning."""
        before = self.view.before
        if after.last_seq < before.last_seq:
            yield Breach(f"last_seq was {before.last_seq} and is now {after.last_seq}")


class Counted(Rule):
    """`messages` counts what is there, and what is missing is `num_deleted`."""

    requirement = "JS-LIM-002"
    _count = 0

    def see(self, message: Logged) -> str | None:  # noqa: ARG002
        """Count it."""
        self._count += 1
        return None

    def end(self, after: Figures, *, still: bool) -> Iterator[Breach]:
        """Compare the count, and what INFO says by itself."""
        told = after.messages
        if still and self._count != told:
            yield Breach(f"{self._count} messages are there, messages says {told}")
        held = after.last_seq - after.first_seq + 1
        if told and told != held - after.num_deleted:
            yield Breach(
                f"{held} sequences from first_seq {after.first_seq} to last_seq {after.last_seq}"
                f" less num_deleted {after.num_deleted} are not messages {told}"
            )


class Empty(Rule):
    """Without messages there are no bytes, and the next message will be the first."""

    requirement = "JS-LIM-003"

    def end(self, after: Figures, *, still: bool) -> Iterator[Breach]:  # noqa: ARG002
        """Compare what INFO says by itself."""
        if after.messages:
            return
        if after.first_seq != after.last_seq + 1 and (after.first_seq, after.last_seq) != (0, 0):
            yield Breach(f"no messages, first_seq {after.first_seq}, last_seq {after.last_seq}")
        if after.num_bytes:
            yield Breach(f"no messages, but {after.num_bytes} bytes")


class Ends(Rule):
    """`first_seq` is the first message; none lies behind `last_seq`; times are theirs."""

    requirement = "JS-LIM-004"
    _first: Logged | None = None
    _last: Logged | None = None

    def see(self, message: Logged) -> str | None:
        """Keep the first and the last."""
        self._first = self._first or message
        self._last = message
        first_seq = self.view.before.first_seq
        return None if message.seq >= first_seq else f"it lies before first_seq {first_seq}"

    def end(self, after: Figures, *, still: bool) -> Iterator[Breach]:
        """Compare them with INFO."""
        first, last = self._first, self._last
        if first is None or last is None or not still:
            return
        if first.seq > after.first_seq:
            yield Breach(f"it is the first, first_seq is {after.first_seq}", first)
        elif first.seq == after.first_seq and first.time != after.first_time:
            yield Breach("first_ts is not its time", first)
        if last.seq > after.last_seq:
            yield Breach(f"it lies behind last_seq {after.last_seq}", last)
        elif last.seq == after.last_seq and last.time != after.last_time:
            yield Breach("last_ts is not its time", last)


class Sizes(Rule):
    """`bytes` is the sum of what each message counts for."""

    requirement = "JS-LIM-005"

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._total = 0
        file = view.config.get("storage") == "file"
        self._base, self._with_block = (30, 34) if file else (16, 16)
        #: Messages that may have a block without fields; subjects that may not be as they were read.
        self._bare = self._lost = 0

    def see(self, message: Logged) -> str | None:
        """Add what it counts for."""
        block = message.block
        base = self._with_block if block else self._base
        self._total += base + len(message.subject) + len(block) + message.length
        self._bare += not block
        self._lost += _LOST in message.subject
        return None

    def end(self, after: Figures, *, still: bool) -> Iterator[Breach]:
        """Compare the sum, unless what was read may differ from what is stored (`reading`)."""
        if not still or self._total == after.num_bytes:
            return
        # DIRECT.GET doesn't show a block without fields, JSON no bytes that are no UTF-8.
        more, each = after.num_bytes - self._total, _BARE + self._with_block - self._base
        direct = self.view.config.get("allow_direct")
        if direct and more % each == 0 and 0 < more <= each * self._bare:
            self.given_up = f"bytes: {more // each} messages may have blocks without fields"
        elif self._lost and not direct:
            self.given_up = "bytes: subjects that are no UTF-8 can't be read without allow_direct"
        else:
            yield Breach(f"its messages count for {self._total}, bytes says {after.num_bytes}")


class Within(Rule):
    """With discard old no limit of the stream is exceeded."""

    requirement = "JS-LIM-009"
    discards = "old"

    def end(self, after: Figures, *, still: bool) -> Iterator[Breach]:  # noqa: ARG002
        """Compare INFO with the configuration."""
        if self.view.config.get("discard", "old") != self.discards:
            return
        for name, told in (("max_msgs", after.messages), ("max_bytes", after.num_bytes)):
            if 0 < self.view.limit(name) < told:
                yield Breach(f"{name} is {self.view.limit(name)}, there are {told}")


class Full(Within):
    """With discard new nothing was let in beyond a limit; a later update removes nothing."""

    requirement = "JS-LIM-011"
    discards = "new"
    lasting = True


class Aged(Rule):
    """Nothing is older than max_age, unless it never expires (JS-TTL)."""

    requirement = "JS-LIM-015"

    def __init__(self, view: View) -> None:
        super().__init__(view)
        age = view.limit("max_age")
        self._oldest = view.now - age - SLACK if age else 0

    def see(self, message: Logged) -> str | None:
        """Compare its time with the oldest that may be."""
        if message.time >= self._oldest or _FOREVER.search(message.block):
            return None
        age = (self.view.now - message.time) / 10**9
        return f"it is {age:.1f} s old, max_age is {self.view.limit('max_age') / 10**9:g} s"


class Small(Rule):
    """No message is larger than max_msg_size."""

    requirement = "JS-PUB-024"
    lasting = True

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._limit = view.limit("max_msg_size") or float("inf")

    def see(self, message: Logged) -> str | None:
        """Compare its size with the largest that may be."""
        size = len(message.block) + message.length
        if size <= self._limit:
            return None
        return f"it has {size} bytes, max_msg_size is {self._limit}"


class Captured(Rule):
    """Each subject is one that the stream hears."""

    requirement = "JS-PUB-033"
    lasting = True

    def __init__(self, view: View) -> None:
        super().__init__(view)
        elsewhere = view.copies or view.config.get("subject_transform")
        subjects = view.config.get("subjects") or []
        self._heard = () if elsewhere else tuple(str(each).encode() for each in subjects)
        self._known: set[bytes] = set()

    def see(self, message: Logged) -> str | None:
        """Look for a subject of the stream that matches."""
        if not self._heard or message.subject in self._known:
            return None
        for pattern in self._heard:
            if matches(pattern, message.subject):
                if len(self._known) < _REMEMBERED:
                    self._known.add(message.subject)
                return None
        return f"subjects are {self.view.config['subjects']}"


RULES: Final[tuple[type[Rule], ...]] = (
    *(Ascending, Times, Onward, Counted, Empty, Ends, Sizes, Within, Full, Aged, Small, Captured),
)
