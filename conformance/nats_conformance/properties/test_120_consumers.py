"""Several consumers of one stream against the model of a consumer, whatever is done to them.

Two clients publish, pull in every form, acknowledge in every way, early, late and again;
messages are deleted and purged, consumers changed, deleted and made anew, clients leave.
After every step each consumer's INFO is what its model says, and every invariant holds.
What released servers are known to do otherwise is kept out: it has cases of its own.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from nats_conformance.cases import Nats, property_case
from nats_conformance.consuming import create
from nats_conformance.expect import Mismatch
from nats_conformance.invariants import consumer_info
from nats_conformance.properties import consumer_known as known
from nats_conformance.properties import consumer_requests as asking
from nats_conformance.properties import machine
from nats_conformance.properties.consumer_pulling import Pulling
from nats_conformance.properties.consumer_situations import FLOORS
from nats_conformance.properties.consumer_stream import Held
from nats_conformance.properties.consumer_watch import SOON, Watched
from nats_conformance.properties.situations import Situations
from nats_spec.model import consumer as fold
from nats_spec.model import stream as stream_fold
from nats_spec.model.consumer import Ack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: How often it runs, at each budget.
EXAMPLES: Final = {"quick": 5, "standard": 12, "thorough": 5000}


class Consumers(Pulling):
    """What is done to stream, consumers and clients."""

    @rule(what=asking.acts())
    def act(self, what: tuple[str, dict[str, Any]]) -> None:
        """Do that, or, if it is not its time, pull."""
        self.do(*what)

    def do(self, name: str, given: Mapping[str, Any]) -> None:
        """Do it if it is its time."""
        if self.may(name):
            getattr(self, name)(**given)
        else:
            self.ask(self.chosen(self.step), self.step % 2, 3, "now")

    def may(self, name: str) -> bool:
        """What ends much may not come too often; some waits until it can be predicted."""
        if name in {"delete", "purge"} and self.any(known.selecting):
            return False
        if name == "purge" and (self.any(known.full) or self.any(known.counts_last)):
            return False
        if name in {"anew", "leave", "change"} and self.any(known.serving):
            return False
        if name == "change":
            return self.held.retention == "limits"
        if name == "look":  # nothing may happen between one answer and the next
            return not self.awaiting()
        since = {"delete": 2, "purge": 3, "anew": 5, "leave": 4}
        return self.calm >= since.get(name, 0)

    # ---- Making ------------------------------------------------------------------

    @initialize(
        lively=st.integers(0, 1000),
        retention=st.sampled_from(("limits", "limits", "interest", "workqueue")),
        chosen=st.lists(asking.drafts, min_size=2, max_size=3),
        before=asking.letters,
        after=asking.letters,
    )
    def begin(
        self,
        lively: int,
        retention: str,
        chosen: list[asking.Draft],
        before: list[str],
        after: list[str],
    ) -> None:
        """Not the simplest example of all."""
        assume(lively)
        self.start(retention, chosen, before, after)

    def start(
        self,
        retention: str,
        chosen: Sequence[asking.Draft],
        before: Sequence[str],
        after: Sequence[str],
    ) -> None:
        """Two clients, a stream, some messages, and consumers."""
        self.clients = [self.nats.jetstream(), self.nats.jetstream()]
        self.held = Held(self.clients[0], retention)
        self.held.publish(self.clients[0], before)
        self.held.retain((), (), self.step)
        for slot, draft in enumerate(chosen):
            self.make(slot, draft)
        self.publish(0, after)

    def make(self, slot: int, draft: asking.Draft) -> None:
        """A new consumer in this place."""
        draft = draft.fitted(self.held, slot)
        js = self.clients[0]
        handle = create(js, self.held.name, self.names[slot], **draft.request(self.held))
        one = fold.create(self.held.model, draft.config(self.held))
        watched = Watched(
            self.held, handle, one, draft.max_waiting, one.delivered[1], draft.letters
        )
        watched.filters.append((1, one.config.filters))
        self.consumers[slot] = watched
        self.situations.meet(*["the last of each subject"] * bool(one.selected))

    def anew(self, slot: int, draft: asking.Draft) -> None:
        """Delete a consumer, and make another of the same name."""
        old = self.chosen(slot, (lambda each: each.open) if slot else bool)
        if known.stays(old):
            return
        slot = self.names.index(old.name)
        del self.consumers[slot]
        self.calm = 0
        old.handle.js = self.clients[0]
        old.handle.delete()
        for waiting in old.open:
            waiting.pull.ends("409 Consumer Deleted")
        self.situations.meet("made anew", *["made anew while a request waits"] * bool(old.open))
        self.retain()
        self.held.compare(self.clients[0], self.patience)
        self.make(slot, draft)
        self.rest()

    def change(self, slot: int, room: int, letters: tuple[str, ...]) -> None:
        """Other filters, more or less room."""
        watched = self.chosen(slot, asking.filtering if letters else bool)
        before = watched.model.config
        filters = tuple(self.held.subject(letter) for letter in letters)
        if not letters or not asking.filtering(watched):
            filters = before.filters
        config = replace(before, filters=filters)
        if before.ack is not Ack.NONE:
            config = replace(config, max_ack_pending=room)
        if config == before:
            return
        watched.handle.js = self.clients[0]
        watched.handle.update(
            filter_subjects=[each.decode() for each in filters] or None,
            max_ack_pending=config.max_ack_pending if before.ack is not Ack.NONE else None,
        )
        self.situations.meet(*["more or less room"] * (config.filters == before.filters))
        if config.filters != before.filters:
            self.situations.meet("other filters")
            watched.letters = letters
            watched.filters.append((watched.model.delivered[0] + 1, filters))
        watched.model = fold.update(watched.model, config, self.passed(watched, config))
        self.rest()

    def passed(self, watched: Watched, config: fold.Config) -> int:
        """Up to where the consumer has looked with its old filters: its own matter."""
        if config.filters == watched.model.config.filters:
            return 0
        ahead = list(fold.ahead(fold.update(watched.model, config), self.held.model))
        count = watched.handle.info()["num_pending"]
        if count > len(ahead):
            raise Mismatch("after other filters", f"at most {len(ahead)} pending", f"{count}")
        behind = ahead[: len(ahead) - count]
        return behind[-1] if behind else 0

    # ---- The stream --------------------------------------------------------------

    def publish(self, client: int, letters: Sequence[str]) -> None:
        """Several messages in one go."""
        self.held.publish(self.clients[client], letters)
        if self.held.retention == "interest":
            self.retain()
        self.rest(coming=len(letters))

    def delete(self, pick: int) -> None:
        """One message, be it outstanding."""
        held = list(self.held.model.messages)
        if not held:
            return
        seq = held[pick % len(held)]
        if any(known.unlike(each, seq) for each in self.consumers.values()):
            return
        if self.any(known.full):  # a delay that just begins or ends: the matter of JS-RDL-015
            if self.awaiting():
                return
            time.sleep(0.02)
        self.calm = 0
        js = self.clients[0]
        js.request(f"STREAM.MSG.DELETE.{self.held.name}", {"seq": seq})
        for watched in self.consumers.values():
            watched.settle(time.time_ns() + SOON, {seq})
            outstanding = seq in watched.model.outstanding
            ahead = seq in fold.ahead(watched.model, self.held.model)
            self.situations.meet(
                *["deleted while outstanding"] * outstanding,
                *["deleted before it was delivered"] * ahead,
            )
            watched.model = known.fallen(watched.model, fold.gone(watched.model, {seq}), seq)
        self.held.drop({seq}, self.step)
        self.rest()

    def purge(self, pick: int, whole: bool) -> None:
        """Everything, or all below a sequence."""
        held = list(self.held.model.messages)
        if not held:
            return
        outstanding = {seq for each in self.consumers.values() for seq in each.model.outstanding}
        behind = [seq for seq in held if outstanding and seq > min(outstanding)] or held
        below = 0 if whole else behind[pick % len(behind)]
        purged = stream_fold.purge(self.held.model, below=below)
        if isinstance(purged, stream_fold.Refused):
            raise TypeError("this stream refuses nothing")
        after, _ = purged
        left = after.messages.keys()
        if any(known.confused(each, left) for each in self.consumers.values()):
            return
        self.calm = 0
        self.clients[0].request(f"STREAM.PURGE.{self.held.name}", {"seq": below} if below else None)
        gone = self.held.model.messages.keys() - after.messages.keys()
        for watched in self.consumers.values():
            watched.settle(time.time_ns() + SOON, gone)
            before = watched.model
            watched.model = fold.purged(before, self.held.model, after, whole=True)
            if watched.model.outstanding:  # how far the floor moves is the matter of JS-RET-012
                watched.model = replace(watched.model, done=before.done, behind=True)
            fewer = len(watched.model.outstanding) < len(before.outstanding)
            self.situations.meet(*["purged while outstanding"] * fewer)
        self.held.drop(gone, self.step)
        self.held.model = after
        self.rest()

    # ---- Clients -----------------------------------------------------------------

    def leave(self, client: int) -> None:
        """A client goes, and its requests with it; another comes."""
        asked = {each.client for watched in self.consumers.values() for each in watched.open}
        client = client if client in asked else min(asked, default=client)
        self.calm = 0
        self.clients[client].connection.close()
        self.situations.meet("a client left")
        for watched in self.consumers.values():
            own = [each for each in watched.open if each.client == client]
            watched.open = [each for each in watched.open if each.client != client]
            self.situations.meet(*["a client left while its request waits"] * bool(own))
        self.clients[client] = self.nats.jetstream()
        self.rest()

    def look(self, slot: int) -> None:
        """INFO changes nothing, and NAMES, LIST and INFO agree."""
        watched = self.chosen(slot)
        js = self.clients[0]
        self.looked_at = self.step
        watched.handle.js = js
        infos = [watched.handle.info() for _ in range(2)]
        if wrong := consumer_info.unchanged(*infos):
            raise Mismatch(f"JS-INV-024: {wrong[0]}", f"{infos[0]}", f"{infos[1]}")
        names = js.request(f"CONSUMER.NAMES.{self.held.name}")["consumers"]
        listed = js.request(f"CONSUMER.LIST.{self.held.name}")["consumers"]
        every = [js.request(f"CONSUMER.INFO.{self.held.name}.{name}") for name in names]
        own = [each.name for each in self.consumers.values()]
        if sorted(names) != sorted(own):
            raise Mismatch("JS-INV-026: CONSUMER.NAMES", f"{own}", f"{names}")
        if wrong := consumer_info.agreeing(names, listed, every):
            raise Mismatch(f"JS-INV-026: {wrong[0]}", "one answer", f"{listed}")


@property_case(
    *[f"JS-INV-{number:03}" for number in (*range(1, 17), 19, 20, 21, 22, 23, 24, 25, 26)],
    "JS-RDL-016",
    "JS-DLV-008",
    "JS-ACK-014",
    config="jetstream",
    limit=14400,
)
def test_consumers_do_what_the_model_says(nats: Nats) -> None:
    modelled(nats)
    machine.run_apart(nats, Consumers, Situations(FLOORS), EXAMPLES[nats.budget])


def modelled(nats: Nats) -> None:
    """Not applicable unless the model is of this release."""
    if nats.release < (2, 14):
        nats.not_applicable("the model is of 2.14 and later; what was else has cases of its own")
