"""Faults of chapter 123: acknowledgements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import wrap
from nats_spec import acks as grammar

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.acks import Token
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.progress import Progress

CONSUMER = "nats_reference.jetstream.consumer"
ACKS, ACKNOWLEDGING = f"{CONSUMER}.acks", f"{CONSUMER}.acknowledging"
ACT, SETTLE = f"{ACKNOWLEDGING}:act", f"{ACKNOWLEDGING}:settle"
PROGRESS = f"{CONSUMER}.progress:Progress"
DOOR = "nats_reference.jetstream.api.dispatch:acknowledge"
GROUP = f"{CONSUMER}.group:Group"


@fault("JS-ACK-001", "+OK is nothing")
def no_ok(patch: Patch) -> None:
    """Only +ACK and nothing are."""
    patch.grammar("acks", 'ACK: "+ACK" | "+OK"', 'ACK: "+ACK"')


@fault("JS-ACK-002", "acknowledgements are not answered")
def unanswered(patch: Patch) -> None:
    """Whether somebody wants it or not."""
    wrap(
        patch,
        f"{ACKNOWLEDGING}:take",
        lambda take, consumer, token, _reply, payload: take(consumer, token, None, payload),
    )


@fault("JS-ACK-003", "the same acknowledgement once more is not answered")
def answered_once(patch: Patch) -> None:
    """It was known."""

    def once(acknowledge: Any, consumer: Consumer, token: Token) -> bool:  # noqa: ANN401 - handed on
        known = token.stream_seq in consumer.progress.pending
        return bool(acknowledge(consumer, token)) and known

    wrap(patch, f"{ACKNOWLEDGING}:acknowledge", once)


@fault("JS-ACK-004", "anything acknowledges")
def anything(patch: Patch) -> None:
    """Whatever is said."""

    def lenient(act: Any, consumer: Consumer, token: Token, payload: bytes, reply: Any) -> Any:  # noqa: ANN401 - handed on
        said = payload if grammar.answer(payload) else b""
        return act(consumer, token, said, reply)

    wrap(patch, ACT, lenient)


@fault("JS-ACK-005", "a header block is part of what is said")
def headers_count(patch: Patch) -> None:
    """So that it says nothing."""
    wrap(
        patch,
        DOOR,
        lambda take, account, message, payload: take(
            account, (*message[:2], None, *message[3:]), payload
        ),
    )


def only_if(patch: Patch, condition: Any) -> None:  # noqa: ANN401 - a function of consumer and token
    """Look at acknowledgements only if `condition` holds."""

    def check(act: Any, consumer: Consumer, token: Token, payload: bytes, reply: Any) -> Any:  # noqa: ANN401 - handed on
        return act(consumer, token, payload, reply) if condition(consumer, token) else True

    wrap(patch, ACT, check)


@fault("JS-ACK-006", "the consumer sequence has to be right, too")
def both_sequences(patch: Patch) -> None:
    """Or nothing is acknowledged."""

    def right(consumer: Consumer, token: Token) -> bool:
        entry = consumer.progress.pending.get(token.stream_seq)
        return entry is None or token.consumer_seq >= entry.sequence > token.consumer_seq - 2

    only_if(patch, right)


@fault("JS-ACK-007", "what was not delivered can be acknowledged")
def in_advance(patch: Patch) -> None:
    """At least it is answered."""
    wrap(
        patch,
        f"{ACKNOWLEDGING}:acknowledge",
        lambda acknowledge, consumer, token: acknowledge(consumer, token) or True,
    )


@fault("JS-ACK-008", "what is no number is 1")
def one(patch: Patch) -> None:
    """The first message's."""
    wrap(patch, f"{ACKS}:number", lambda number, text: number(text) if text.isdigit() else 1)


@fault("JS-ACK-008/zero", "what is no number is 0")
def zero(patch: Patch) -> None:
    """Which is answered."""
    wrap(patch, f"{ACKS}:number", lambda number, text: number(text) if text.isdigit() else 0)


@fault("JS-ADV-008/all", "acknowledgements of all up to a message are told")
def all_sampled(patch: Patch) -> None:
    """As if they were of one."""

    def done(original: Any, consumer: Consumer, token: Token) -> bool:  # noqa: ANN401 - handed on
        entry = consumer.progress.pending.get(token.stream_seq)
        if entry is not None and consumer.sampling and consumer.config.ack_policy == "all":
            patch.original(f"{CONSUMER}.advisories:sampled")(consumer, token, entry.since)
        return bool(original(consumer, token))

    wrap(patch, f"{ACKNOWLEDGING}:done", done)


