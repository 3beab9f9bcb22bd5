"""Faults of chapter 115: mirrors and sources bring something else, or something more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.copying.copies import Copies
    from nats_reference.jetstream.copying.feed import Feed
    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.stream import Stream

COPYING = "nats_reference.jetstream.copying"
FEED = f"{COPYING}.feed:Feed"
COPIES = f"{COPYING}.copies:Copies"
SELECTION = f"{COPYING}.selecting:Selection"


def publications(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of a publication
    """Have something else stored."""

    def made(original: Any, self: Feed, record: Record) -> Publication:  # noqa: ANN401 - handed on
        publication: Publication = original(self, record)
        change(self, publication)
        return publication

    wrap(patch, f"{FEED}._publication", made)


@fault("JS-MIRROR-001", "a mirror has the time of the copy")
def new_times(patch: Patch) -> None:
    """Of now."""

    def store(original: Any, self: Feed, round_: Any, record: Record) -> bool:  # noqa: ANN401 - handed on
        now = self.stream.host.clock.wall()
        return bool(original(self, round_, record._replace(time=now) if self.mirror else record))

    wrap(patch, f"{FEED}._store", store)


@fault("JS-MIRROR-001/expected", "what was expected of the origin is copied")
def expectations(patch: Patch) -> None:
    """As it is stored there."""
    patch.attribute(f"{COPYING}.feed:_freed", lambda block: block)


@fault("JS-MIRROR-002", "a mirror has no gaps")
def no_gaps(patch: Patch) -> None:
    """It numbers anew."""

    def store(original: Any, self: Feed, round_: Any, record: Record) -> bool:  # noqa: ANN401 - handed on
        if self.mirror and round_.index.messages:
            record = record._replace(seq=round_.index.last_seq + 1)
        return bool(original(self, round_, record))

    wrap(patch, f"{FEED}._store", store)


@fault("JS-MIRROR-003", "what the origin loses is lost to its copies")
def losses(patch: Patch) -> None:
    """Message by message."""

    def removed(_original: Any, self: Feed, messages: Any, *, purged: bool = False) -> None:  # noqa: ANN401, ARG001 - of an observer
        for seq, _ in messages:
            self.stream.discard(seq)
        self.stream.commit()

    wrap(patch, f"{FEED}.removed", removed)


@fault("JS-MIRROR-004", "what is purged from a mirror is copied again")
def again(patch: Patch) -> None:
    """When the next message comes."""

    def bring(original: Any, self: Feed) -> None:  # noqa: ANN401 - handed on
        if self.mirror and self.next > 1 and not self.stream.store.index.messages:
            self.next = 1
        original(self)

    wrap(patch, f"{FEED}.bring", bring)


@fault("JS-MIRROR-005", "a mirror begins at the beginning")
def from_the_first(patch: Patch) -> None:
    """Wherever it was told to."""
    patch.attribute(f"{SELECTION}.first", lambda _self, _index: 1)


@fault("JS-MIRROR-006", "subjects stay what they are")
def same_subjects(patch: Patch) -> None:
    """They are filters only."""
    patch.attribute(f"{SELECTION}.renamed", lambda _self, subject: subject)


def told(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of JSON
    """Have INFO say something else of a mirror or source."""

    def entry(original: Any, self: Copies, stream: Stream, described: Any) -> Any:  # noqa: ANN401 - handed on
        return change(original(self, stream, described))

    wrap(patch, f"{COPIES}.told", entry)


@fault("JS-MIRROR-007", "it is not told what is filtered")
def no_filters(patch: Patch) -> None:
    """Only of whom."""
    told(
        patch,
        lambda found: {name: value for name, value in found.items() if name != "filter_subject"},
    )


@fault("JS-MIRROR-009", "who comes late is not waited for")
def not_waited_for(patch: Patch) -> None:
    """It is told that it isn't there."""
    patch.attribute(f"{COPIES}.adopt", lambda self, stream: self.change(stream))


@fault("JS-MIRROR-010", "messages don't say where they come from")
def unmarked(patch: Patch) -> None:
    """They look like the stream's own."""

    def change(self: Feed, publication: Publication) -> None:
        if not self.mirror:
            publication.headers = None

    publications(patch, change)


@fault("JS-MIRROR-010/start", "a source begins at the beginning")
def sources_from_the_first(patch: Patch) -> None:
    """Wherever it was told to."""
    patch.attribute(f"{SELECTION}.first", lambda _self, _index: 1)


@fault("JS-MIRROR-011", "after a restart a source begins anew")
def anew(patch: Patch) -> None:
    """It has forgotten where it was."""

    def begin(original: Any, self: Feed, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - handed on
        original(self, *arguments, **named)
        if not self.mirror:
            self.next = 0

    wrap(patch, f"{FEED}.__init__", begin)


@fault("JS-MIRROR-012", "what a stream hears itself is not stored beside its sources")
def sources_only(patch: Patch) -> None:
    """It is acknowledged."""

    def ingest(original: Any, self: Stream, *arguments: Any) -> bool:  # noqa: ANN401 - handed on
        return bool(self.config.sources) or bool(original(self, *arguments))

    wrap(patch, "nats_reference.jetstream.stream:Stream.ingest", ingest)


@fault("JS-MIRROR-013", "sources are not deduplicated")
def duplicates(patch: Patch) -> None:
    """Whatever the window is."""

    def change(self: Feed, publication: Publication) -> None:
        if not self.mirror:
            publication.fields = {}

    publications(patch, change)


@fault("JS-MIRROR-014", "sources of an update are not followed")
def never_changed(patch: Patch) -> None:
    """Those that were there stay."""

    def change(original: Any, self: Copies, stream: Stream) -> None:  # noqa: ANN401 - handed on
        if stream.config.name not in self._feeds:
            original(self, stream)

    wrap(patch, f"{COPIES}.change", change)


@fault("JS-MIRROR-022", "a mirror rolls up though it may not")
def rolls_up(patch: Patch) -> None:
    """As its origin did."""

    def change(_self: Feed, publication: Publication) -> None:
        publication.rollup = publication.fields.get(b"Nats-Rollup", b"").lower()

    publications(patch, change)


@fault("JS-MIRROR-023", "an empty mirror has no first sequence")
def no_first(patch: Patch) -> None:
    """Until it has a message."""

    def begin(_original: Any, self: Feed, origin: Stream) -> None:  # noqa: ANN401 - handed on
        own = self.stream.store.index
        self.next = (own.last_seq if self.mirror else 0) + 1
        if not own.last_seq:
            self.next = max(self.selected.first(origin.store.index), 1)

    wrap(patch, f"{FEED}._begin", begin)
