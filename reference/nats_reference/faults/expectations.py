"""Faults of chapter 111, publishing: expectations and duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_reference.faults.preconditions import PRECONDITIONS, moved_check
from nats_reference.faults.publishing import JETSTREAM

if TYPE_CHECKING:
    from nats_reference.jetstream.dedupe import Dedupe
    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.publishing import Round
    from nats_reference.jetstream.store import Store
    from nats_reference.jetstream.stream import Stream

DEDUPE = f"{JETSTREAM}.dedupe"
FIELDS = f"{JETSTREAM}.fields"
SEQUENCE = f"{PRECONDITIONS}:expected_last_sequence"
SUBJECT_SEQUENCE = f"{PRECONDITIONS}:expected_last_subject_sequence"

LAST = b"Nats-Expected-Last-Sequence"
SUBJECT = b"Nats-Expected-Last-Subject-Sequence"
OTHER = b"Nats-Expected-Last-Subject-Sequence-Subject"


def changed_fields(publication: Publication, **changes: bytes | None) -> None:
    """Let the checks see other fields; `_` stands for `-`, None for a field that is not there."""
    fields = dict(publication.fields)
    for name, value in changes.items():
        field = name.replace("_", "-").encode()
        fields.pop(field, None)
        if value is not None:
            fields[field] = value
    publication.fields = fields


# ---- Expectations -------------------------------------------------------------------


@fault("JS-PUB-009", "the beginning of the stream's name will do")
def by_prefix(patch: Patch) -> None:
    """As long as it is one."""
    expected_stream = patch.original(f"{PRECONDITIONS}:expected_stream")

    def lax(round_: Round, publication: Publication) -> None:
        expected = publication.fields.get(b"Nats-Expected-Stream", b"")
        if not round_.config.name.encode().startswith(expected):
            expected_stream(round_, publication)

    patch.attribute(f"{PRECONDITIONS}:expected_stream", lax)


@fault("JS-PUB-010", "an expected sequence that is no number is ignored")
def no_number_no_expectation(patch: Patch) -> None:
    """Minus one, say, for any."""
    check = patch.original(SEQUENCE)

    def lax(round_: Round, publication: Publication) -> None:
        if publication.fields.get(LAST, b"").isdigit():
            check(round_, publication)

    patch.attribute(SEQUENCE, lax)


@fault("JS-PUB-010/named", "a refusal does not name the last sequence")
def unnamed(patch: Patch) -> None:
    """It repeats what was expected."""
    from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - with JetStream alone

    number = patch.original(f"{FIELDS}:number")

    def check(round_: Round, publication: Publication) -> None:
        expected = publication.fields.get(LAST)
        if expected and number(expected) != round_.index.last_seq:
            raise ApiError(10071, seq=number(expected) or 0)

    patch.attribute(SEQUENCE, check)


@fault("JS-PUB-039", "sequences are counted modulo 2 to the 64th")
def overflowing(patch: Patch) -> None:
    """As nats-server does."""

    def number(value: bytes) -> int | None:
        return int(value) & (1 << 64) - 1 if value.isdigit() else None

    patch.attribute(f"{FIELDS}:number", number)


@fault("JS-PUB-011", "the last sequence is that of the last message that is there")
def last_that_is_there(patch: Patch) -> None:
    """What is deleted was never used."""
    from nats_reference.jetstream import fields, selection  # noqa: PLC0415 - with JetStream alone
    from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415

    def check(round_: Round, publication: Publication) -> None:
        expected = publication.fields.get(LAST)
        last = selection.last_of(round_.index, b">")
        if expected and fields.number(expected) != last:
            raise ApiError(10071, seq=last)

    patch.attribute(SEQUENCE, check)


@fault("JS-PUB-012", "0 is right for any subject")
def zero_is_any(patch: Patch) -> None:
    """As if it asked for nothing."""
    check = patch.original(SUBJECT_SEQUENCE)

    def lax(round_: Round, publication: Publication) -> None:
        if publication.fields.get(SUBJECT) != b"0":
            check(round_, publication)

    patch.attribute(SUBJECT_SEQUENCE, lax)


@fault("JS-PUB-013", "the other subject is not looked at")
def own_subject(patch: Patch) -> None:
    """Only the message's own."""
    check = patch.original(SUBJECT_SEQUENCE)

    def narrow(round_: Round, publication: Publication) -> None:
        if publication.fields.get(SUBJECT):
            changed_fields(publication, **{OTHER.decode(): None})
        check(round_, publication)

    patch.attribute(SUBJECT_SEQUENCE, narrow)