@fault("JS-ACK-009", "whatever looks like an acknowledgement is taken")
def takes_all(patch: Patch) -> None:
    """So that nobody learns that it was none."""
    wrap(patch, DOOR, lambda take, *arguments: take(*arguments) or True)


@fault("JS-ACK-010", "acknowledgements are taken where none are wanted")
def wants_none(patch: Patch) -> None:
    """And not answered."""

    def take(acknowledge: Any, self: Any, name: str, *arguments: Any) -> bool:  # noqa: ANN401 - handed on
        return bool(acknowledge(self, name, *arguments)) or name in self.by_name

    wrap(patch, f"{GROUP}.acknowledge", take)


@fault("JS-ACK-011", "an acknowledgement is one of everything before, too")
def cumulative(patch: Patch) -> None:
    """Under policy explicit."""

    def settle(original: Any, consumer: Consumer, token: Token) -> None:  # noqa: ANN401 - handed on
        for seq in [each for each in consumer.progress.pending if each < token.stream_seq]:
            original(consumer, token._replace(stream_seq=seq))
        original(consumer, token)

    wrap(patch, SETTLE, settle)


@fault("JS-ACK-012", "an acknowledgement is one of its message alone")
def singular(patch: Patch) -> None:
    """Under policy all."""

    def settle(_original: Any, consumer: Consumer, token: Token) -> None:  # noqa: ANN401 - handed on
        consumer.progress.settle(token.stream_seq)
        consumer.group.done(consumer, (token.stream_seq,))
        consumer.wake()

    wrap(patch, SETTLE, settle)


@fault("JS-ACK-013", "a refusal is one of everything before, too")
def refuses_all(patch: Patch) -> None:
    """Under policy all."""

    def refuse(original: Any, consumer: Consumer, token: Token, argument: bytes) -> None:  # noqa: ANN401 - handed on
        if consumer.config.ack_policy == "all":
            consumer.progress.requeue(s for s in consumer.progress.pending if s < token.stream_seq)
        original(consumer, token, argument)

    wrap(patch, f"{ACKNOWLEDGING}:refuse", refuse)


@fault("JS-ACK-014", "the floor does not go over what was done before")
def step_by_step(patch: Patch) -> None:
    """It stops at each gap that was."""

    def raise_floor(original: Any, self: Progress, sequence: int, seq: int) -> None:  # noqa: ANN401 - handed on
        if self.pending and sequence == self.floor + 1:
            self.floor, self.floor_stream = sequence, seq
        else:
            original(self, sequence, seq)

    wrap(patch, f"{PROGRESS}._raise_floor", raise_floor)


@fault("JS-ACK-015", "the floor stays behind when all is done")
def stays_behind(patch: Patch) -> None:
    """At what was acknowledged last."""

    def raise_floor(original: Any, self: Progress, sequence: int, seq: int) -> None:  # noqa: ANN401 - handed on
        if self.pending:
            original(self, sequence, seq)
        else:
            self.floor, self.floor_stream = sequence, seq

    wrap(patch, f"{PROGRESS}._raise_floor", raise_floor)


@fault("JS-ACK-026", "only the last delivery can be acknowledged")
def last_only(patch: Patch) -> None:
    """Earlier reply subjects do nothing."""
    only_if(
        patch,
        lambda consumer, token: token.deliveries >= consumer.progress.count(token.stream_seq),
    )


@fault("JS-ACK-027", "nothing is acknowledged while no request waits")
def asks_first(patch: Patch) -> None:
    """As if somebody had to be there."""
    only_if(patch, lambda consumer, _token: consumer.config.push or bool(consumer.waiting.pulls))


@fault("JS-ACK-028", "what was to come again comes, acknowledged or not")
def comes_anyway(patch: Patch) -> None:
    """It was in the queue."""

    def settle(original: Any, self: Progress, seq: int) -> Any:  # noqa: ANN401 - handed on
        queued = seq in self.queue
        found = original(self, seq)
        if queued:
            self.requeue([seq])
        return found

    wrap(patch, f"{PROGRESS}.settle", settle)


@fault("JS-ACK-030", "what is used up can't be acknowledged")
def too_late(patch: Patch) -> None:
    """It stays as it is."""

    def settle(original: Any, self: Progress, seq: int) -> Any:  # noqa: ANN401 - handed on
        spent = seq in self.redeliveries and seq not in self.pending
        return None if spent else original(self, seq)

    wrap(patch, f"{PROGRESS}.settle", settle)
