"""Faults of chapter 122, push consumers, and of what ordered clients build on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.consumer_delivery import next_is
from nats_reference.faults.tables import Change, register, wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.progress import Progress

CONSUMER = "nats_reference.jetstream.consumer"
PUSHING, STATUSES = f"{CONSUMER}.pushing", f"{CONSUMER}.statuses"
LIFETIME, OUTLET = f"{CONSUMER}.lifetime", "nats_reference.jetstream.outlet:Outlet"
CREATE = f"{CONSUMER}.creating:create"


def nothing(*_arguments: Any, **_named: Any) -> None:  # noqa: ANN401 - whatever it was
    """What was to be done is not done."""


CHANGES: tuple[Change, ...] = (
    ("JS-PUSH-004", "no heartbeats are pushed", f"{PUSHING}:beat", nothing),
    ("JS-PUSH-005", "flow control is asked for in other words", f"{STATUSES}:FLOW_CONTROL", "100 Flow"),
    ("JS-PUSH-016", "flow control is not asked for", f"{PUSHING}:by_flow_control", lambda _c: False),
    ("JS-PUSH-002/lost", "what was sent to nobody counts as delivered", f"{CONSUMER}.delivering:take_back", nothing),
    ("JS-PUSH-017", "what an answer to flow control says is not read", f"{PUSHING}:number_in", lambda _h, _n: -1),
)  # fmt: skip

register(CHANGES)


@fault("JS-PUSH-001", "nobody is told that somebody listens")
def never_bound(patch: Patch) -> None:
    """`push_bound` is never there."""

    def unbound(info: Any, consumer: Consumer) -> Any:  # noqa: ANN401 - JSON
        found = info(consumer)
        found.pop("push_bound", None)
        return found

    wrap(patch, f"{CONSUMER}.information:info", unbound)


@fault("JS-PUSH-002", "what was stored while nobody listened is not delivered")
def forgetful(patch: Patch) -> None:
    """Delivery goes on with what comes."""

    def skip(look: Any, consumer: Consumer) -> None:  # noqa: ANN401 - handed on
        idle = not consumer.active
        look(consumer)
        if idle and consumer.active:
            consumer.progress.next_stream = consumer.group.stream.store.index.last_seq + 1

    wrap(patch, f"{PUSHING}:look", skip)


@fault("JS-PUSH-003", "a push consumer wants a listener to begin with")
def wants_listener(patch: Patch) -> None:
    """Without one it is refused."""

    def strict(create: Any, group: Any, config: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - a fault is seldom installed

        if config.push and not group.host.heard(config.deliver_subject.encode()):
            raise ApiError(10012, err="nobody listens")
        return create(group, config, *arguments, **named)

    wrap(patch, CREATE, strict)


@fault("JS-PUSH-009", "listeners outside the group count")
def any_listener(patch: Patch) -> None:
    """Whoever hears the subject will do."""
    wrap(
        patch,
        f"{OUTLET}.listening",
        lambda listening, self, subject, group: (
            self.heard(subject) if group else listening(self, subject, group)
        ),
    )


@fault("JS-PUSH-010", "members of queue groups count where there is no group")
def any_member(patch: Patch) -> None:
    """Whoever hears the subject will do."""
    wrap(
        patch,
        f"{OUTLET}.listening",
        lambda listening, self, subject, group: (
            listening(self, subject, group) if group else self.heard(subject)
        ),
    )


@fault("JS-PUSH-019", "a wildcard counts")
def wildcard(patch: Patch) -> None:
    """Whoever would get the messages listens."""
    patch.attribute(
        f"{OUTLET}.listening",
        lambda self, subject, group: any(
            each.queue == (group or None) for each in self.interest.index.match(subject)
        ),
    )


@fault("JS-PUSH-011", "a message for a group comes twice")
def twice(patch: Patch) -> None:
    """To one member each."""

    def again(deliver: Any, self: Any, outgoing: Any) -> Any:  # noqa: ANN401 - handed on
        if outgoing.consumer is not None and outgoing.consumer.config.deliver_group:
            deliver(self, outgoing)
        return deliver(self, outgoing)

    wrap(patch, f"{OUTLET}.deliver", again)


@fault("JS-PUSH-014", "a push consumer without listeners stays")
def immortal(patch: Patch) -> None:
    """For ever."""

    def spare(look: Any, consumer: Consumer) -> None:  # noqa: ANN401 - handed on
        if not consumer.config.push:
            look(consumer)

    wrap(patch, f"{LIFETIME}:look", spare)


@fault("JS-PUSH-015", "a push consumer goes although somebody listens")
def mortal(patch: Patch) -> None:
    """When it is as old as its threshold."""

    def count(interest: Any, consumer: Consumer, *, heard: bool) -> None:  # noqa: ANN401 - handed on
        interest(consumer, heard=heard and False)

    def end(look: Any, consumer: Consumer) -> None:  # noqa: ANN401 - handed on
        if consumer.config.push:
            consumer.group.delete(consumer)
        else:
            look(consumer)

    wrap(patch, f"{LIFETIME}:interest", count)
    wrap(patch, f"{LIFETIME}:look", end)


@fault("JS-PUSH-012", "the floor stays where nothing is acknowledged")
def low_floor(patch: Patch) -> None:
    """As if it could be."""

    def stay(deliver: Any, self: Progress, seq: int, now: int, *, acks: bool) -> Any:  # noqa: ANN401 - handed on
        floor, floor_stream = self.floor, self.floor_stream
        found = deliver(self, seq, now, acks=acks)
        self.floor, self.floor_stream = floor, floor_stream
        return found

    wrap(patch, f"{CONSUMER}.progress:Progress.deliver", stay)
    patch.attribute(f"{CONSUMER}.running:may_run", lambda _consumer: False)


@fault("JS-PUSH-013", "what was pushed once does not come again")
def pushed_once(patch: Patch) -> None:
    """Acknowledged or not."""

    def watch(original: Any, consumer: Consumer, seq: int) -> None:  # noqa: ANN401 - handed on
        if not consumer.config.push:
            original(consumer, seq)

    wrap(patch, f"{CONSUMER}.redelivering:watch", watch)


@fault("JS-PUSH-018", "messages are pushed newest first")
def backwards(patch: Patch) -> None:
    """Each after the one that follows it."""

    def swap(first_time: Any, consumer: Consumer) -> Any:  # noqa: ANN401 - handed on
        own, index = consumer.progress, consumer.group.stream.store.index
        start = own.next_stream
        if consumer.config.push and start < index.last_seq and start % 2:
            own.next_stream = start + 1
            found = first_time(consumer)
            own.next_stream = start
            return found
        return first_time(consumer)

    next_is(patch, swap)


@fault("JS-PUSH-006", "the window of flow control does not grow")
def narrow(patch: Patch) -> None:
    """It stays as it began."""

    def keep(answered: Any, self: Any, subject: bytes) -> Any:  # noqa: ANN401 - handed on
        size = self.size
        found = answered(self, subject)
        self.size = size
        return found

    wrap(patch, f"{CONSUMER}.window:Window.answered", keep)


@fault("JS-PUSH-007", "a heartbeat does not tell that delivery is held up")
def hides_stall(patch: Patch) -> None:
    """By flow control."""
    wrap(
        patch,
        f"{CONSUMER}.pulling:say_alive",
        lambda say, consumer, to, _stalled="": say(consumer, to),
    )


@fault("JS-PUSH-008", "any answer lets delivery go on")
def any_answer(patch: Patch) -> None:
    """Whatever it answers."""
    wrap(
        patch,
        f"{CONSUMER}.window:Window.answered",
        lambda answered, self, _subject: answered(self, self.asked),
    )


@fault("JS-ORD-001", "a consumer can't keep its state in memory")
def no_memory(patch: Patch) -> None:
    """It is refused."""

    def strict(create: Any, group: Any, config: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - a fault is seldom installed

        if config.mem_storage:
            raise ApiError(10012, err="no memory")
        return create(group, config, *arguments, **named)

    wrap(patch, CREATE, strict)


@fault("JS-ORD-002", "consumer sequences begin with 2")
def begins_with_two(patch: Patch) -> None:
    """So that a client misses the first."""

    def begin(original: Any, self: Progress, seq: int) -> None:  # noqa: ANN401 - handed on
        original(self, seq)
        self.next_sequence = 2

    wrap(patch, f"{CONSUMER}.progress:Progress.begin", begin)


@fault("JS-ORD-004", "a consumer in memory leaves every third message out")
def leaves_out(patch: Patch) -> None:
    """And nobody is told."""

    def skip(first_time: Any, consumer: Consumer) -> Any:  # noqa: ANN401 - handed on
        found = first_time(consumer)
        if found is not None and consumer.config.mem_storage and found[0].seq % 3 == 0:
            found = first_time(consumer)
        return found

    next_is(patch, skip)
