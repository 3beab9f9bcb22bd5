"""What a published message must fulfil to be stored, and in which order that is asked.

JS-PUB-008 .. JS-PUB-017, JS-PUB-024 .. JS-PUB-030, JS-LIM-011 .. JS-LIM-014. Each
check raises the refusal. The order was measured, pair by pair; batches, counters
and schedules have their places in it, and are refused as by a stream that does
not allow them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import fields, retention, selection, ttl
from nats_reference.jetstream.dedupe import MSG_ID
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.host import ENDLESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.publication import Publication
    from nats_reference.jetstream.publishing import Round

    Check = Callable[[Round, Publication], None]

MAX_HEADER_SIZE: Final = 65535
MAX_RECORD_SIZE: Final = 32 << 20

#: The checks by their names here, in order, and whether each looks at header fields alone.
CHECKS: tuple[tuple[str, bool], ...] = (
    ("offline", False),
    ("record_size", False),
    ("sealed", False),
    ("message_size", False),
    ("batch", True),
    ("header_size", True),
    ("counter", True),
    ("expected_stream", True),
    ("ttl_allowed", True),
    ("expected_last_subject_sequence", True),
    ("expected_last_sequence", True),
    ("schedule", True),
    ("scheduler", True),
    ("stream_source", True),
    ("duplicate", True),
    ("expected_last_msg_id", True),
    ("rollup", True),
    ("server_resources", False),
    ("interest", False),
    ("account_resources", False),
    ("ttl_value", True),
    ("room", False),
)


#: What finds nothing where there is ample room.
RESOURCES: Final = ("server_resources", "account_resources")

#: What a stream has to be like for a check to find anything; any, if it isn't here.
ONLY_IF: dict[str, Callable[[StreamConfig], bool]] = {
    "record_size": lambda config: config.storage == "file",
    "sealed": lambda config: config.sealed,
    "message_size": lambda config: config.max_msg_size >= 0,
    "interest": lambda config: config.retention == "interest",
    "room": lambda config: config.discard == "new",
}


class Duplicate(Exception):
    """The message was stored before, under this sequence."""

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


class NotWanted(Exception):
    """Nobody is interested: the message takes a sequence and is not stored."""


def checks(config: StreamConfig, *, headers: bool, ample: bool) -> list[Check]:
    """The checks of a message with or without headers, on a stream of this configuration.

    Where there is ample room for all that has arrived, nobody asks how much is left.
    """
    return [
        globals()[name]
        for name, of_fields in CHECKS
        if (headers or not of_fields)
        and (name not in ONLY_IF or ONLY_IF[name](config))
        and not (ample and name in RESOURCES)
    ]


def offline(round_: Round, _publication: Publication) -> None:
    """Nothing is added to what can't be trusted."""
    if round_.stream.offline:
        raise ApiError(10194, err=round_.stream.offline)


def record_size(round_: Round, publication: Publication) -> None:
    """A file has no room for a record that counts for more than 32 MiB (JS-PUB-026)."""
    if publication.size < MAX_RECORD_SIZE // 2 or round_.config.storage != "file":
        return
    if round_.size_of(publication) > MAX_RECORD_SIZE:
        raise ApiError(10077, err="message too large")


def valid_ttl(value: bytes) -> bool:
    """Whether a message may say so of its time to live (JS-TTL-001)."""
    return ttl.seconds(value) is not None


def sealed(round_: Round, _publication: Publication) -> None:
    """Nothing enters a sealed stream."""
    if round_.config.sealed:
        raise ApiError(10109)


def message_size(round_: Round, publication: Publication) -> None:
    """Header block and payload may be of max_msg_size together (JS-PUB-024)."""
    if 0 <= round_.config.max_msg_size < publication.size:
        raise ApiError(10054)


def header_size(_round: Round, publication: Publication) -> None:
    """JS-PUB-025."""
    if len(publication.headers or b"") > MAX_HEADER_SIZE:
        raise ApiError(10097)


def batch(_round: Round, publication: Publication) -> None:
    """Part of an atomic batch."""
    if publication.fields.get(b"Nats-Batch-Id"):
        raise ApiError(10174)


def counter(_round: Round, publication: Publication) -> None:
    """An increment."""
    if publication.fields.get(b"Nats-Incr"):
        raise ApiError(10168)


def expected_stream(round_: Round, publication: Publication) -> None:
    """JS-PUB-009."""
    expected = publication.fields.get(b"Nats-Expected-Stream")
    if expected and expected != round_.config.name.encode():
        raise ApiError(10060)


