"""Faults of chapter 112, limits and retention: what is left after a kill, a full disk, damage."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.publishing import JETSTREAM
from nats_reference.faults.stream_state import reopened

if TYPE_CHECKING:
    from nats_reference.jetstream.dedupe import Dedupe
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.store import Store
    from nats_reference.jetstream.store.sqlite import SQLiteStore
    from nats_reference.jetstream.stream import Stream

SQLITE = f"{JETSTREAM}.store.sqlite:SQLiteStore"
DEDUPE = f"{JETSTREAM}.dedupe"

#: Nanoseconds for which a message can't be read yet.
MOMENT = 50_000_000


@fault("JS-LIM-026", "a message can be read a moment after its acknowledgement")
def read_later(patch: Patch) -> None:
    """The last one of a stream, that is."""
    path = f"{JETSTREAM}.stream:Stream.get"
    get = patch.original(path)

    def patient(self: Stream, seq: int) -> Record | None:
        found: Record | None = get(self, seq)
        last = found is not None and seq == self.store.index.last_seq
        if last and self.host.clock.wall() - self.store.index.last_time < MOMENT:
            return None
        return found

    patch.attribute(path, patient)


@fault("JS-LIM-040", "what was written last before a kill comes back in half")
def half_a_message(patch: Patch) -> None:
    """Its second half was still to come."""
    path = f"{SQLITE}.get"
    get = patch.original(path)
    halved: dict[Any, int] = {}

    def note(stream: Stream) -> None:
        halved[stream.store] = stream.store.index.last_seq

    def half(self: SQLiteStore, seq: int) -> Record | None:
        found: Record | None = get(self, seq)
        if found is not None and halved.get(self) == seq:
            return found._replace(payload=found.payload[: len(found.payload) // 2])
        return found

    reopened(patch, note)
    patch.attribute(path, half)


@fault("JS-LIM-041", "the last ids before a kill are forgotten")
def last_ids_are_lost(patch: Patch) -> None:
    """Of the last ten messages."""
    rebuilt = patch.original(f"{DEDUPE}:rebuilt")

    def shorter(store: Store, window: int, now: int) -> Dedupe:
        table: Dedupe = rebuilt(store, window, now)
        known = table._known  # noqa: SLF001 - there is no other way to forget an id
        for identifier in [each for each, seq in known.items() if seq > store.index.last_seq - 10]:
            del known[identifier]
        return table

    patch.attribute(f"{DEDUPE}:rebuilt", shorter)


@fault("JS-LIM-042", "what a limit removes stays in the file")
def left_in_the_file(patch: Patch) -> None:
    """Until somebody reads it again."""
    for name in ("enforce", "enforce_all"):
        path = f"{JETSTREAM}.retention:{name}"
        patch.attribute(path, _leaving(patch.original(path)))


def _leaving(enforce: Any) -> Any:  # noqa: ANN401 - any of the two
    def lazy(stream: Stream, *arguments: bytes) -> None:
        dropped = getattr(stream.store, "_dropped", None)
        before = list(dropped or ())
        enforce(stream, *arguments)
        if dropped is not None:
            dropped[:] = before

    return lazy


@fault("JS-LIM-043", "after a restart the stream's limits are enforced before the subject's")
def enforced_anew(patch: Patch) -> None:
    """On what was there before the limits: one message too many goes."""

    def drop(stream: Stream) -> None:
        config = stream.config
        limited = max(config.max_msgs, config.max_bytes) > 0
        if limited and config.max_msgs_per_subject > 0:
            stream.discard(stream.store.index.first_seq)

    reopened(patch, drop)


@fault("JS-LIM-044", "what has no room is acknowledged")
def acknowledged_all_the_same(patch: Patch) -> None:
    """There may be room later."""
    from nats_reference.jetstream.store import StoreFailure  # noqa: PLC0415 - with JetStream alone

    path = f"{SQLITE}.commit"
    commit = patch.original(path)

    def hopeful(self: SQLiteStore) -> None:
        with suppress(StoreFailure):
            commit(self)

    patch.attribute(path, hopeful)


@fault("JS-LIM-046", "no checksum is looked at")
def unverified(patch: Patch) -> None:
    """What is read will be right."""
    patch.attribute(f"{JETSTREAM}.store.recovery:check_size", lambda _path: None)
    patch.attribute(f"{JETSTREAM}.store.wal:check", lambda _path: None)
    patch.attribute(f"{JETSTREAM}.store.database:message_checksum", lambda *_message: 0)


@fault("JS-LIM-050", "an update enforces the limit of each subject first")
def subjects_first(patch: Patch) -> None:
    """As for a message that is stored."""
    path = f"{JETSTREAM}.retention:enforce_all"
    enforce_subject = patch.original(f"{JETSTREAM}.retention:enforce_subject")
    enforce_all = patch.original(path)

    def other(stream: Stream) -> None:
        if stream.config.max_msgs_per_subject > 0:
            for subject in tuple(stream.store.index.tracks):
                enforce_subject(stream, subject)
        enforce_all(stream)

    patch.attribute(path, other)
