"""Faults of chapter 111, publishing: subjects that are rewritten, messages that go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_reference.faults.preconditions import PRECONDITIONS
from nats_reference.faults.publishing import JETSTREAM, PUBLISHING

if TYPE_CHECKING:
    from nats_reference.jetstream.publication import Outgoing, Publication
    from nats_reference.jetstream.publishing import Round
    from nats_reference.jetstream.republishing import Copy
    from nats_reference.jetstream.stream import Stream
    from nats_reference.operations.pub import Message

REPUBLISHING = f"{JETSTREAM}.republishing"


@fault("JS-MIRROR-017", "expectations are compared before the subject is rewritten")
def late_transform(patch: Patch) -> None:
    """A message with headers is checked, and stored, as it came."""
    received = patch.original(f"{PUBLISHING}:received")

    def as_it_came(stream: Stream, message: Message, data: bytes) -> Publication:
        publication: Publication = received(stream, message, data)
        if publication.headers:
            publication.subject = message[0]
        return publication

    patch.attribute(f"{PUBLISHING}:received", as_it_came)


@fault("JS-MIRROR-018", "a copy does not name the message before it")
def no_last_sequence(patch: Patch) -> None:
    """Each seems to be the first of its subject."""
    prepared = patch.original(f"{REPUBLISHING}:prepared")

    def first(stream: Stream, publication: Publication) -> Copy | None:
        copy: Copy | None = prepared(stream, publication)
        return copy and copy._replace(last=0)

    patch.attribute(f"{REPUBLISHING}:prepared", first)


@fault("JS-MIRROR-019", "copies have their payload whatever headers_only says")
def whole_copies(patch: Patch) -> None:
    """The size is told as well."""
    finished = patch.original(f"{REPUBLISHING}:finished")

    def whole(
        copy: Copy, stream: Stream, publication: Publication, seq: int, time: int
    ) -> Outgoing:
        outgoing: Outgoing = finished(copy, stream, publication, seq, time)
        return outgoing._replace(payload=publication.payload)

    patch.attribute(f"{REPUBLISHING}:finished", whole)


@fault("JS-MIRROR-020", "duplicates are published again")
def duplicates_go_on(patch: Patch) -> None:
    """Though they are not stored."""
    duplicate = patch.original(f"{PRECONDITIONS}:duplicate")
    prepared = patch.original(f"{REPUBLISHING}:prepared")
    finished = patch.original(f"{REPUBLISHING}:finished")

    def told(round_: Round, publication: Publication) -> None:
        try:
            duplicate(round_, publication)
        except Exception:
            copy = prepared(round_.stream, publication)
            if copy is not None:
                round_.promise(finished(copy, round_.stream, publication, 1, round_.now))
            raise

    patch.attribute(f"{PRECONDITIONS}:duplicate", told)


@fault("JS-MIRROR-021", "messages are published again after they are acknowledged")
def late_copies(patch: Patch) -> None:
    """All acknowledgements of a round come first."""
    commit = patch.original(f"{PUBLISHING}:commit")

    def sorted_(round_: Round) -> None:
        commit(round_)
        round_.outbox.sort(key=lambda outgoing: outgoing.headers is not None)

    patch.attribute(f"{PUBLISHING}:commit", sorted_)