@fault("JS-PUB-014", "a subject alone expects nothing")
def subject_alone(patch: Patch) -> None:
    """As before 2.12."""
    check = patch.original(SUBJECT_SEQUENCE)

    def lax(round_: Round, publication: Publication) -> None:
        if publication.fields.get(SUBJECT):
            check(round_, publication)

    patch.attribute(SUBJECT_SEQUENCE, lax)


@fault("JS-PUB-015", "the stream's sequence is compared before the subject's")
def stream_first(patch: Patch) -> None:
    """The refusal names the other number."""
    moved_check(patch, "expected_last_subject_sequence", after="expected_last_sequence")


@fault("JS-PUB-016", "a message without id leaves the last id as it was")
def last_id_stays(patch: Patch) -> None:
    """The last id that there was."""
    remember = patch.original(f"{DEDUPE}:Dedupe.remember")

    def stubborn(self: Dedupe, msg_id: bytes, seq: int, time: int) -> None:
        before = self.last_id
        remember(self, msg_id, seq, time)
        self.last_id = msg_id or before

    patch.attribute(f"{DEDUPE}:Dedupe.remember", stubborn)


@fault("JS-PUB-023", "after a restart there is no last id")
def last_id_is_lost(patch: Patch) -> None:
    """Only the ids are read back."""
    rebuilt = patch.original(f"{DEDUPE}:rebuilt")

    def forgetful(store: Store, window: int, now: int) -> Dedupe:
        table: Dedupe = rebuilt(store, window, now)
        table.last_id = b""
        return table

    patch.attribute(f"{DEDUPE}:rebuilt", forgetful)


# ---- Duplicates ---------------------------------------------------------------------


@fault("JS-PUB-017", "a duplicate is not called one")
def unsaid(patch: Patch) -> None:
    """It is acknowledged like the first."""
    acks = f"{JETSTREAM}.acks"
    patch.attribute(f"{acks}:duplicate", patch.original(f"{acks}:stored"))


@fault("JS-PUB-018", "a refused publish uses up its id")
def used_up(patch: Patch) -> None:
    """The id is remembered before the last checks."""
    duplicate = patch.original(f"{PRECONDITIONS}:duplicate")

    def eager(round_: Round, publication: Publication) -> None:
        duplicate(round_, publication)
        identifier = publication.fields.get(b"Nats-Msg-Id")
        if identifier:
            table = round_.stream.dedupe
            last = table.last_id
            table.remember(identifier, round_.index.last_seq + 1, round_.now)
            table.last_id = last

    patch.attribute(f"{PRECONDITIONS}:duplicate", eager)


@fault("JS-PUB-019", "ids are remembered far beyond their window")
def remembered_for_long(patch: Patch) -> None:
    """A hundred times as long."""
    patch.attribute(f"{DEDUPE}:over", lambda time, now, window: now >= time + 100 * window)


@fault("JS-PUB-019/early", "ids are forgotten after half of their window")
def forgotten_early(patch: Patch) -> None:
    """Too early to rely on it."""
    patch.attribute(f"{DEDUPE}:over", lambda time, now, window: now >= time + window // 2)


@fault("JS-PUB-020", "an id goes with its message")
def gone_with_the_message(patch: Patch) -> None:
    """What is deleted can be published again."""
    discard = patch.original(f"{JETSTREAM}.stream:Stream.discard")

    def forgetful(self: Stream, seq: int) -> bool:
        known = self.dedupe._known  # noqa: SLF001 - there is no other way to forget an id
        for identifier in [each for each, place in known.items() if place == seq]:
            del known[identifier]
        removed: bool = discard(self, seq)
        return removed

    patch.attribute(f"{JETSTREAM}.stream:Stream.discard", forgetful)


@fault("JS-PUB-021", "after a restart no id is known")
def ids_are_lost(patch: Patch) -> None:
    """What was published before can be published again."""
    rebuilt = patch.original(f"{DEDUPE}:rebuilt")
    table_class = patch.original(f"{DEDUPE}:Dedupe")

    def empty(store: Store, window: int, now: int) -> Dedupe:
        table: Dedupe = table_class(window)
        table.last_id = rebuilt(store, window, now).last_id
        return table

    patch.attribute(f"{DEDUPE}:rebuilt", empty)
