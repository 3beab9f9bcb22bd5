"""Messages on their way from one stream to another, in order, each once.

JS-MIRROR-001 .. JS-MIRROR-006, JS-MIRROR-010 .. JS-MIRROR-013. How far a feed has come is kept with the stream that it
feeds, in the commit that stores what it brought; so a restart neither loses nor repeats anything.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import fields, publishing, retention, ttl
from nats_reference.jetstream.consumer.position import count_matching, next_matching
from nats_reference.jetstream.dedupe import MSG_ID
from nats_reference.jetstream.publication import Publication

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nats_reference.jetstream.copying.selecting import Selection
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.stream import Stream

#: Messages that are brought in one round.
BATCH: Final = 250
SOURCE: Final = b"Nats-Stream-Source"
#: Fields that were meant for the origin alone.
EXPECTATIONS: Final = (
    b"Nats-Expected-Stream",
    b"Nats-Expected-Last-Sequence",
    b"Nats-Expected-Last-Subject-Sequence",
    b"Nats-Expected-Last-Subject-Sequence-Subject",
    b"Nats-Expected-Last-Msg-Id",
)
#: A mirror has caught up when fewer messages than that are missing (JS-DIRECT-018).
CAUGHT_UP: Final = 10
#: What the position of a feed is kept under.
KEPT: Final = "copied "


class Feed:
    """One origin of one stream. It follows the origin as consumers do."""

    def __init__(
        self, stream: Stream, selected: Selection, soon: Callable[[Feed], None], *, mirror: bool
    ) -> None:
        self.stream = stream
        self.selected = selected
        self.mirror = mirror
        self.origin: Stream | None = None
        #: The next sequence of the origin; 0 if it has not begun.
        self.next = int(stream.store.load(self.key).get(self.key, b"0"))
        #: When something came last, by the wall clock; 0 for never.
        self.active = 0
        self.waiting = False
        #: Whether it has caught up, be it once.
        self.caught_up = False
        self._soon = soon

    @property
    def key(self) -> str:
        """What its position is kept under."""
        return KEPT + self.selected.key

    def attach(self, origin: Stream) -> None:
        """The origin is there."""
        self.origin = origin
        origin.observers.append(self)
        self._soon(self)

    def detach(self) -> None:
        """The origin is gone, or nobody wants it any more."""
        if self.origin is not None:
            self.origin.observers.remove(self)
            self.origin = None

    def lag(self) -> int:
        """Messages that are still to come."""
        if self.origin is None:
            return 0
        return count_matching(self.origin.store.index, self.selected.patterns, max(self.next, 1))

    # ---- What an origin tells those who follow it ------------------------------------

    def wants(self, subject: bytes) -> bool:  # noqa: ARG002 - it is kept for consumers, not for copies
        """No interest that would keep a message."""
        return False

    def interesting(self) -> None:
        """What was brought stays."""

    def storing(self, first: int, last: int) -> None:
        """Nothing to be kept with them."""

    def stored(self, first: int, last: int) -> None:  # noqa: ARG002 - it looks for itself
        """There is more to bring: at once, before something replaces it."""
        self.bring()

    def undone(self) -> None:
        """Nothing was brought."""

    def removed(self, messages: Sequence[tuple[int, bytes]], purged: Sequence[bytes]) -> None:
        """What was brought stays (JS-MIRROR-003)."""

    def purged(self, first: int, pattern: bytes) -> None:
        """The same."""

    # ---- Bringing ----------------------------------------------------------------------

    def bring(self) -> None:
        """Store what has come; the rest soon."""
        origin, stream = self.origin, self.stream
        if origin is None or origin.offline or stream.offline or stream.config.sealed:
            return
        stream.drain()
        index = origin.store.index
        if not self.next:
            self._begin(origin)
        round_ = publishing.Round(stream)
        came, position = 0, self.next
        while came < BATCH and (seq := next_matching(index, self.selected.patterns, position)):
            record = origin.get(seq)
            if record is None or not self._store(round_, record):
                break
            came, position = came + 1, seq + 1
        if came:
            stream.store.save(self.key, b"%d" % position)
            if publishing.finish(round_):
                self.next, self.active = position, stream.host.clock.wall()
                if came == BATCH:
                    self._soon(self)
        self.caught_up = self.caught_up or self.lag() < CAUGHT_UP

    def _begin(self, origin: Stream) -> None:
        """Find the first sequence (JS-MIRROR-005); a mirror begins to number there."""
        own, index = self.stream.store.index, origin.store.index
        if self.mirror and own.last_seq:
            self.next = own.last_seq + 1
            return
        self.next = max(self.selected.first(index), 1)
        begin = max(self.next, index.first_seq)
        if self.mirror and begin > 1:
            self.stream.store.skip_to(begin - 1, 0)

    def _store(self, round_: publishing.Round, record: Record) -> bool:
        """Store one message; False if there is no room for it."""
        publication = self._publication(record)
        if self.mirror:
            round_.now = record.time
            if record.seq > round_.index.last_seq + 1:
                self.stream.store.skip_to(record.seq - 1, record.time)
        elif round_.stream.dedupe.find(publication.fields.get(MSG_ID, b""), round_.now):
            return True
        if round_.config.discard == "new" and retention.full(
            round_.config,
            round_.index,
            publication.subject,
            round_.size_of(publication),
            rollup=bool(publication.rollup),
        ):
            return False
        publishing.store(round_, publication)
        return True

    def _publication(self, record: Record) -> Publication:
        config = self.stream.config
        subject = self.selected.renamed(record.subject)
        if self.stream.transform is not None:
            subject = self.stream.transform(subject) or subject
        headers = _freed(record.headers)
        if not self.mirror:
            headers = self._marked(headers or fields.BLANK, record)
        made = Publication(subject, None, headers, record.payload)
        rollup = made.fields.get(b"Nats-Rollup", b"").lower()
        if config.allow_rollup_hdrs and rollup in {b"sub", b"all"}:
            made.rollup = rollup
        lifetime = ttl.seconds(made.fields.get(ttl.FIELD, b"")) or 0
        if ttl.counts(config, lifetime):
            ttl.take_effect(config, made, lifetime)
        return made

    def _marked(self, block: bytes, record: Record) -> bytes:
        """The headers, with where it comes from (JS-MIRROR-010)."""
        block = fields.without(block, SOURCE)
        origin = b" ".join(
            [
                self.selected.name.encode(),
                b"%d" % record.seq,
                self.selected.filters,
                self.selected.destinations,
                record.subject,
                identity(self.origin),
            ]
        )
        return block.removesuffix(fields.END) + b"%b: %b" % (SOURCE, origin) + fields.END * 2


def _freed(block: bytes | None) -> bytes | None:
    """The headers without what was expected of the origin (JS-MIRROR-001)."""
    if not block or b"\r\nNats-Expected-" not in block:
        return block
    for name in EXPECTATIONS:
        block = fields.without(block, name)
    return None if block == fields.BLANK else block


def identity(origin: Stream | None) -> bytes:
    """Eight letters that tell a stream from another of the same name."""
    if origin is None:
        return b"-"
    said = f"{origin.config.name} {origin.created_ns}".encode()
    return base64.b64encode(hashlib.sha256(said).digest(), altchars=b"aZ")[:8]
