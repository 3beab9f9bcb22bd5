"""Faults of chapter 120: where a consumer starts, what it delivers, and what deletion and purge do."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import Change, register, wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.position import Asked, Start
    from nats_reference.jetstream.consumer.progress import Progress

CONSUMER = "nats_reference.jetstream.consumer"
POSITION, DELIVERING = f"{CONSUMER}.position", f"{CONSUMER}.delivering"
PROGRESS, GROUP = f"{CONSUMER}.progress:Progress", f"{CONSUMER}.group:Group"
LEAVING = f"{CONSUMER}.leaving"

CHANGES: tuple[Change, ...] = (
    ("JS-DLV-019", "the size of a payload that is left out is not told", f"{DELIVERING}:without_payload", lambda record: record.headers),
    ("JS-DLV-020", "gaps between messages are not kept", f"{DELIVERING}:SHORTEST_GAP", 1 << 62),
    ("JS-RET-007", "what only a deleted consumer wanted stays", f"{LEAVING}:interest", SimpleNamespace(lost=lambda _group: None)),
)  # fmt: skip

register(CHANGES)


def next_is(patch: Patch, around: Any) -> None:  # noqa: ANN401 - a function around another
    """Choose the next message otherwise: one by one, then, and never as a run."""
    wrap(patch, f"{DELIVERING}:first_time", around)
    patch.attribute(f"{CONSUMER}.running:may_run", lambda _consumer: False)


def starting(patch: Patch, policy: str, change: Any) -> None:  # noqa: ANN401 - a function of what is asked, and a start
    """Have a policy start elsewhere."""
    start = patch.original(f"{POSITION}:start")

    def otherwise(asked: Asked) -> Start:
        found: Start = start(asked)
        return change(asked, found) if asked.config.deliver_policy == policy else found

    patch.attribute(f"{POSITION}:start", otherwise)


def shifted(patch: Patch, policy: str, by: int) -> None:
    """Have a policy start a message earlier or later."""
    starting(
        patch, policy, lambda _asked, found: replace(found, sequence=max(found.sequence + by, 1))
    )


@fault("JS-DLV-009", "the first message is left out")
def second(patch: Patch) -> None:
    """With policy all."""
    shifted(patch, "all", 1)


@fault("JS-DLV-010", "the last message is left out")
def after_last(patch: Patch) -> None:
    """With policy last."""
    shifted(patch, "last", 1)


@fault("JS-DLV-011", "the last message is new")
def last_is_new(patch: Patch) -> None:
    """With policy new."""
    shifted(patch, "new", -1)


@fault("JS-DLV-012", "the message to start with is left out")
def after_start(patch: Patch) -> None:
    """With policy by_start_sequence."""
    shifted(patch, "by_start_sequence", 1)


@fault("JS-DLV-013", "the message before the time is delivered, too")
def before_time(patch: Patch) -> None:
    """With policy by_start_time."""
    shifted(patch, "by_start_time", -1)


@fault("JS-DLV-024", "a sequence that is to come is not waited for")
def clamped(patch: Patch) -> None:
    """The next message will do."""
    starting(
        patch,
        "by_start_sequence",
        lambda asked, found: replace(found, sequence=min(found.sequence, asked.index.last_seq + 1)),
    )


@fault("JS-DLV-014", "older messages of a subject are delivered, too")
def all_of_each(patch: Patch) -> None:
    """With policy last_per_subject."""
    starting(patch, "last_per_subject", lambda _asked, found: replace(found, newest=(), sequence=1))


@fault("JS-DLV-016", "a new consumer has delivered where it starts")
def one_ahead(patch: Patch) -> None:
    """As it tells."""

    def begin(original: Any, self: Progress, seq: int) -> None:  # noqa: ANN401 - handed on
        original(self, seq)
        self.delivered_stream = seq

    wrap(patch, f"{PROGRESS}.begin", begin)


@fault("JS-DLV-025", "the floor of a new consumer is 0")
def no_floor(patch: Patch) -> None:
    """Wherever it starts."""

    def begin(original: Any, self: Progress, seq: int) -> None:  # noqa: ANN401 - handed on
        original(self, seq)
        self.floor_stream = 0

    wrap(patch, f"{PROGRESS}.begin", begin)


@fault("JS-DLV-017", "filters are served one after another")
def filter_by_filter(patch: Patch) -> None:
    """Not in the order of the stream."""

    def first(original: Any, index: Any, filters: Any, seq: int) -> Any:  # noqa: ANN401 - handed on
        for each in filters:
            if found := original(index, (each,), seq):
                return found
        return original(index, filters, seq)

    wrap(patch, f"{POSITION}:next_matching", first)


@fault("JS-DLV-018", "what does not match moves what is delivered")
def moves_on(patch: Patch) -> None:
    """Beyond the next one, and that doesn't match either."""

    def deliver(original: Any, self: Progress, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        found = original(self, *arguments, **named)
        self.delivered_stream += 2
        return found

    for name in ("deliver", "deliver_run"):
        wrap(patch, f"{PROGRESS}.{name}", deliver)


@fault("JS-DLV-022", "a selected message that is gone ends the selection")
def ends_selection(patch: Patch) -> None:
    """Nothing more of it is delivered."""
    from nats_reference.jetstream.consumer.newest import Newest  # noqa: PLC0415 - a fault is seldom installed

    def first_time(original: Any, consumer: Consumer) -> Any:  # noqa: ANN401 - handed on
        left = consumer.newest
        if left and consumer.group.stream.store.get(left.first) is None:
            consumer.newest = Newest()
            consumer.progress.next_stream = consumer.resume + 1
        return original(consumer)

    next_is(patch, first_time)


def said_otherwise(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of a delivery
    """Have deliveries look otherwise."""
    wrap(
        patch,
        f"{GROUP}.say",
        lambda say, self, outgoing: say(self, change(outgoing) if outgoing.consumer else outgoing),
    )


@fault("JS-DLV-001", "a message shows the deliver subject")
def deliver_subject(patch: Patch) -> None:
    """Instead of its own."""
    said_otherwise(patch, lambda delivery: delivery._replace(subject=delivery.to))


@fault("JS-DLV-023", "header fields of JetStream's own are not delivered")
def fewer_fields(patch: Patch) -> None:
    """They were for the server."""
    import re  # noqa: PLC0415 - a fault is seldom installed

    own = re.compile(rb"Nats-(?:Msg-Id|Expected-[A-Za-z-]+|Rollup|TTL): [^\r\n]*\r\n")
    said_otherwise(
        patch,
        lambda delivery: delivery._replace(
            headers=own.sub(b"", delivery.headers) if delivery.headers else None
        ),
    )


@fault("JS-DLV-021", "there is no limit to the rate")
def no_rate(patch: Patch) -> None:
    """Everything comes at once."""
    patch.attribute(f"{CONSUMER}.window:Rate.delay", lambda _self, _size, _now: 0)


@fault("JS-DLV-026", "while a message is held back requests neither end nor hear heartbeats")
def waits_along(patch: Patch) -> None:
    """They wait with it."""
    held = patch.original(f"{DELIVERING}:held")

    def tidy(original: Any, consumer: Consumer, *, drained: bool) -> None:  # noqa: ANN401 - handed on
        if not held(consumer):
            original(consumer, drained=drained)

    wrap(patch, f"{CONSUMER}.pulling:tidy", tidy)


@fault("JS-DLV-026/pending", "a message that is held back is no longer pending")
def neither_nor(patch: Patch) -> None:
    """Nor is it outstanding."""
    held = patch.original(f"{DELIVERING}:held")

    def info(original: Any, consumer: Consumer) -> dict[str, Any]:  # noqa: ANN401 - handed on
        found: dict[str, Any] = original(consumer)
        return found | {"num_pending": found["num_pending"] - bool(held(consumer))}

    wrap(patch, f"{CONSUMER}.information:info", info)


# ---- Retention, deletion, purge ---------------------------------------------------


@fault("JS-RET-003", "what is acknowledged stays in the queue")
def stays(patch: Patch) -> None:
    """Until it is purged."""

    def done(original: Any, self: Any, consumer: Consumer, seqs: Any) -> None:  # noqa: ANN401 - handed on
        if self.stream.config.retention != "workqueue":
            original(self, consumer, seqs)

    wrap(patch, f"{GROUP}.done", done)


@fault("JS-RET-004", "what a deleted consumer had not done goes with it")
def goes_along(patch: Patch) -> None:
    """From the queue."""

    def leave(original: Any, group: Any, consumer: Consumer, **how: bool) -> None:  # noqa: ANN401 - handed on
        pending = tuple(consumer.progress.pending)
        original(group, consumer, **how)
        if group.stream.config.retention == "workqueue":
            for seq in pending:
                group.stream.discard(seq)

    wrap(patch, f"{LEAVING}:leave", leave)


@fault("JS-RET-005", "a message that nobody wants is kept")
def kept(patch: Patch) -> None:
    """Somebody may come."""
    patch.attribute(f"{GROUP}.wants", lambda _self, _subject: True)


@fault("JS-RET-006", "a message goes when one consumer is done with it")
def one_is_enough(patch: Patch) -> None:
    """Others get nothing."""
    patch.attribute(f"{GROUP}.needed", lambda _self, _seq: False)


@fault("JS-RET-008", "a consumer starts with what is not there any more")
def from_one(patch: Patch) -> None:
    """With sequence 1."""
    starting(patch, "all", lambda _asked, found: replace(found, sequence=1))