def ttl_allowed(round_: Round, publication: Publication) -> None:
    """A valid time to live, where there is none (JS-TTL-003)."""
    value = publication.fields.get(ttl.FIELD)
    if value and not round_.config.allow_msg_ttl and valid_ttl(value):
        raise ApiError(10166)


def expected_last_subject_sequence(round_: Round, publication: Publication) -> None:
    """JS-PUB-012 .. JS-PUB-014: of the subject as it is stored, or of another."""
    expected = publication.fields.get(b"Nats-Expected-Last-Subject-Sequence")
    pattern = publication.fields.get(b"Nats-Expected-Last-Subject-Sequence-Subject")
    if expected:
        last = selection.last_of(round_.index, pattern or publication.subject)
        if fields.number(expected) != last:
            raise ApiError(10071, seq=last)
    elif pattern:
        raise ApiError(10193)


def expected_last_sequence(round_: Round, publication: Publication) -> None:
    """JS-PUB-010, JS-PUB-011."""
    expected = publication.fields.get(b"Nats-Expected-Last-Sequence")
    if expected and fields.number(expected) != round_.index.last_seq:
        raise ApiError(10071, seq=round_.index.last_seq)


def schedule(_round: Round, publication: Publication) -> None:
    """A message for later."""
    if publication.fields.get(b"Nats-Schedule"):
        raise ApiError(10188)


def scheduler(_round: Round, publication: Publication) -> None:
    """What only a schedule's own messages say."""
    known = publication.fields
    if known.get(b"Nats-Scheduler") or known.get(b"Nats-Schedule-Next"):
        raise ApiError(10212)


def stream_source(_round: Round, publication: Publication) -> None:
    """JS-PUB-030."""
    if publication.fields.get(b"Nats-Stream-Source"):
        raise ApiError(10227)


def duplicate(round_: Round, publication: Publication) -> None:
    """JS-PUB-017."""
    msg_id = publication.fields.get(MSG_ID)
    if msg_id and (seq := round_.stream.dedupe.find(msg_id, round_.now)):
        raise Duplicate(seq)


def expected_last_msg_id(round_: Round, publication: Publication) -> None:
    """JS-PUB-016."""
    expected = publication.fields.get(b"Nats-Expected-Last-Msg-Id")
    last = round_.stream.dedupe.last_id
    if expected and expected != last:
        raise ApiError(10070, id=last.decode(errors="replace"))


def rollup(round_: Round, publication: Publication) -> None:
    """JS-PUB-027, JS-PUB-028."""
    value = publication.fields.get(b"Nats-Rollup")
    if not value:
        return
    if not round_.config.allow_rollup_hdrs or round_.config.deny_purge:
        raise ApiError(10111, err="rollup not permitted")
    publication.rollup = value.lower()
    if publication.rollup not in (b"sub", b"all"):
        quoted = value.decode(errors="replace")
        raise ApiError(10111, err=f'rollup value invalid: "{quoted}"')


def server_resources(round_: Round, _publication: Publication) -> None:
    """JS-PUB-034: what there was room for before this message may be used up."""
    if round_.grown > round_.server_room:
        raise ApiError(10023)


def interest(round_: Round, publication: Publication) -> None:
    """JS-LIM-018, JS-PUB-031."""
    if round_.config.retention == "interest" and not round_.stream.wanted(publication.subject):
        raise NotWanted


def account_resources(round_: Round, publication: Publication) -> None:
    """JS-PUB-035."""
    left = round_.account_room
    if left < ENDLESS and round_.grown + round_.size_of(publication) > left:
        raise ApiError(10002)


def ttl_value(round_: Round, publication: Publication) -> None:
    """JS-TTL-002; a shorter time than that of a marker is made longer (JS-TTL-005)."""
    value = publication.fields.get(ttl.FIELD)
    if not value:
        return
    lifetime = ttl.seconds(value)
    if lifetime is None:
        raise ApiError(10165)
    ttl.take_effect(round_.config, publication, lifetime)


def room(round_: Round, publication: Publication) -> None:
    """Limits that refuse rather than make room."""
    if round_.config.discard == "new":
        reason = retention.full(
            round_.config,
            round_.index,
            publication.subject,
            round_.size_of(publication),
            rollup=bool(publication.rollup),
        )
        if reason:
            raise ApiError(10077, err=reason)
