"""The consumers of one stream: who they are, who is hungry, and their common rounds.

A round takes what arrived (acknowledgements, requests), delivers, keeps what that
changed in the stream's own transaction, and then sends what there is to say. So no
acknowledgement is confirmed that a killed server would forget. What is delivered as soon as
it is stored is kept with it, or after it and a little later (`unkept.py`).
JS-CONS-CFG-049, JS-RET-003 .. JS-RET-010, JS-LIM-017, JS-LIM-018.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import (
    acknowledging,
    delivering,
    interest,
    leaving,
    persistence,
    pulling,
    pushing,
    undoing,
)
from nats_reference.jetstream.consumer.appetite import Appetite
from nats_reference.jetstream.consumer.counting import Removals
from nats_reference.jetstream.consumer.early import Early
from nats_reference.jetstream.consumer.holding import Holders
from nats_reference.jetstream.consumer.unkept import Unkept
from nats_reference.jetstream.consumer.unneeded import Unneeded
from nats_reference.jetstream.errors import ApiError
from nats_reference.routing.index import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nats_reference.jetstream.consumer.acks import Token
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.outbox import Outgoing, Run
    from nats_reference.jetstream.host import Host
    from nats_reference.jetstream.stream import Stream

#: What stands for a filter where there is none.
EVERYTHING = b">"


class Group:
    """Every consumer of a stream; the stream's observer."""

    def __init__(self, stream: Stream, host: Host) -> None:
        self.stream = stream
        self.host = host
        self.by_name: dict[str, Consumer] = {}
        #: How many there are, hidden ones left out (JS-CAPI-035).
        self.visible = 0
        self.removals = Removals(stream)
        #: Consumers by what they want, and those of them that would take a message now.
        self.interested: Index[Consumer] = Index()
        self.hungry = Appetite()
        self.holders = Holders()
        self._arrived: list[Callable[[], None]] = []
        self._ready: dict[Consumer, None] = {}
        #: Those that get what is being stored when it is safe, and not with it.
        self._after: dict[Consumer, None] = {}
        #: Consumers that have more to deliver than one round takes.
        self.unfinished: dict[Consumer, None] = {}
        self.unkept = Unkept(self)
        self.early = Early(self)
        self.unneeded = Unneeded(self)
        self._outbox: list[Outgoing | Run] = []
        self._scheduled = False
        #: Whether what could not be kept is to be tried again.
        self.retrying = False

    # ---- Membership ----------------------------------------------------------

    def add(self, consumer: Consumer) -> None:
        """A consumer has come to be."""
        self.by_name[consumer.name] = consumer
        self.visible += not consumer.config.direct
        for pattern in consumer.filters or (EVERYTHING,):
            self.interested.insert(pattern, consumer)
        self.unkept.add(consumer)

    def refilter(self, consumer: Consumer, before: tuple[bytes, ...]) -> None:
        """A consumer wants something else from now on."""
        for pattern in before or (EVERYTHING,):
            self.interested.remove(pattern, consumer)
        for pattern in consumer.filters or (EVERYTHING,):
            self.interested.insert(pattern, consumer)
        interest.lost(self)
        self.demand(consumer)

    def delete(self, consumer: Consumer) -> None:
        """A consumer is no more (JS-CAPI-025, JS-INACT-005)."""
        if consumer.closed:
            return
        leaving.leave(self, consumer)
        self.schedule()

    def forget(self, consumer: Consumer) -> None:
        """Let go of everything that names it."""
        del self.by_name[consumer.name]
        self.visible -= not consumer.config.direct
        for pattern in consumer.filters or (EVERYTHING,):
            self.interested.remove(pattern, consumer)
        self.hungry.set(consumer, ())
        self._ready.pop(consumer, None)
        self.unfinished.pop(consumer, None)
        self.unkept.drop(consumer)
        self.holders.let_go(consumer, consumer.progress.kept())

    # ---- Who wants what ------------------------------------------------------

    def wants(self, subject: bytes) -> bool:
        """Whether some consumer wants a message on `subject` (JS-LIM-018)."""
        return bool(self.interested.match(subject))

    def demand(self, consumer: Consumer) -> None:
        """Note whether this consumer would take a new message."""
        takes = not consumer.closed and delivering.has_taker(consumer)
        self.hungry.set(consumer, (consumer.filters or (EVERYTHING,)) if takes else ())

    @property
    def late(self) -> bool:
        """Whether deliveries follow the commit; not where one may remove its message."""
        return self.stream.store.may_follow and self.stream.config.retention != "interest"

    def storing(self, first: int, last: int) -> None:
        """The messages from `first` to `last` are about to be kept: deliver them with that."""
        if self.by_name and not self.late:
            self._ready |= self.hungry.of_some(self.stream.store.index, first, last)
            self._work(storing=True)
            self.unkept.keep()

    def stored(self, first: int, last: int) -> None:
        """They are safe: send what is to be said about them."""
        self.unneeded.kept()
        late = self.late
        if self.by_name:
            ready, self._after = self._after, {}
            if late:
                ready, self._ready = self._ready, {}
                ready |= self.hungry.of_some(self.stream.store.index, first, last)
            self._pump(ready)
        self.send(early=late)
        if self.unkept:
            self.unkept.keep_soon()

    def undone(self) -> None:
        """A commit has failed."""
        after, self._after = self._after, {}
        if self.late:
            undoing.mend(self)
        else:
            undoing.undo(self)
        for each in after:
            self.wake(each)

    def removed(self, messages: Sequence[tuple[int, bytes]], purged: Sequence[bytes]) -> None:
        """These messages are gone (JS-RET-009, JS-RET-010, JS-RET-013, JS-RET-014)."""
        if self.by_name:
            leaving.removed(self, messages, purged)

    def purged(self, first: int, pattern: bytes) -> None:
        """What `pattern` matches is gone (JS-RET-011, JS-RET-012, JS-RET-015)."""
        leaving.purged(self, first, pattern)

    def interesting(self) -> None:
        """The stream keeps from now on what is of interest (JS-RET-017 .. JS-RET-019)."""
        interest.begun(self)

    def done(self, consumer: Consumer, seqs: Sequence[int]) -> None:
        """`consumer` is done with these: perhaps nobody needs them any more (JS-RET-003, JS-RET-006)."""
        self.holders.let_go(consumer, seqs)
        if self.stream.config.retention != "limits":
            for seq in seqs:
                if not self.needed(seq):
                    self.unneeded.discard(seq)

    def needed(self, seq: int) -> bool:
        """Whether some consumer still needs the message."""
        subject = self.stream.store.index.subject(seq)
        return subject is not None and any(
            each.needs(seq) for each in set(self.interested.match(subject))
        )

    # ---- Rounds --------------------------------------------------------------

    def arrive(self, act: Callable[[], None]) -> None:
        """Do this in the next round."""
        self._arrived.append(act)
        if not self._scheduled:
            self.schedule()

    def wake(self, consumer: Consumer) -> None:
        """See in the next round what can be delivered to it."""
        if not consumer.closed:
            self._ready[consumer] = None
            self.schedule()

    def go_on_later(self, consumer: Consumer) -> None:
        """Deliver more to it in the next round, or when its listeners have caught up."""
        self.unfinished[consumer] = None
        self.schedule()

    def go_on(self, consumer: Consumer) -> None:
        """Its listeners have caught up, perhaps."""
        if consumer in self.unfinished:
            self.schedule()

    def say(self, outgoing: Outgoing | Run) -> None:
        """Send this when the round is kept."""
        self._outbox.append(outgoing)

    def schedule(self) -> None:
        """Have a round soon."""
        if not self._scheduled:
            self._scheduled = True
            self.host.clock.call_soon(self.round)

    def round(self) -> None:
        """Take what arrived, deliver, keep, send."""
        self._scheduled = False
        for consumer in tuple(self.unfinished):
            if not (consumer.push and self.host.behind(consumer.deliver_to)):
                self._ready[consumer] = self.unfinished.pop(consumer)
        self.stream.drain()
        self._work()
        self.unkept.keep()
        try:
            self.stream.commit()
        except ApiError as refused:
            self.host.log.error(f"consumers of {self.stream.config.name}: {refused}")
            undoing.undo(self)
            return
        self.early.kept()
        self.unneeded.kept()
        self.send()

    def _work(self, *, storing: bool = False) -> None:
        while self._arrived or self._ready:
            arrived, self._arrived = self._arrived, []
            for act in arrived:
                act()
            ready, self._ready = self._ready, {}
            if storing:
                self._after |= {each: None for each in ready if persistence.apart(self, each)}
            self._pump([each for each in ready if each not in self._after])

    def _pump(self, ready: Iterable[Consumer]) -> None:
        for consumer in ready:
            self.unkept.add(consumer)
            delivering.pump(consumer)
            if consumer.window or not consumer.push:
                # What others would take depends on their listeners alone.
                self.demand(consumer)

    def unsaid(self) -> list[Outgoing | Run]:
        """Take what was to be sent; it isn't any more."""
        outbox, self._outbox = self._outbox, []
        return outbox

    def send(self, *, early: bool = False) -> None:
        """Send what there is to say; `early`, if it is not kept yet."""
        outbox = self.unsaid()
        if early and outbox:
            self.early.sent(outbox)
        delivering.send(self, outbox)

    def acknowledge(self, name: str, token: Token, reply: bytes | None, payload: bytes) -> bool:
        """Something was published to an acknowledgement's subject; whether anybody takes it (JS-ACK-010)."""
        consumer = self.by_name.get(name)
        if consumer is None or not consumer.acks or pushing.by_flow_control(consumer):
            return False
        self.unkept.add(consumer)
        before = self._arrived[-1] if self._arrived else None
        act = acknowledging.arriving(consumer, before, token, reply, payload)
        if act is not None:
            self.arrive(act)
        return True

    def pull(self, name: str, reply: bytes | None, payload: bytes) -> bool:
        """Somebody asks for messages; whether there is such a consumer (JS-CAPI-032, JS-CAPI-033)."""
        consumer = self.by_name.get(name)
        if consumer is not None and reply:
            self.arrive(lambda: pulling.request(consumer, reply, payload))
        return consumer is not None

    def close(self, text: str) -> None:
        """The server ends: those who wait are told (JS-PULL-032)."""
        self.unkept.keep()
        leaving.close(self, text)
        self.send()

    def drop(self) -> None:
        """The stream is deleted, and its consumers with it."""
        for consumer in tuple(self.by_name.values()):
            leaving.leave(self, consumer, alone=False)
        self._arrived.clear()
        self.send()
