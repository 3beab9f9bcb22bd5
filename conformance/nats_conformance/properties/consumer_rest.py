"""The consumer machine at rest: everything has come that is to come, and is as the models say.

What a request that waits gets may come to either client, so both are asked until it is there.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from nats_conformance.consuming import delivered
from nats_conformance.expect import Mismatch
from nats_conformance.invariants import consumer_info
from nats_conformance.properties import machine
from nats_conformance.properties.consumer_watch import Look
from nats_spec.model.consumer import Ack

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.jetstream import JetStream
    from nats_conformance.message import Message
    from nats_conformance.properties.consumer_stream import Held
    from nats_conformance.properties.consumer_watch import Open, Watched


class Resting(machine.Machine):
    """Up to three consumers of a stream, and two clients."""

    held: Held
    #: Seconds that a server may take until INFO shows what was answered already.
    patience: ClassVar[float] = 2.0

    def __init__(self) -> None:
        super().__init__()
        self.clients: list[JetStream] = []
        self.consumers: dict[int, Watched] = {}
        self.names = [self.nats.name(f"c{slot}") for slot in range(3)]
        self.step = 0
        self.asked = 0
        #: Requests that were over though there was something to deliver.
        self.unserved = 0
        #: Steps since something was deleted, made anew or left.
        self.calm = 0
        #: The step in which everything was last looked at.
        self.looked_at = 0

    def chosen(self, slot: int, suits: Callable[[Watched], object] = bool) -> Watched:
        """One of the consumers: from this place on the first that suits, if any does."""
        every = list(self.consumers.values())
        place = slot % len(every)
        turned = every[place:] + every[:place]
        return next(filter(suits, turned), turned[0])

    def absorb(self, watched: Watched, coming: int) -> None:
        """What requests that wait get by now."""
        since = time.time_ns()
        while watched.awaited or self.heard(watched):
            waiting, message = self.arriving(watched)
            watched.took(self.step, waiting.number, delivered(message), since, coming)
            self.step += bool(coming)
            self.meet_delivery(watched)
            self.situations.meet("a request that waits is served")
            waiting.left -= 1
            if not waiting.left:
                watched.open.remove(waiting)

    def heard(self, watched: Watched) -> bool:
        """Something has come for a request that waits, though it might have come later."""
        return any(
            message.sid == waiting.pull.sid
            for waiting in watched.open
            for message in self.clients[waiting.client].arrived
        )

    def unfilled(self, watched: Watched) -> int:
        """How many requests still wait, by what has come for them."""
        for js in self.clients:
            js.barrier()
        return sum(
            sum(message.sid == waiting.pull.sid for message in self.clients[waiting.client].arrived)
            < waiting.left
            for waiting in watched.open
        )

    def arriving(self, watched: Watched) -> tuple[Open, Message]:
        """The next message for a request that waits, wherever it is heard."""
        ends = time.monotonic() + self.patience
        expected = watched.model.delivered[0] + 1
        over = False
        while True:
            for waiting in watched.open:
                js = self.clients[waiting.client]
                for message in js.arrived:
                    if message.sid == waiting.pull.sid and (
                        message.status is not None
                        or delivered(message).token.consumer_seq == expected
                    ):
                        js.arrived.remove(message)
                        return waiting, message
            if over:
                break
            over = time.monotonic() > ends  # what has come by then is looked at all the same
            for js in self.clients:
                js.barrier()
        now = time.time_ns()
        options = watched.choices(now, now)
        raise Mismatch(
            f"{watched.name} delivers nothing to {len(watched.open)} requests that wait",
            f"one of {sorted(options.allowed)}",
            "nothing",
        )

    def meet_delivery(self, watched: Watched) -> None:
        """What the last delivery is an example of."""
        last = watched.deliveries[-1]
        self.situations.meet(
            *["delivered again"] * (last.deliveries > 1),
            *["delivered after a delay"] * watched.delayed,
            *["without acknowledgements"] * (watched.model.config.ack is Ack.NONE),
        )
        self.retain()

    def any(self, *known: Callable[[Watched], bool]) -> bool:
        """One of these is true of some consumer."""
        return any(each(watched) for watched in self.consumers.values() for each in known)

    def awaiting(self) -> bool:
        """Something is to come again at once, or soon, from some consumer."""
        return any(each.soon for each in self.consumers.values())

    def retain(self) -> None:
        """What retention lets go of is gone."""
        models = [each.model for each in self.consumers.values()]
        done = {seq for each in self.consumers.values() for seq in each.done}
        count = self.held.retain(models, done, self.step)
        if self.held.retention != "limits" and count:
            kind = "interest drops" if self.held.retention == "interest" else "work is done"
            self.situations.meet(kind)

    def rest(self, only: Watched | None = None, coming: int = 0) -> None:
        """Everything has come that is to come, and is as the models say.

        `only`: the one consumer to which something was done (JS-INV-025); `coming`: so many
        messages were just published.
        """
        try:
            while True:
                for watched in self.consumers.values():
                    self.absorb(watched, coming)
                self.compare(only)
                self.clients[1].barrier()  # the other has just had its answers
                if not any(map(self.heard, self.consumers.values())):
                    break
        except Mismatch:
            type(self).patience = 0.3  # so that what is wrong is soon made small
            raise
        for each in self.clients:
            if each.arrived:
                raise Mismatch("something came that nobody asked for", "", str(each.arrived[0]))
        self.step += 1
        self.calm += 1

    def compare(self, only: Watched | None) -> None:
        """What INFO says of each consumer, and STREAM.INFO of the stream."""
        js = self.clients[0]
        asked = [(watched, watched.ask(js)) for watched in self.consumers.values()]
        for watched, inbox in asked:
            before, still = watched.told, watched.still
            come = partial(self.absorb, watched, 0)
            look = Look(js, self.nats.release, self.patience, come)
            watched.compare(inbox, self.step, look)
            alone = only is not None and watched is not only and self.held.retention == "limits"
            if (
                alone
                and still
                and before
                and (wrong := consumer_info.unchanged(before, watched.told))
            ):
                raise Mismatch(f"JS-INV-025: {watched.name}: {wrong[0]}", f"{before}")
            self.situations.meet(*["exhausted"] * bool(watched.model.exhausted))
        if self.held.retention != "limits":
            self.held.compare(js, self.patience)

    def teardown(self) -> None:
        """Streams of a server of one's own go too."""
        if hasattr(self, "held"):
            self.clients[0].send(f"$JS.API.STREAM.DELETE.{self.held.name}")
            self.clients[0].barrier()
        super().teardown()
