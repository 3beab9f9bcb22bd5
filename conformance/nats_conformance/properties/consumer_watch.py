"""A consumer of the consumer machine: its model beside what the server does.

Each delivery that comes must be one that the model allows, with the reply subject that the
model predicts; at rest INFO must say what the model says. All is kept as a trace, for the
invariants.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.consuming import Consumer, Delivery
from nats_conformance.expect import Mismatch
from nats_conformance.invariants import consumer as invariants
from nats_conformance.invariants import trace
from nats_conformance.properties.consumer_told import differs
from nats_spec.model import consumer as fold
from nats_spec.model.consumer_delivery import Choices, Token, choices, deliver, exhaust

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from nats_conformance.consuming import Pull
    from nats_conformance.jetstream import JetStream
    from nats_conformance.properties.consumer_stream import Held

#: Nanoseconds within which the end of a delay is waited for.
SOON: Final = 1_500_000_000
#: Nanoseconds that a server may take to notice it.
LATE: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """How INFO is asked for until it says what the model says."""

    js: JetStream
    release: tuple[int, ...]
    #: Seconds.
    patience: float
    #: See what comes.
    meanwhile: Callable[[], None]


@dataclass(slots=True)
class Open:
    """A pull request that waits."""

    number: int
    #: The client that hears its inbox, and the place of that client.
    pull: Pull
    client: int
    left: int


@dataclass(slots=True)
class Watched:
    """One consumer, from its creation on."""

    held: Held
    handle: Consumer
    model: fold.Consumer
    max_waiting: int
    started: int
    letters: tuple[str, ...] = ()  #: Of its filters; none for all.
    #: Every reply of every message, in order.
    replies: dict[int, list[Delivery]] = field(default_factory=dict)
    open: list[Open] = field(default_factory=list)
    requests: dict[int, trace.Request] = field(default_factory=dict)
    deliveries: list[trace.Delivery] = field(default_factory=list)
    done: dict[int, int] = field(default_factory=dict)
    infos: list[trace.Info] = field(default_factory=list)
    filters: list[tuple[int, tuple[bytes, ...]]] = field(default_factory=list)
    exhausted: set[int] = field(default_factory=set)
    #: What is exhausted, but perhaps not noticed: no request has looked so far (JS-RDL-011).
    #: A request that comes after this moment must.
    unnoticed: dict[int, int] = field(default_factory=dict)
    #: So many of them may still be counted; which ones, INFO does not say.
    uncertain: int = 0
    #: The last delivery was one whose delay was over.
    delayed: bool = False
    #: After the last INFO nothing was to happen by itself.
    still: bool = False
    #: What INFO said last.
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.handle.name

    @property
    def awaited(self) -> bool:
        """Something must come for a request that waits, now or soon."""
        if not self.open:
            return False
        now = time.time_ns()
        self.settle(now)
        if self.choices(now, now).due:
            return True
        most = self.model.config.max_deliver
        return any(
            each.due < now + SOON
            for each in self.model.outstanding.values()
            if not 0 < most <= each.deliveries
        )

    @property
    def soon(self) -> set[int]:
        """What is to come again at once, or soon, to whoever asks."""
        soon = time.time_ns() + SOON
        again = {seq for seq, each in self.model.outstanding.items() if each.due < soon}
        return again | set(self.model.refused) | self.unnoticed.keys()

    def choices(self, since: int, until: int) -> Choices:
        """What may come between these moments; a delay may last a little longer."""
        return choices(self.model, self.held.model, since - LATE, until)

    def settle(self, now: int, among: Collection[int] | None = None) -> None:
        """A request looks at everything: what is exhausted by now is found to be.

        `among`: only these are looked at.
        """
        before = self.model
        self.model, over = exhaust(before, now, among)
        self.exhausted |= set(over)
        for seq in over:
            refused = seq in before.refused
            self.unnoticed[seq] = 0 if refused else before.outstanding[seq].due + LATE
        self.uncertain += len(over)

    def looked(self, since: int) -> None:
        """A request that came then has looked at everything."""
        self.unnoticed = {seq: moment for seq, moment in self.unnoticed.items() if moment >= since}

    def took(self, step: int, request: int, came: Delivery, since: int, coming: int = 0) -> None:
        """One delivery: the model allows it, and its reply subject says what it must.

        `coming`: so many of the last messages may not have been stored yet when it was made.
        """
        until = time.time_ns()
        self.settle(since)
        known = self.model.outstanding.get(came.seq)
        self.delayed = known is not None and came.seq not in self.model.refused
        allowed, token = self.choices(since, until).allowed, came.token
        if token.stream_seq not in allowed:  # something may have been exhausted meanwhile
            self.settle(until)
            allowed = self.choices(since, until).allowed
        if token.stream_seq not in allowed:
            raise Mismatch(
                f"{self.name} delivered message {token.stream_seq}",
                f"one of {sorted(allowed)}" if allowed else "nothing",
                str(came.message),
            )
        self.model, expected = deliver(self.model, self.held.model, token.stream_seq, until)
        got = Token(token.deliveries, token.consumer_seq, token.pending)
        late = [
            seq
            for seq in fold.ahead(self.model, self.held.model)
            if seq > self.held.model.last - coming
        ]
        if expected.pending - len(late) <= got.pending < expected.pending:
            expected = got if got == replace(expected, pending=got.pending) else expected
        if got != expected:
            raise Mismatch(
                f"{self.name} delivered message {token.stream_seq}", f"{expected}", f"{got}"
            )
        self.replies.setdefault(token.stream_seq, []).append(came)
        self.held.seen(token.stream_seq, token.timestamp)
        self.deliveries.append(_observed(step, request, came))

    def opened(self, number: int, batch: int, max_bytes: int = 0) -> None:
        """A pull request was made."""
        self.requests[number] = trace.Request(number, batch, max_bytes)

    def ended(self, number: int, status: int) -> None:
        """A status has ended it."""
        request = self.requests[number]
        count = sum(each.request == number for each in self.deliveries)
        statuses = (*request.statuses, (status, count))
        self.requests[number] = trace.Request(
            number, request.batch, request.max_bytes, statuses=statuses
        )

    def compare(self, inbox: str, step: int, look: Look) -> None:
        """INFO at rest says what the model says, and no invariant is violated.

        `inbox`: where the answer to a first question is coming.
        """
        ends = time.monotonic() + look.patience
        while True:
            # Not by its schema: that would take longer than all else.
            answer = look.js.on_subject(inbox).json
            now = time.time_ns()
            wrong = differs(self, self.model, answer, look.release)
            # What is exhausted may be found out, one sooner than another, or only when somebody
            # asks for messages (JS-RDL-011).
            if wrong and exhaust(self.model, now)[1]:
                self.settle(now)
                wrong = differs(self, self.model, answer, look.release)
            if not wrong:
                break
            if time.monotonic() > ends:
                raise Mismatch(f"INFO of {self.name}: {wrong}", f"{self.model}", f"{answer}")
            time.sleep(0.005)
            look.meanwhile()
            inbox = self.ask(look.js)
        # Each of them may be the one that it counts, and each the one that is acknowledged next.
        self.uncertain = answer["num_ack_pending"] - len(self.model.outstanding)
        kept = self.unnoticed.keys() & self.model.exhausted.keys() if self.uncertain else ()
        self.unnoticed = {seq: self.unnoticed[seq] for seq in kept}
        self.told = answer
        self.still = not self.soon
        self.infos.append(trace.Info.of(step, answer))
        if found := invariants.violations(self.trace()):
            raise Mismatch(found[0], "no violation", "; ".join(found))

    def ask(self, js: JetStream) -> str:
        """Ask for INFO; the inbox to which the answer comes."""
        inbox = js.inbox()
        js.send(f"{js.prefix}.CONSUMER.INFO.{self.handle.path}", reply=inbox)
        return inbox

    def trace(self) -> trace.Trace:
        """All that was observed of it."""
        config = self.model.config
        rules = trace.Rules(
            filters=tuple(self.filters),
            ack_policy=config.ack.value,
            max_deliver=config.max_deliver,
            max_waiting=self.max_waiting,
            start=self.started,
            last_per_subject=config.deliver is fold.Deliver.LAST_PER_SUBJECT,
        )
        return trace.Trace(
            rules,
            self.held.stored,
            gone=self.held.gone,
            purged=self.model.purged,
            deliveries=self.deliveries,
            done=self.done,
            exhausted=frozenset(self.exhausted | self.model.exhausted.keys())
            - self.unnoticed.keys(),
            perhaps=frozenset(self.unnoticed),
            requests=tuple(self.requests.values()),
            infos=self.infos,
        )


def _observed(step: int, request: int, came: Delivery) -> trace.Delivery:
    message, token = came.message, came.token
    parts = (message.subject.encode(), message.reply.encode(), message.block, message.payload)
    return trace.Delivery(
        step,
        token.stream_seq,
        token.consumer_seq,
        token.deliveries,
        token.pending,
        token.timestamp,
        message.subject.encode(),
        message.payload,
        message.block,
        size=sum(map(len, parts)),
        request=request,
        came=time.monotonic(),
    )
