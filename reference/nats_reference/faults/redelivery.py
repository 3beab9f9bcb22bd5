"""Faults of chapter 123: what comes again, when, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import Change, register, wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.progress import Progress

CONSUMER = "nats_reference.jetstream.consumer"
DELIVERING, REDELIVERING = f"{CONSUMER}.delivering", f"{CONSUMER}.redelivering"
PROGRESS = f"{CONSUMER}.progress:Progress"
STALLED = f"{CONSUMER}.consumer:Consumer.stalled"

CHANGES: tuple[Change, ...] = (
    ("JS-RDL-001", "nothing comes again by itself", f"{REDELIVERING}:watch", lambda _c, _s: None),
    ("JS-RDL-007", "what was delivered again is not counted", f"{CONSUMER}.information:redelivered", lambda _c: 0),
    ("JS-RDL-019", "what was delivered again is counted, though nothing may be", f"{CONSUMER}.information:redelivered", lambda c: len(c.progress.redeliveries)),
    ("JS-RDL-014", "any number may be outstanding", STALLED, property(lambda _self: False)),
    ("JS-RDL-018", "another deliver subject gets only what is new", f"{REDELIVERING}:expire_all", lambda _c: None),
    ("JS-RDL-008", "a message comes again for ever", f"{REDELIVERING}:used_up", lambda _c, _s: False),
)  # fmt: skip

register(CHANGES)


@fault("JS-RDL-002", "a message comes again after half its wait")
def too_soon(patch: Patch) -> None:
    """Nobody may be done by then."""
    wrap(patch, f"{PROGRESS}.wait_of", lambda wait_of, *arguments: wait_of(*arguments) // 2)


@fault("JS-RDL-003", "a message has the same consumer sequence each time")
def same_sequence(patch: Patch) -> None:
    """That of its first delivery."""

    def deliver(original: Any, self: Progress, seq: int, now: int, *, acks: bool) -> Any:  # noqa: ANN401 - handed on
        known = seq in self.pending
        found = original(self, seq, now, acks=acks)
        if known:
            self.next_sequence -= 1
        return found

    wrap(patch, f"{PROGRESS}.deliver", deliver)


@fault("JS-RDL-004", "what is new comes before what comes again")
def new_first(patch: Patch) -> None:
    """The old has time."""
    again = patch.original(f"{DELIVERING}:again")
    first_time = patch.original(f"{DELIVERING}:first_time")

    def next_message(consumer: Consumer) -> Any:  # noqa: ANN401 - handed on
        return (None if consumer.stalled else first_time(consumer)) or again(consumer)

    patch.attribute(f"{DELIVERING}:next_message", next_message)


@fault("JS-RDL-005", "what comes again comes newest first")
def newest_first(patch: Patch) -> None:
    """If it waited equally long."""

    def overdue(original: Any, self: Progress, now: int, config: Any) -> Any:  # noqa: ANN401 - handed on
        due, soonest = original(self, now, config)
        return due[::-1], soonest

    wrap(patch, f"{PROGRESS}.overdue", overdue)


@fault("JS-RDL-006", "every wait is the first of the backoff")
def first_wait(patch: Patch) -> None:
    """However often it was delivered."""

    def wait_of(original: Any, self: Progress, seq: int, config: Any) -> Any:  # noqa: ANN401 - handed on
        return config.backoff[0] if config.backoff else original(self, seq, config)

    wrap(patch, f"{PROGRESS}.wait_of", wait_of)


@fault("JS-RDL-015", "room for more is not used before somebody asks")
def unused_room(patch: Patch) -> None:
    """Delivery stays held up."""

    def settle(original: Any, consumer: Consumer, token: Any) -> None:  # noqa: ANN401 - handed on
        ready = dict(consumer.group._ready)  # noqa: SLF001 - a fault goes anywhere
        original(consumer, token)
        consumer.group._ready = ready  # noqa: SLF001

    wrap(patch, f"{CONSUMER}.acknowledging:settle", settle)


@fault("JS-RDL-016", "one message too many may be outstanding")
def one_too_many(patch: Patch) -> None:
    """Just one."""

    def stalled(self: Consumer) -> bool:
        limit = self.config.max_ack_pending
        return self.config.acks and 0 < limit < len(self.progress.pending)

    patch.attribute(STALLED, property(stalled))


@fault("JS-RDL-017", "after a restart delays are over")
def impatient(patch: Patch) -> None:
    """Everything outstanding comes again at once."""

    def read(original: Any, group: Any, consumer: Consumer) -> None:  # noqa: ANN401 - handed on
        original(group, consumer)
        for entry in consumer.progress.pending.values():
            entry.since = 0

    wrap(patch, f"{CONSUMER}.persistence:read", read)


@fault("JS-RDL-009", "exhaustion is told twice")
def told_twice(patch: Patch) -> None:
    """For each message."""

    def tell(original: Any, *arguments: Any) -> None:  # noqa: ANN401 - handed on
        original(*arguments)
        original(*arguments)

    wrap(patch, f"{CONSUMER}.advisories:exhausted", tell)


@fault("JS-RDL-010", "exhaustion is noticed when somebody asks")
def noticed_late(patch: Patch) -> None:
    """Not when the last wait is over."""
    used_up = patch.original(f"{REDELIVERING}:used_up")
    look = patch.original(f"{REDELIVERING}:look")

    def later(consumer: Consumer) -> None:
        patch.attribute(f"{REDELIVERING}:used_up", lambda _consumer, _seq: False)
        try:
            look(consumer)
        finally:
            patch.attribute(f"{REDELIVERING}:used_up", used_up)

    patch.attribute(f"{REDELIVERING}:look", later)


@fault("JS-RDL-011", "a refusal is worth another delivery")
def one_for_free(patch: Patch) -> None:
    """However many there were."""

    def refuse(original: Any, consumer: Consumer, token: Any, argument: bytes) -> None:  # noqa: ANN401 - handed on
        consumer.progress.uncount(token.stream_seq)
        original(consumer, token, argument)

    wrap(patch, f"{CONSUMER}.acknowledging:refuse", refuse)


@fault("JS-RDL-012", "after an exhaustion the floor stays for good")
def stuck_floor(patch: Patch) -> None:
    """Whatever is acknowledged."""

    def raise_floor(original: Any, self: Progress, sequence: int, seq: int) -> None:  # noqa: ANN401 - handed on
        spent = any(each not in self.pending for each in self.redeliveries if each != seq)
        if not spent:
            original(self, sequence, seq)

    wrap(patch, f"{PROGRESS}._raise_floor", raise_floor)


@fault("JS-RDL-013", "an exhausted message leaves the stream")
def leaves(patch: Patch) -> None:
    """Whatever its retention."""

    def used_up(original: Any, consumer: Consumer, seq: int) -> bool:  # noqa: ANN401 - handed on
        found = bool(original(consumer, seq))
        if found:
            consumer.group.stream.discard(seq)
        return found

    wrap(patch, f"{REDELIVERING}:used_up", used_up)


@fault("JS-RDL-009/more", "what was delivered more often than it may be ends in silence")
def silent_end(patch: Patch) -> None:
    """It is not what it is told of."""

    def exhausted(original: Any, consumer: Consumer, seq: int, count: int) -> None:  # noqa: ANN401 - handed on
        if count == consumer.exhausts:
            original(consumer, seq, count)

    wrap(patch, f"{CONSUMER}.advisories:exhausted", exhausted)


@fault("JS-PULL-041/counted", "a message that nobody received counts as delivered")
def counted(patch: Patch) -> None:
    """Its next delivery is the second."""
    patch.attribute(f"{CONSUMER}.progress:Progress.uncount", lambda _self, _seq: None)
