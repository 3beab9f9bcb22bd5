"""The consumer machine pulls, in every form, and acknowledges, in every way.

A request that ends by itself is followed to its end, which must come at the right time and
say the right thing. What requests that wait get is the matter of `consumer_rest`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from nats_conformance import polling
from nats_conformance.consuming import Consumer, Pull, delivered, status_of
from nats_conformance.expect import Mismatch
from nats_conformance.properties import consumer_requests as asking
from nats_conformance.properties.consumer_rest import Resting
from nats_conformance.properties.consumer_situations import of_answer
from nats_conformance.properties.consumer_watch import SOON, Open, Watched
from nats_spec.acks import Kind
from nats_spec.model.consumer import Ack
from nats_spec.model.consumer_answers import answer

if TYPE_CHECKING:
    from nats_conformance.message import Message

#: Requests of one example that a busy server may leave unserved.
MOST_UNSERVED: Final = 2


class Pulling(Resting):
    """Pull requests and acknowledgements."""

    def pull(self, slot: int, client: int, batch: int, form: str, room: int) -> None:
        """A request in one of its forms."""
        suits = asking.sized if form in asking.SIZED else bool
        self.ask(self.chosen(slot, suits), client, batch, form, room)

    def ask(self, watched: Watched, client: int, batch: int, form: str, room: int = 0) -> None:
        """A request in the form that fits."""
        now = time.time_ns()
        watched.settle(now)
        count, held_up = asking.ending(watched, batch, now)
        busy = bool(watched.open) or bool(form in asking.SIZED and watched.soon)
        if form in asking.SIZED and not busy and count:
            batch, held_up = min(batch, count), False
        if form in {"wait", "text"} or busy:
            self.wait(watched, client, batch, "text" if form == "text" else "json")
        elif form == "brief" or held_up:
            self.collect(watched, client, batch, {"expires": asking.BRIEF})
        elif form in asking.SIZED and count and not watched.model.selected:
            self.collect(watched, client, batch, {"no_wait": True}, (room, asking.SIZED[form]))
        else:
            self.collect(watched, client, batch, {"no_wait": True})
        self.situations.meet(*["no room"] * held_up)
        self.rest(watched)

    def wait(self, watched: Watched, client: int, batch: int, form: str) -> None:
        """A request that stays until it is filled."""
        full = len(watched.open) >= watched.max_waiting
        if full and watched.soon:  # one of them may be filled just now
            return
        handle = Consumer(self.clients[client], watched.held.name, watched.name)
        body = f"{batch}" if form == "text" else {"batch": batch}
        pull = handle.ask(body, batch)
        self.asked += 1
        watched.opened(self.asked, batch)
        if full:
            pull.ends("409 Exceeded MaxWaiting")
            watched.ended(self.asked, 409)
            self.situations.meet("too many requests wait")
            return
        watched.open.append(Open(self.asked, pull, client, batch))
        self.situations.meet("a request waits", *["two requests wait"] * (len(watched.open) == 2))
        self.begun(watched, handle) if not watched.awaited else None

    def begun(self, watched: Watched, handle: Consumer) -> None:
        """Every request has begun to wait.

        Or is filled at once: where what is delivered for the last time ends its delay just now,
        there is room for another message (JS-RDL-010).
        """
        polling.until(
            handle.info,
            lambda info: info["num_waiting"] in (len(watched.open), self.unfilled(watched)),
            handle.js.patience,
            f"{len(watched.open)} requests wait for {watched.name}",
        )

    def collect(
        self,
        watched: Watched,
        client: int,
        batch: int,
        members: dict[str, object],
        room: tuple[int, int] | None = None,
    ) -> None:
        """A request that ends by itself, and all that comes for it.

        `room`: with a limit of as many bytes as so many messages like the next have, and so many
        more; if that is nothing, of as many as the next has.
        """
        handle = Consumer(self.clients[client], watched.held.name, watched.name)
        left = 0
        if room is not None:
            options = watched.choices(time.time_ns(), time.time_ns())
            largest = asking.size(watched, min(options.allowed), time.time_ns())
            left = largest * room[0] + room[1] or largest
            members = members | {"max_bytes": left}
        since = time.time_ns()
        pull = handle.pull(batch, **members)
        self.asked += 1
        watched.opened(self.asked, batch, left)
        self.take_all(watched, pull, since, left if room is not None else None)

    def take_all(self, watched: Watched, pull: Pull, since: int, left: int | None = None) -> None:
        """Everything that comes until the request ends, which it must at the right time."""
        number, count = self.asked, 0
        while left != 0 and (count < pull.batch or (left or 0) > 0):
            message = pull.next()
            if message.status is None:
                came = delivered(message)
                watched.took(self.step, number, came, since)
                self.meet_delivery(watched)
                count += 1
                left = None if left is None else left - watched.deliveries[-1].size
                continue
            self.ended(watched, message, (pull.batch - count, left), since)
            return
        self.situations.meet("the batch is filled" if left != 0 else "the bytes are used up")

    def ended(
        self, watched: Watched, message: Message, rest: tuple[int, int | None], since: int
    ) -> None:
        """A status ended the request: there was nothing more, or nothing that fits.

        `rest`: messages and bytes that were still wanted; `since`: when it was made.
        """
        wanted, left = rest
        watched.ended(self.asked, message.status or 0)
        now = time.time_ns()
        kind = status_of(message).id
        watched.settle(now)
        options = watched.choices(now, now)
        if kind in {"request-timeout", "max-bytes", "batch-completed"}:
            pending = (message.header("Nats-Pending-Messages"), f"{wanted}")
            size = (message.header("Nats-Pending-Bytes"), f"{left or 0}")
            if pending[0] != pending[1] or size[0] != size[1]:
                raise Mismatch(
                    "a status says something else", f"{pending[1]}, {size[1]}", str(message)
                )
        if kind == "max-bytes":
            seq = min(options.allowed, default=0)
            if not seq or asking.size(watched, seq, now) <= (left or 0):
                raise Mismatch("the next message would have fit", f"{left} bytes", str(message))
            self.situations.meet("a message is too large")
        elif kind == "batch-completed":
            if wanted:
                raise Mismatch("the batch is not complete", f"{wanted} more", str(message))
            self.situations.meet("bytes are left")
        elif kind in {"no-messages", "request-timeout"}:
            over = kind == "request-timeout"
            watched.looked(since)
            # A server that is busy for so long may find the request over before it has served it.
            self.unserved += over and options.due
            if options.due and (not over or self.unserved > MOST_UNSERVED):
                raise Mismatch(
                    f"a request to {watched.name} ended", f"{sorted(options.allowed)}", str(message)
                )
            self.situations.meet("the request is over" if over else "nothing to deliver")
        else:
            raise Mismatch("a request ended otherwise", "nothing to deliver", str(message))

    def answer(self, slot: int, client: int, pick: int, said: tuple[Kind, str], old: bool) -> None:
        """An acknowledgement of any message that was ever delivered."""
        again = asking.repeated if old and pick % 2 else asking.exhausted if pick % 3 == 2 else None
        watched = self.chosen(slot, again or asking.answerable)
        if not asking.answerable(watched):
            self.ask(watched, client, 3, "now")
            return
        kind, payload = said
        every = watched.model.config.ack is Ack.ALL
        if every and kind in {Kind.NAK, Kind.NEXT}:
            kind, payload = Kind.ACK, "+ACK"
        latest = list(watched.model.outstanding)[::-1]
        seqs = [*latest, *latest, *watched.replies]
        if again is not None:
            seqs = again(watched) or seqs
        seq = seqs[pick % len(seqs)]
        replies = watched.replies[seq]
        reply = replies[0 if old and not every else -1].reply
        now = time.time_ns()
        if kind is Kind.NEXT and (watched.open or asking.ending(watched, 1, now, seq)[1]):
            kind, payload = Kind.ACK, ""
        if asking.undecided(watched, seq, kind):
            kind, payload = Kind.ACK, ""
        self.situations.meet(*of_answer(watched, seq, kind, old=old and len(replies) > 1))
        self.say(watched, client, reply, seq, (kind, payload))
        self.rest(watched)

    def say(
        self, watched: Watched, client: int, reply: str, seq: int, said: tuple[Kind, str]
    ) -> None:
        """Send it, and let the model hear it too."""
        kind, payload = said
        handle = Consumer(self.clients[client], watched.held.name, watched.name)
        since = time.time_ns()
        watched.settle(since + SOON, {seq})
        pull = Pull(self.clients[client], 1)
        if kind is Kind.NEXT:
            handle.js.send(reply, payload, None, pull.reply)
        else:
            handle.answer(reply, payload)
        delay = asking.BRIEF if "delay" in payload else asking.WAIT if payload.endswith("s") else 0
        before = watched.model
        watched.model = answer(before, seq, kind, since, delay)
        done = {*before.outstanding, *before.exhausted} - {
            *watched.model.outstanding,
            *watched.model.exhausted,
        }
        watched.done.update(dict.fromkeys(done, self.step))
        self.retain()
        if kind is Kind.NEXT:
            self.asked += 1
            watched.opened(self.asked, 1)
            self.take_all(watched, pull, since)
        else:
            self.clients[client].connection.send(f"UNSUB {pull.sid}\r\n")
