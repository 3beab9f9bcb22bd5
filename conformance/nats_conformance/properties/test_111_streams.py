"""Several streams at once against the model of a stream, whatever is done to them.

Every answer is compared, then the state of the streams that were touched, and messages out
of them; whole streams are put before the invariants. Three streams hear subjects of their
own, until an update tries to take another's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from nats_conformance.cases import Nats, property_case
from nats_conformance.properties import machine, stream_answers, stream_requests
from nats_conformance.properties.situations import Situations
from nats_conformance.properties.stream_situations import (
    FLOORS,
    limit_took,
    of_publish,
    of_purge,
    of_update,
)
from nats_spec.model import stream as model
from nats_spec.model import stream_account as account
from nats_spec.model.stream_publish import publish

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream
    from nats_conformance.properties.stream_requests import Draft, Purge

slots = st.sampled_from(stream_requests.SLOTS)
picks = st.integers(0, 2)

#: What counts as now: no example lasts as long as a window.
NOW = 1


class Streams(machine.Machine):
    """Three streams, or as many of them as there are at the moment."""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = self.nats.name("s") + "."
        self.names = {slot: self.nats.name(slot) for slot in stream_requests.SLOTS}
        self.account: account.Account = {}
        self.js: JetStream = self.nats.jetstream()
        self.sent = 0
        #: The streams that a limit has taken messages from.
        self.trimmed: set[str] = set()
        #: Publishes since a stream was made, changed or deleted: too much of that empties all.
        self.calm = 0

    @initialize(chosen=st.tuples(*[stream_requests.configs] * 3))
    def begin(self, chosen: tuple[dict[str, Any], ...]) -> None:
        """Nothing happens without streams."""
        for slot, fields in zip(stream_requests.SLOTS, chosen, strict=True):
            self.create(slot, fields, None)

    @precondition(lambda self: len(self.account) < 3)
    @rule(fields=stream_requests.configs)
    def create_again(self, fields: dict[str, Any]) -> None:
        """A stream in place of one that was deleted."""
        slot = next(slot for slot, name in self.names.items() if name not in self.account)
        self.create(slot, fields, None)

    @precondition(lambda self: self.calm > 3)
    @rule(
        slot=slots, fields=stream_requests.configs, subjects=st.none() | stream_requests.elsewhere
    )
    def create(self, slot: str, fields: dict[str, Any], subjects: tuple[str, ...] | None) -> None:
        """CREATE, also of what is there already."""
        there = self.account.get(self.names[slot])
        if there is not None and there.config.sealed:
            return
        heard = subjects or stream_requests.HOME[slot]
        config = stream_requests.valid(
            model.Config(self.names[slot], self.prefixed(heard), **fields)
        )
        if there is not None and subjects is None:
            config = there.config
            self.situations.meet("created once more")
        self.js.goes(config.name)
        answer = self.js.answer(f"STREAM.CREATE.{config.name}", stream_requests.request(config))
        self.took(account.create(self.account, config), answer, "CREATE")

    @precondition(lambda self: self.calm > 1)
    @rule(
        slot=slots, fields=stream_requests.changes, subjects=st.none() | stream_requests.elsewhere
    )
    def update(self, slot: str, fields: dict[str, Any], subjects: tuple[str, ...] | None) -> None:
        """UPDATE of some members."""
        there = self.account.get(self.names[slot])
        heard = self.prefixed(subjects or stream_requests.HOME[slot])
        self.changed(slot, there, {**fields, "subjects": heard})

    @precondition(lambda self: self.calm > 1 and self.crowded())
    @rule(which=picks)
    def shrink(self, which: int) -> None:
        """UPDATE of a stream with messages to room for one."""
        name = self.crowded()[which % len(self.crowded())]
        slot = next(slot for slot, known in self.names.items() if known == name)
        self.changed(slot, self.account[name], {"max_msgs": 1, "discard_new": False})

    def changed(self, slot: str, there: model.Stream | None, fields: dict[str, Any]) -> None:
        """UPDATE of these members of the stream in that slot, if there is one."""
        self.calm = 0
        before = there.config if there else model.Config(self.names[slot], ())
        if self.nats.release < (2, 14):
            # Servers looked at the messages of a subject only when the next one came.
            fields["max_msgs_per_subject"] = before.max_msgs_per_subject
        config = stream_requests.valid(replace(before, **fields))
        if before.sealed:
            config = replace(before, sealed=False)
        body = stream_requests.request(config)
        answer = self.js.answer(f"STREAM.UPDATE.{config.name}", body)
        outcome = account.update(self.account, config)
        met = of_update(there, outcome, config.name)
        self.situations.meet(*met)
        self.trimmed.update([config.name] * ("update trims" in met))
        self.took(outcome, answer, "UPDATE")
        self.look(config.name)

    @precondition(lambda self: self.account)
    @rule(asked=st.lists(stream_requests.drafts, min_size=1, max_size=6))
    def publish(self, asked: list[Draft]) -> None:
        """Several messages in one write; each is answered as the model says, in order."""
        self.calm += 1
        expected: list[tuple[str, str | None, Any]] = []
        touched: dict[str, None] = {}
        data = b""
        for draft in asked:
            self.sent += 1
            message = stream_requests.message(draft, self.account, self.prefix, self.sent)
            inbox = self.js.inbox()
            data += stream_requests.written(message, inbox.encode())
            name = account.capturing(self.account, message.subject)
            answer = None
            if name is not None:
                before = self.account[name]
                after, answer = publish(before, message, NOW, self.nats.release)
                self.situations.meet(*of_publish(before, message, after, answer))
                self.trimmed.update([name] * limit_took(before, after))
                self.account = {**self.account, name: after}
                touched[name] = None
            else:
                self.situations.meet("nobody hears")
            expected.append((inbox, name, answer))
        self.js.connection.send(data)
        for inbox, name, answer in expected:
            stream_answers.published(self.js.on_subject(inbox), name, answer)
        for name in touched:
            self.look(name)

    @precondition(lambda self: self.holding())
    @rule(which=picks, drawn=stream_requests.purges)
    def purge(self, which: int, drawn: Purge) -> None:
        """PURGE in all its forms."""
        stream = self.holding()[which % len(self.holding())]
        body = stream_requests.purge(drawn, stream, self.prefix, self.nats.release)
        answer = self.js.answer(f"STREAM.PURGE.{stream.config.name}", body or None)
        outcome = model.purge(
            stream,
            str(body.get("filter", ">")).encode(),
            body.get("seq", 0),
            body.get("keep", 0),
        )
        stream_answers.purged(answer, outcome)
        if not isinstance(outcome, model.Refused):
            self.situations.meet(*of_purge(stream, outcome[0], body))
            self.account = {**self.account, stream.config.name: outcome[0]}
        self.look(stream.config.name)

    @precondition(lambda self: self.holding())
    @rule(which=picks, place=st.integers(0, 3), backwards=st.booleans())
    def delete_message(self, which: int, place: int, backwards: bool) -> None:
        """MSG.DELETE of one that is there, or was."""
        stream = self.holding()[which % len(self.holding())]
        seq = max(stream.last - place if backwards else stream.first + place, 1)
        name = stream.config.name
        answer = self.js.answer(f"STREAM.MSG.DELETE.{name}", {"seq": seq})
        outcome = model.delete(stream, seq)
        if isinstance(outcome, model.Refused):
            stream_answers.outcome(answer, outcome, "MSG.DELETE")
            self.situations.meet("deletion refused")
        else:
            stream_answers.outcome(answer, None, "MSG.DELETE")
            self.situations.meet("tail deleted" if seq == stream.last else "deleted")
            self.account = {**self.account, name: outcome}
        self.look(name)

    @precondition(lambda self: self.calm > 3 and len(self.account) == 3)
    @rule(slot=slots)
    def delete_stream(self, slot: str) -> None:
        """DELETE, and once more."""
        self.calm = 0
        name = self.names[slot]
        for _ in range(2):
            answer = self.js.answer(f"STREAM.DELETE.{name}")
            self.took(account.remove(self.account, name), answer, "DELETE")

    @precondition(lambda self: self.calm > 1 and self.holding())
    @rule(which=picks, pattern=st.sampled_from(stream_requests.PATTERNS), seq=st.integers(0, 4))
    def read(self, which: int, pattern: str, seq: int) -> None:
        """Every sequence, and both searches by subject."""
        stream = self.holding()[which % len(self.holding())]
        around = range(max(stream.first - 1, 1), stream.last + 2)
        stream_answers.sound(
            self.js, stream, [stream_answers.stored(self.js, stream, each) for each in around]
        )
        stream_answers.newest(self.js, stream, self.prefix + pattern)
        stream_answers.following(self.js, stream, self.prefix + pattern, stream.first + seq)

    def took(
        self, outcome: account.Account | model.Refused, answer: dict[str, Any], what: str
    ) -> None:
        """Compare an answer that changes the account, and change it."""
        if isinstance(outcome, model.Refused):
            stream_answers.outcome(answer, outcome, what)
            self.situations.meet(*["overlap refused"] * (outcome.err_code == 10065))
        else:
            stream_answers.outcome(answer, None, what)
            self.account = outcome

    def look(self, name: str) -> None:
        """The state of a stream, and its end."""
        stream = self.account.get(name)
        if stream is None:
            return
        stream_answers.state(self.js, stream)
        if stream.last:
            stream_answers.stored(self.js, stream, stream.last)

    def holding(self) -> list[model.Stream]:
        """The streams that hold messages."""
        return [stream for stream in self.account.values() if stream.messages]

    def crowded(self) -> list[str]:
        """The names of the streams with more than one message that may be changed."""
        return [
            stream.config.name
            for stream in self.holding()
            if len(stream.messages) > 1 and not stream.config.sealed
        ]

    def prefixed(self, subjects: tuple[str, ...]) -> tuple[bytes, ...]:
        """These subjects, of this example alone."""
        return tuple((self.prefix + subject).encode() for subject in subjects)


@property_case(
    "JS-PUB-001",
    "JS-PUB-002",
    "JS-PUB-004",
    "JS-PUB-008",
    "JS-PUB-009",
    "JS-PUB-010",
    "JS-PUB-011",
    "JS-PUB-012",
    "JS-PUB-014",
    "JS-PUB-016",
    "JS-PUB-017",
    "JS-PUB-018",
    "JS-PUB-020",
    "JS-PUB-024",
    "JS-PUB-027",
    "JS-PUB-028",
    "JS-PUB-033",
    "JS-LIM-001",
    "JS-LIM-002",
    "JS-LIM-003",
    "JS-LIM-004",
    "JS-LIM-005",
    "JS-LIM-006",
    "JS-LIM-008",
    "JS-LIM-009",
    "JS-LIM-010",
    "JS-LIM-011",
    "JS-LIM-012",
    "JS-LIM-013",
    "JS-LIM-014",
    config="jetstream",
)
def test_streams_do_what_the_model_says(nats: Nats) -> None:
    modelled(nats)
    machine.run(nats, Streams, Situations(FLOORS), steps=40)


def modelled(nats: Nats) -> None:
    """Not applicable unless the model is of this release."""
    if nats.release < (2, 12):
        nats.not_applicable("the model is of 2.12 and later; what was else has cases of its own")
