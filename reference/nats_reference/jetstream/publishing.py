"""What becomes of the messages that arrived at a stream in one round of the event loop.

JS-PUB-001 .. JS-PUB-005, JS-CFG-063, JS-MIRROR-017 .. JS-MIRROR-021. One by one they
are checked (`preconditions.py`) and stored, and make the limits bite
(`retention.py`); then the store commits once; only then does anybody hear of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.jetstream import acks, fields, preconditions, republishing, retention
from nats_reference.jetstream.capacity import AMPLE
from nats_reference.jetstream.dedupe import MSG_ID
from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.publication import Outgoing, Publication, outgoing_of
from nats_reference.jetstream.store import StoreFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_reference.jetstream.stream import Stream
    from nats_reference.operations.pub import Message


#: The status of a message that is turned away.
TOO_MANY: Final = b"NATS/1.0 429 Too Many Requests\r\n\r\n"


class Round:
    """What all messages of one round have in common, and what comes of them."""

    __slots__ = (
        "account_room",
        "before",
        "config",
        "index",
        "last_id",
        "now",
        "outbox",
        "promises",
        "server_room",
        "stream",
    )

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.config = stream.config
        self.index = stream.store.index
        #: The time of all of them; never before the last one's (JS-PUB-005).
        self.now = max(stream.host.clock.wall(), self.index.last_time)
        #: Sequence and bytes before the first.
        self.before = (self.index.last_seq, self.index.bytes)
        self.last_id = stream.dedupe.last_id
        self.server_room, self.account_room = stream.host.room(stream.config.storage)
        #: What is to be published after the commit.
        self.outbox: list[Outgoing] = []
        #: The places in it of what is true only if the commit succeeds.
        self.promises: list[int] = []

    @property
    def grown(self) -> int:
        """The bytes that the round has added so far."""
        return self.index.bytes - self.before[1]

    def size_of(self, publication: Publication) -> int:
        """The bytes that a message counts for."""
        return self.stream.store.size_of(
            publication.subject, publication.headers, publication.payload
        )

    def answer(self, publication: Publication, payload: bytes) -> None:
        """Have the publisher told, if it wants to know."""
        if publication.reply and not self.config.no_ack:
            self.outbox.append(Outgoing(publication.reply, None, None, payload))

    def promise(self, outgoing: Outgoing) -> None:
        """Have something published that is true once it is committed."""
        self.promises.append(len(self.outbox))
        self.outbox.append(outgoing)


def take(stream: Stream, queue: Sequence[tuple[Message, bytes]], size: int) -> None:
    """Store what has arrived, messages of `size` bytes, then tell everybody."""
    round_ = Round(stream)
    ample = min(round_.server_room, round_.account_room) - size >= AMPLE
    bare, full = stream.checks[ample]
    for message, data in queue:
        publication = received(stream, message, data)
        try:
            for check in full if publication.headers else bare:
                check(round_, publication)
            seq = store(round_, publication)
        except ApiError as error:
            round_.answer(publication, acks.refusal(error, stream.config.name))
        except preconditions.Duplicate as known:
            answer = acks.duplicate(stream.ack_opening, known.seq)
            if known.seq > round_.before[0]:
                # Of a message of this round: it is not kept yet.
                assure(round_, publication, answer)
            else:
                round_.answer(publication, answer)
        except preconditions.NotWanted:
            acknowledge(round_, publication, skip(round_, publication))
        else:
            acknowledge(round_, publication, seq)
    finish(round_)


def finish(round_: Round) -> bool:
    """Keep what was stored, and tell everybody; False if it could not be kept."""
    kept = commit(round_)
    round_.stream.host.spend(round_.config.storage, round_.grown)
    if round_.outbox:
        round_.stream.host.publish_all(round_.outbox)
    if kept:
        round_.stream.tell_stored(round_.before[0] + 1)
    return kept


def overflow(stream: Stream, message: Message) -> None:
    """Tell a publisher that too much is waiting to be stored (JS-PUB-032)."""
    reply = message[1]
    if reply and not stream.config.no_ack:
        payload = acks.refusal(ApiError(10167), stream.config.name)
        stream.host.publish(reply, None, TOO_MANY, payload)


def received(stream: Stream, message: Message, data: bytes) -> Publication:
    """The message as the stream looks at it; `data` is header block, payload, CR LF."""
    subject, reply, header_size, _, _ = message
    if stream.transform is not None:
        subject = stream.transform(subject) or subject
    if header_size is None:
        return Publication(subject, reply, None, data[:-2])
    size = int(header_size)
    headers = fields.kept(data[:size]) if size else None
    return Publication(subject, reply, headers, data[size:-2])


def store(round_: Round, publication: Publication) -> int:
    """Store a message and drop what has to make room for it; its sequence."""
    stream = round_.stream
    subject, headers, payload = publication.subject, publication.headers, publication.payload
    copy = republishing.prepared(stream, publication) if stream.republish else None
    seq = stream.store.append(subject, headers, payload, round_.now)
    stream.dedupe.remember(publication.fields.get(MSG_ID, b""), seq, round_.now)
    if publication.ttl:
        stream.lifetimes.add(seq, publication.ttl, round_.now)
    if stream.limited:
        retention.enforce(stream, subject)
    if publication.rollup:
        retention.roll_up(stream, publication.rollup, subject, seq)
    if copy is not None:
        round_.promise(republishing.finished(copy, stream, publication, seq, round_.now))
    return seq


def skip(round_: Round, publication: Publication) -> int:
    """Use a sequence for a message that nobody wants (JS-LIM-018)."""
    stream = round_.stream
    seq = round_.index.last_seq + 1
    stream.store.skip_to(seq, round_.now)
    stream.dedupe.remember(publication.fields.get(MSG_ID, b""), seq, round_.now)
    if publication.rollup:
        retention.roll_up(stream, publication.rollup, publication.subject, seq)
    return seq


def acknowledge(round_: Round, publication: Publication, seq: int) -> None:
    """Have the publisher told that its message is stored, once it is (JS-CFG-063)."""
    reply, outbox = publication.reply, round_.outbox
    if reply and not round_.config.no_ack:
        payload = acks.stored(round_.stream.ack_opening, seq)
        round_.promises.append(len(outbox))
        outbox.append(outgoing_of((reply, None, None, payload)))


def assure(round_: Round, publication: Publication, payload: bytes) -> None:
    """Have the publisher told, if it wants to know, what is true once the round is kept."""
    if publication.reply and not round_.config.no_ack:
        round_.promise(Outgoing(publication.reply, None, None, payload))


def commit(round_: Round) -> bool:
    """Keep what was stored, or take back all promises; whether it is kept."""
    stream = round_.stream
    first, last = round_.before[0] + 1, round_.index.last_seq
    for observer in stream.observers:
        observer.storing(first, last)
    try:
        stream.store.commit()
    except StoreFailure as failure:
        stream.host.log.error(str(failure))
        stream.dedupe.forget_from(first, round_.last_id)
        stream.lifetimes.forget_from(first)
        stream.gone.undone(stream.observers)
        refusal = acks.refusal(ApiError(10077, err=failure.reason), stream.config.name)
        for place in reversed(round_.promises):
            outgoing = round_.outbox[place]
            if outgoing.headers is None:
                round_.outbox[place] = outgoing._replace(payload=refusal)
            else:
                # What was to be published again has headers; an acknowledgement has none.
                del round_.outbox[place]
        return False
    return True
