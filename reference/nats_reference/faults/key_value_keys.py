"""Faults of chapter 130, keys: what is written to a bucket, and what is got."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.key_value import PRECONDITIONS, RETENTION, ingesting
from nats_reference.faults.publishing import JETSTREAM
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.publishing import Round
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.stream import Stream

DIRECT = f"{JETSTREAM}.direct"
EXPECTED = b"Nats-Expected-Last-Subject-Sequence"


@fault("KV-INV-006", "equals signs are not stored")
def no_equals(patch: Patch) -> None:
    """They are for headers."""
    ingesting(patch, lambda message, _payload: b"=" not in message[0])


@fault("KV-INV-032", "only keys that clients let pass are stored")
def strict_keys(patch: Patch) -> None:
    """Servers know buckets, for once."""
    from nats_spec import kv  # noqa: PLC0415 - with JetStream alone

    def keep(message: Any, _payload: bytes) -> bool:  # noqa: ANN401 - a publish
        subject = message[0].decode(errors="replace")
        return not subject.startswith("$KV.") or kv.valid_key(subject.split(".", 2)[2])

    ingesting(patch, keep)


@fault("KV-INV-007", "values are cut at CR LF")
def cut(patch: Patch) -> None:
    """As lines are."""

    def received(original: Any, stream: Stream, message: Any, data: bytes) -> Publication:  # noqa: ANN401
        publication: Publication = original(stream, message, data)
        publication.payload = publication.payload.partition(b"\r\n")[0]
        return publication

    wrap(patch, f"{JETSTREAM}.publishing:received", received)


@fault("KV-INV-008", "refused puts use up a revision")
def used_up(patch: Patch) -> None:
    """So there are gaps."""

    def check(original: Any, round_: Round, publication: Publication) -> None:  # noqa: ANN401
        try:
            original(round_, publication)
        except Exception:
            index = round_.index
            round_.stream.store.skip_to(index.last_seq + 1, round_.now)
            raise

    wrap(patch, f"{PRECONDITIONS}:expected_last_subject_sequence", check)


@fault("KV-INV-009", "the last message of a subject is its first")
def first_is_last(patch: Patch) -> None:
    """For direct gets."""

    def one(original: Any, stream: Stream, asked: dict[str, Any]) -> Record | None:  # noqa: ANN401
        if last := asked.get("last_by_subj"):
            return stream.next(last.encode())
        found: Record | None = original(stream, asked)
        return found

    wrap(patch, f"{DIRECT}:one", one)


@fault("KV-INV-010", "a message without headers and payload is not stored")
def nothing_is_nothing(patch: Patch) -> None:
    """There is nothing to store."""
    ingesting(patch, lambda message, payload: message[2] is not None or payload != b"\r\n")


@fault("KV-INV-011", "for a revision that is gone the next is given")
def the_next_will_do(patch: Patch) -> None:
    """Of whatever key."""

    def one(original: Any, stream: Stream, asked: dict[str, Any]) -> Record | None:  # noqa: ANN401
        found: Record | None = original(stream, asked)
        return found or (stream.next(b">", asked["seq"]) if asked.get("seq") else None)

    wrap(patch, f"{DIRECT}:one", one)


def expecting(patch: Patch, decide: Callable[[Round, Publication, int, int], bool]) -> None:
    """Let `decide(round, publication, expected, newest)` overrule a refusal."""
    from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - with JetStream alone

    def check(original: Any, round_: Round, publication: Publication) -> None:  # noqa: ANN401
        try:
            original(round_, publication)
        except ApiError:
            track = round_.index.tracks.get(publication.subject)
            newest = track.last if track else 0
            value = publication.fields.get(EXPECTED, b"")
            if not value.isdigit() or not decide(round_, publication, int(value), newest):
                raise

    wrap(patch, f"{PRECONDITIONS}:expected_last_subject_sequence", check)


@fault("KV-INV-012", "revision 0 is that of a key that was deleted")
def gone_is_zero(patch: Patch) -> None:
    """A marker is nothing."""

    def decide(round_: Round, _publication: Publication, expected: int, newest: int) -> bool:
        record = round_.stream.store.get(newest)
        return not expected and record is not None and b"KV-Operation" in (record.headers or b"")

    expecting(patch, decide)


@fault("KV-INV-013", "any revision that the key has had will do")
def any_revision(patch: Patch) -> None:
    """If it is still there."""

    def decide(round_: Round, publication: Publication, expected: int, newest: int) -> bool:
        return expected < newest and round_.index.subject(expected) == publication.subject

    expecting(patch, decide)


@fault("KV-INV-014", "revision 0 is that of an empty bucket")
def zero_is_empty(patch: Patch) -> None:
    """Not of a key."""
    from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - with JetStream alone

    def check(original: Any, round_: Round, publication: Publication) -> None:  # noqa: ANN401
        if publication.fields.get(EXPECTED) == b"0" and round_.index.messages:
            raise ApiError(10071, seq=round_.index.last_seq)
        original(round_, publication)

    wrap(patch, f"{PRECONDITIONS}:expected_last_subject_sequence", check)


@fault("KV-INV-015", "a deletion rolls its key up")
def deletion_purges(patch: Patch) -> None:
    """Nothing is left of it."""

    def store(original: Any, round_: Round, publication: Publication) -> int:  # noqa: ANN401
        if b"KV-Operation: DEL" in (publication.headers or b""):
            publication.rollup = b"sub"
        return int(original(round_, publication))

    wrap(patch, f"{JETSTREAM}.publishing:store", store)


@fault("KV-INV-016", "a purge rolls up the whole bucket")
def everything_purged(patch: Patch) -> None:
    """Not only its key."""

    def roll_up(original: Any, stream: Stream, _what: bytes, subject: bytes, seq: int) -> None:  # noqa: ANN401
        original(stream, b"all", subject, seq)

    wrap(patch, f"{RETENTION}:roll_up", roll_up)


@fault("KV-INV-017", "nothing is expected of a message without payload")
def ends_pass(patch: Patch) -> None:
    """It replaces nothing."""
    expecting(patch, lambda _round, publication, *_: not publication.payload)


@fault("KV-INV-018", "a purge has no time of its own")
def timeless_purges(patch: Patch) -> None:
    """Only values have."""

    def store(original: Any, round_: Round, publication: Publication) -> int:  # noqa: ANN401
        if b"KV-Operation: PURGE" in (publication.headers or b""):
            publication.ttl = 0
        return int(original(round_, publication))

    wrap(patch, f"{JETSTREAM}.publishing:store", store)


@fault("KV-INV-019", "the newest but one goes first")
def newest_but_one(patch: Patch) -> None:
    """The oldest stay."""

    def enforce_subject(stream: Stream, subject: bytes) -> None:
        track = stream.store.index.tracks.get(subject)
        while track is not None and len(track) > stream.config.max_msgs_per_subject:
            stream.discard(list(track.sequences())[-2])

    patch.attribute(f"{RETENTION}:enforce_subject", enforce_subject)


@fault("KV-INV-019/more", "a message more than the history is kept")
def one_more(patch: Patch) -> None:
    """Of each key."""

    def enforce_subject(stream: Stream, subject: bytes) -> None:
        track = stream.store.index.tracks.get(subject)
        while track is not None and len(track) > stream.config.max_msgs_per_subject + 1:
            stream.discard(track.first)

    patch.attribute(f"{RETENTION}:enforce_subject", enforce_subject)


@fault("KV-INV-016/leaves", "a purge leaves the message before it")
def one_left(patch: Patch) -> None:
    """The others go."""

    def roll_up(original: Any, stream: Stream, what: bytes, subject: bytes, seq: int) -> None:  # noqa: ANN401
        track = stream.store.index.tracks.get(subject)
        before = [each for each in track.sequences() if each < seq] if track else []
        if what == b"sub" and before:
            original(stream, what, subject, before[-1])
        else:
            original(stream, what, subject, seq)

    wrap(patch, f"{RETENTION}:roll_up", roll_up)
