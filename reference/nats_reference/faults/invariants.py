"""Faults that break what must hold of a consumer at any time (JS-INV)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.consumer_delivery import next_is
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.progress import Progress

CONSUMER = "nats_reference.jetstream.consumer"
DELIVERING, PROGRESS = f"{CONSUMER}.delivering", f"{CONSUMER}.progress:Progress"
GROUP, INFO = f"{CONSUMER}.group:Group", f"{CONSUMER}.information:info"


@fault("JS-INV-001", "every fourth message is left out")
def leaves_out(patch: Patch) -> None:
    """And counts as delivered."""

    def first_time(original: Any, consumer: Consumer) -> Any:  # noqa: ANN401 - handed on
        found = original(consumer)
        if found is not None and found[0].seq % 4 == 0:
            found = original(consumer)
        return found

    next_is(patch, first_time)


@fault("JS-INV-002", "a delivery has a byte too many")
def a_byte_more(patch: Patch) -> None:
    """At its end."""

    def say(original: Any, self: Any, outgoing: Any) -> None:  # noqa: ANN401 - handed on
        if outgoing.consumer is not None:
            outgoing = outgoing._replace(payload=outgoing.payload + b"!")
        original(self, outgoing)

    wrap(patch, f"{GROUP}.say", say)


@fault("JS-INV-003", "filters are not looked at")
def no_filters(patch: Patch) -> None:
    """Everything is delivered."""
    wrap(
        patch,
        f"{CONSUMER}.position:next_matching",
        lambda original, index, _filters, seq: original(index, (), seq),
    )


def backwards(patch: Patch) -> None:
    """Each message after the one that follows it."""

    def first_time(original: Any, consumer: Consumer) -> Any:  # noqa: ANN401 - handed on
        own, last = consumer.progress, consumer.group.stream.store.index.last_seq
        start = own.next_stream
        if start < last and start % 2 and not consumer.newest:
            own.next_stream = start + 1
            found = original(consumer)
            own.next_stream = start
            return found
        return original(consumer)

    next_is(patch, first_time)


fault("JS-INV-004", "first deliveries don't ascend")(backwards)
fault("JS-INV-019", "first deliveries of a subject don't ascend")(backwards)


@fault("JS-INV-005", "consumer sequences go up by two")
def by_two(patch: Patch) -> None:
    """After each delivery."""

    def deliver(original: Any, self: Progress, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        found = original(self, *arguments, **named)
        self.next_sequence += 1
        return found

    wrap(patch, f"{PROGRESS}.deliver", deliver)


def shown(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of what is shown
    """Have CONSUMER.INFO say something else."""
    wrap(patch, INFO, lambda info, consumer: change(consumer, info(consumer)))


def pair(patch: Patch, member: str, name: str, by: int) -> None:
    """Have one sequence of a pair be another."""

    def change(_consumer: Consumer, found: Any) -> Any:  # noqa: ANN401 - JSON
        found[member][name] = max(found[member][name] + by, 0)
        return found

    shown(patch, change)


@fault("JS-INV-006", "a delivery too few is counted")
def one_fewer(patch: Patch) -> None:
    """In what is delivered."""
    pair(patch, "delivered", "consumer_seq", -1)


@fault("JS-INV-007", "what is delivered is one ahead")
def one_ahead(patch: Patch) -> None:
    """In the stream."""
    pair(patch, "delivered", "stream_seq", 1)


@fault("JS-INV-008", "an acknowledgement takes a delivery back")
def goes_back(patch: Patch) -> None:
    """As far as it is told."""

    def settle(original: Any, self: Progress, seq: int) -> Any:  # noqa: ANN401 - handed on
        found = original(self, seq)
        if found is not None and self.delivered_stream > 1:
            self.delivered_stream -= 1
        return found

    wrap(patch, f"{PROGRESS}.settle", settle)


@fault("JS-INV-009", "the floor goes back with a redelivery")
def floor_goes_back(patch: Patch) -> None:
    """By one."""

    def count_again(original: Any, self: Progress, seq: int) -> Any:  # noqa: ANN401 - handed on
        self.floor = max(self.floor - 1, 0)
        self.floor_stream = max(self.floor_stream - 1, 0)
        return original(self, seq)

    wrap(patch, f"{PROGRESS}.count_again", count_again)


@fault("JS-INV-010", "the floor is above what is delivered")
def floor_above(patch: Patch) -> None:
    """By one."""
    pair(patch, "ack_floor", "stream_seq", 1)


@fault("JS-INV-011", "the floor goes over what is outstanding")
def floor_over(patch: Patch) -> None:
    """To what was acknowledged."""

    def raise_floor(_original: Any, self: Progress, sequence: int, seq: int) -> None:  # noqa: ANN401 - handed on
        self.floor, self.floor_stream = max(self.floor, sequence), max(self.floor_stream, seq)

    wrap(patch, f"{PROGRESS}._raise_floor", raise_floor)


def number(patch: Patch, member: str, by: int) -> None:
    """Have a number of CONSUMER.INFO be another."""
    shown(patch, lambda _consumer, found: found | {member: max(found[member] + by, 0)})


@fault("JS-INV-012", "one outstanding message too many is counted")
def one_more_outstanding(patch: Patch) -> None:
    """In CONSUMER.INFO."""
    number(patch, "num_ack_pending", 1)


@fault("JS-INV-013", "one message to come too few is counted")
def one_less_to_come(patch: Patch) -> None:
    """In CONSUMER.INFO."""
    number(patch, "num_pending", -1)


@fault("JS-INV-014", "a delivery counts itself among those to come")
def counts_itself(patch: Patch) -> None:
    """In its reply subject."""
    wrap(
        patch,
        f"{CONSUMER}.acks:subject",
        lambda subject, prefix, token, time, pending: subject(prefix, token, time, pending + 1),
    )


@fault("JS-INV-015", "deliveries are counted from 2")
def from_two(patch: Patch) -> None:
    """In the reply subject."""
    wrap(
        patch,
        f"{CONSUMER}.acks:subject",
        lambda subject, prefix, token, *others: subject(
            prefix, token._replace(deliveries=token.deliveries + 1), *others
        ),
    )


@fault("JS-INV-016", "messages are counted as redelivered that were not")
def redelivered(patch: Patch) -> None:
    """Many."""
    number(patch, "num_redelivered", 100)
