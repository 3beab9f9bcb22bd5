"""Faults of chapter 123: the subject on which a delivery asks to be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import Change, register, wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.outbox import Outgoing

CONSUMER = "nats_reference.jetstream.consumer"
ACKS, GROUP = f"{CONSUMER}.acks", f"{CONSUMER}.group:Group"
DOOR = "nats_reference.jetstream.api.dispatch:acknowledge"

CHANGES: tuple[Change, ...] = (
    ("JS-DLV-005", "the account has another hash", "nats_spec.acks:account_hash", lambda _account: b"AAAAAAAA"),
)  # fmt: skip

register(CHANGES)


@fault("JS-DLV-002", "a delivery that needs no acknowledgement has no reply subject")
def no_reply(patch: Patch) -> None:
    """Nobody would answer it."""

    def say(original: Any, self: Any, outgoing: Outgoing) -> None:  # noqa: ANN401 - handed on
        if outgoing.consumer is not None and not outgoing.consumer.config.acks:
            outgoing = outgoing._replace(reply=None)
        original(self, outgoing)

    wrap(patch, f"{GROUP}.say", say)


def resubject(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of what is in it
    """Have reply subjects say something else."""
    wrap(
        patch,
        f"{ACKS}:subject",
        lambda subject, prefix, token, time, pending: subject(
            prefix, *change(token, time, pending)
        ),
    )


@fault("JS-DLV-003", "stream and consumer sequence have changed places")
def swapped(patch: Patch) -> None:
    """In the reply subject."""
    resubject(
        patch,
        lambda token, time, pending: (
            token._replace(stream_seq=token.consumer_seq, consumer_seq=token.stream_seq),
            time,
            pending,
        ),
    )


@fault("JS-DLV-007", "the time of a message is a nanosecond late")
def late(patch: Patch) -> None:
    """In the reply subject."""
    resubject(patch, lambda token, time, pending: (token, time + 1, pending))


@fault("JS-DLV-008", "a delivery counts itself among those to come")
def counts_itself(patch: Patch) -> None:
    """In the reply subject."""
    resubject(patch, lambda token, time, pending: (token, time, pending + 1))


@fault("JS-DLV-004", "the long form lacks the domain")
def short_form(patch: Patch) -> None:
    """It has the hash alone."""

    def shorten(original: Any, self: Consumer, *arguments: Any) -> None:  # noqa: ANN401 - handed on
        original(self, *arguments)
        if words := self.group.host.reply_words:
            self.ack_prefix = self.ack_prefix.replace(words, words.partition(b".")[2])

    wrap(patch, f"{CONSUMER}.consumer:Consumer.__init__", shorten)


@fault("JS-DLV-006", "the long form is not understood")
def short_only(patch: Patch) -> None:
    """Nobody is there to take it."""
    wrap(
        patch,
        DOOR,
        lambda take, account, message, payload: (
            message[0].count(b".") <= 8 and take(account, message, payload)
        ),
    )
