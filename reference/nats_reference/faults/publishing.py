"""Faults of chapter 111, publishing: what a publisher is told, what is kept of its message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_reference.faults.preconditions import PRECONDITIONS, moved_check, without_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_reference.jetstream.errors import ApiError
    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.publishing import Round
    from nats_reference.jetstream.stream import Stream
    from nats_reference.operations.pub import Message

JETSTREAM = "nats_reference.jetstream"
ACKS = f"{JETSTREAM}.acks"
FIELDS = f"{JETSTREAM}.fields"
PUBLISHING = f"{JETSTREAM}.publishing"


# ---- Acknowledgements ---------------------------------------------------------------


@fault("JS-PUB-001", "an acknowledgement names the sequence that comes next")
def next_sequence(patch: Patch) -> None:
    """As if it were an offer."""
    patch.attribute(f"{ACKS}:stored", lambda opening, seq: b"%b%d}" % (opening, seq + 1))


@fault("JS-PUB-002", "a refusal has no sequence")
def no_sequence(patch: Patch) -> None:
    """There is none, after all."""

    def refusal(error: ApiError, stream: str) -> bytes:
        return json.dumps({"error": error.as_json(), "stream": stream}).encode()

    patch.attribute(f"{ACKS}:refusal", refusal)


@fault("JS-PUB-003", "a message without a reply subject is not stored")
def silent_messages_are_lost(patch: Patch) -> None:
    """Nobody waits for it."""
    take = patch.original(f"{PUBLISHING}:take")

    def asked(stream: Stream, queue: Sequence[tuple[Message, bytes]]) -> None:
        take(stream, [(message, data) for message, data in queue if message[1]])

    patch.attribute(f"{PUBLISHING}:take", asked)


@fault("JS-PUB-033", "nobody learns that no stream has the subject")
def silence(patch: Patch) -> None:
    """A publish without a stream runs into its timeout."""
    send = "nats_reference.operations.pub:send_no_responders"
    patch.attribute(send, lambda _connection, _subject, _reply: None)


# ---- Sequence and time --------------------------------------------------------------


@fault("JS-PUB-004", "a refused publish uses a sequence")
def gaps(patch: Patch) -> None:
    """As if it were skipped."""
    expected_stream = patch.original(f"{PRECONDITIONS}:expected_stream")

    def wasteful(round_: Round, publication: Publication) -> None:
        try:
            expected_stream(round_, publication)
        except Exception:
            round_.stream.store.skip_to(round_.index.last_seq + 1, round_.now)
            raise

    patch.attribute(f"{PRECONDITIONS}:expected_stream", wasteful)


@fault("JS-PUB-005", "time runs backwards within a round")
def backwards(patch: Patch) -> None:
    """Each message is a millisecond older than the one before it."""
    store = patch.original(f"{PUBLISHING}:store")

    def earlier(round_: Round, publication: Publication) -> int:
        round_.now -= 1_000_000
        seq: int = store(round_, publication)
        return seq

    patch.attribute(f"{PUBLISHING}:store", earlier)


# ---- Header fields ------------------------------------------------------------------


@fault("JS-PUB-006", "field names are compared without regard to case")
def any_case(patch: Patch) -> None:
    """As in HTTP."""
    parse = patch.original(f"{FIELDS}:parse")

    def canonical(block: bytes) -> dict[bytes, bytes]:
        lines = block.split(b"\r\n")
        for place, line in enumerate(lines):
            name, colon, value = line.partition(b":")
            if colon and name.lower().startswith(b"nats-"):
                written = b"-".join(part.capitalize() for part in name.split(b"-"))
                lines[place] = b"%b:%b" % (written, value)
        found: dict[bytes, bytes] = parse(b"\r\n".join(lines))
        return found

    patch.attribute(f"{FIELDS}:parse", canonical)


@fault("JS-PUB-007", "an empty Nats-Expected-Stream is the name of no stream")
def empty_counts(patch: Patch) -> None:
    """It is there, so it is compared."""
    from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - with JetStream alone

    def expected_stream(round_: Round, publication: Publication) -> None:
        expected = publication.fields.get(b"Nats-Expected-Stream")
        if expected is not None and expected != round_.config.name.encode():
            raise ApiError(10060)

    patch.attribute(f"{PRECONDITIONS}:expected_stream", expected_stream)


@fault("JS-PUB-029", "fields that the stream has looked at are not stored")
def used_up(patch: Patch) -> None:
    """The message id, for one."""
    store = patch.original(f"{PUBLISHING}:store")
    without = patch.original(f"{FIELDS}:without")

    def stripped(round_: Round, publication: Publication) -> int:
        if publication.headers:
            publication.headers = without(publication.headers, b"Nats-Msg-Id")
        seq: int = store(round_, publication)
        return seq

    patch.attribute(f"{PUBLISHING}:store", stripped)


@fault("JS-PUB-029/info", "who asked is stored")
def info_is_kept(patch: Patch) -> None:
    """The field that servers add stays."""
    patch.attribute(f"{FIELDS}:REQUEST_INFO", b"Nats-Request-Information")


@fault("JS-PUB-042", "a status is stored")
def status_is_kept(patch: Patch) -> None:
    """And will be delivered."""
    kept = patch.original(f"{FIELDS}:kept")

    def as_it_came(block: bytes) -> bytes | None:
        stored: bytes | None = kept(block)
        return block if block.startswith(b"NATS/1.0 ") else stored

    patch.attribute(f"{FIELDS}:kept", as_it_came)


@fault("JS-PUB-030", "clients may say where a message comes from")
def forged(patch: Patch) -> None:
    """As servers before 2.15."""
    without_check(patch, "stream_source")


# ---- Sizes --------------------------------------------------------------------------


@fault("JS-PUB-024", "headers do not count towards max_msg_size")
def headers_are_free(patch: Patch) -> None:
    """Only the payload is measured."""
    from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - with JetStream alone

    def message_size(round_: Round, publication: Publication) -> None:
        if 0 <= round_.config.max_msg_size < len(publication.payload):
            raise ApiError(10054)

    patch.attribute(f"{PRECONDITIONS}:message_size", message_size)


@fault("JS-PUB-025", "a header block may have 65536 bytes")
def one_more(patch: Patch) -> None:
    """One more than two bytes can count."""
    patch.attribute(f"{PRECONDITIONS}:MAX_HEADER_SIZE", 65536)


@fault("JS-PUB-026", "a record may be larger than 32 MiB")
def larger_records(patch: Patch) -> None:
    """As in 2.10."""
    patch.attribute(f"{PRECONDITIONS}:MAX_RECORD_SIZE", 1 << 40)


# ---- Rollup -------------------------------------------------------------------------


@fault("JS-PUB-027", "a rollup of all keeps the other subjects")
def all_is_sub(patch: Patch) -> None:
    """`all` does what `sub` does."""
    roll_up = patch.original(f"{JETSTREAM}.retention:roll_up")

    def of_subject(stream: Stream, _what: bytes, subject: bytes, seq: int) -> None:
        roll_up(stream, b"sub", subject, seq)

    patch.attribute(f"{JETSTREAM}.retention:roll_up", of_subject)


@fault("JS-PUB-028", "a rollup need not be allowed")
def rollup_for_all(patch: Patch) -> None:
    """Whoever may publish may purge."""

    def rollup(_round: Round, publication: Publication) -> None:
        value = publication.fields.get(b"Nats-Rollup", b"").lower()
        publication.rollup = value if value in (b"sub", b"all") else b""

    patch.attribute(f"{PRECONDITIONS}:rollup", rollup)


@fault("JS-PUB-041", "an unknown rollup is stored")
def unknown_rollup(patch: Patch) -> None:
    """And removes nothing."""
    rollup = patch.original(f"{PRECONDITIONS}:rollup")

    def lenient(round_: Round, publication: Publication) -> None:
        value = publication.fields.get(b"Nats-Rollup", b"").lower()
        if not round_.config.allow_rollup_hdrs or value in (b"sub", b"all"):
            rollup(round_, publication)

    patch.attribute(f"{PRECONDITIONS}:rollup", lenient)


# ---- Order and resources ------------------------------------------------------------


@fault("JS-PUB-008", "duplicates are told before expected sequences are compared")
def duplicate_first(patch: Patch) -> None:
    """As before 2.12."""
    moved_check(patch, "duplicate", after="ttl_allowed")


@fault("JS-PUB-008/size", "sizes are checked after the header fields")
def size_last(patch: Patch) -> None:
    """As before 2.15."""
    moved_check(patch, "message_size", after="rollup")


@fault("JS-PUB-008/sealed", "a sealed stream names other mistakes first")
def sealed_last(patch: Patch) -> None:
    """It refuses after all other checks."""
    moved_check(patch, "sealed", after="rollup")


@fault("JS-PUB-008/interest", "interest is asked for after the limits")
def interest_last(patch: Patch) -> None:
    """What nobody wants must fit all the same."""
    moved_check(patch, "interest", after="room")


@fault("JS-PUB-008/resources", "a full server acknowledges what nobody wants")
def resources_last(patch: Patch) -> None:
    """Nothing is stored, so there is room."""
    moved_check(patch, "server_resources", after="interest")


@fault("JS-PUB-031", "what nobody wants is stored")
def stored_without_interest(patch: Patch) -> None:
    """Interest makes no difference."""
    without_check(patch, "interest")


@fault("JS-PUB-032", "what is turned away is dropped in silence")
def overflow_unsaid(patch: Patch) -> None:
    """The publisher waits in vain."""
    patch.attribute(f"{PUBLISHING}:overflow", lambda _stream, _message: None)


@fault("JS-PUB-035", "an account's limits are not looked at")
def accounts_unbound(patch: Patch) -> None:
    """Only the server's."""
    without_check(patch, "account_resources")


@fault("JS-PUB-034", "the server's limits are not looked at")
def boundless(patch: Patch) -> None:
    """Whatever its configuration says."""
    without_check(patch, "server_resources")
