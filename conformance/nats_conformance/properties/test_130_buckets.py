"""A bucket against its model: several clients write, each expecting what it likes, and some watch.

Each answer is compared, then the key; in the end what watches were told, the log and gets of all
keys are put before the invariants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from nats_conformance import kv as client
from nats_conformance.bucket_log import logged, messages
from nats_conformance.cases import Mismatch, Nats, property_case
from nats_conformance.invariants import kv_watch
from nats_conformance.invariants.kv import Judge
from nats_conformance.invariants.kv_log import BucketView
from nats_conformance.invariants.kv_watch import SIGNAL, Asked, Written
from nats_conformance.invariants.stream_log import View
from nats_conformance.properties import machine
from nats_conformance.properties.bucket_situations import FLOORS, of_write
from nats_conformance.properties.situations import Situations
from nats_spec import kv
from nats_spec.kv import Kind
from nats_spec.model import kv as model

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream
    from nats_conformance.kv import Watch

CLIENTS: Final = 3
PURGE: Final = {kv.OPERATION: "PURGE", **kv.ROLLED}
#: How the fields begin that a direct get adds.
KEYS: Final = ("a", "b.x", "c/=_-1")
FILTERS: Final = ((">",), ("a",), ("b.*",), ("*",), ("none",))

clients = st.integers(0, CLIENTS - 1)
keys = st.sampled_from(KEYS)
kinds = st.sampled_from((Kind.PUT, Kind.PUT, Kind.PUT, Kind.DELETE, Kind.PURGE))
#: What is expected: nothing, the newest revision or as much less, no entry, or one to come.
expectations = st.sampled_from((None, None, 0, 0, 1, "none", "future"))
writes = st.tuples(clients, keys, kinds, expectations)
watches = st.builds(
    Asked,
    st.sampled_from(FILTERS),
    history=st.booleans(),
    updates_only=st.sampled_from((False, False, True)),
)


@dataclass(slots=True)
class Watching:
    """A watch, and what it was told so far."""

    js: JetStream
    watch: Watch
    asked: Asked
    #: What the bucket held when it began, and how much had been written then.
    there: list[Written]
    began: int
    told: list[int | None]


class Buckets(machine.Machine):
    """One bucket and those who use it."""

    def __init__(self) -> None:
        super().__init__()
        self.clients: list[JetStream] = [self.nats.jetstream() for _ in range(CLIENTS)]
        self.model = model.Bucket()
        self.sent = 0
        #: All that was ever written.
        self.written: list[Written] = []
        self.watches: list[Watching] = []

    @initialize(
        history=st.sampled_from((1, 1, 2, 3)),
        storage=st.sampled_from(("memory", "file")),
        asked=watches,
    )
    def begin(self, history: int, storage: str, asked: Asked) -> None:
        """A bucket in which a key has been deleted and created again, and somebody watches."""
        made = client.make(self.clients[0], history=history, storage=storage)
        self.buckets = [made.over(js) for js in self.clients]
        self.model = model.Bucket(history)
        for who, kind in enumerate((Kind.PUT, Kind.DELETE, Kind.PUT)):
            self.write_one(who, KEYS[0], kind, 0)
        self.watch(asked)

    @rule(asked=st.lists(writes, min_size=2, max_size=5))
    def write(self, asked: list[tuple[int, str, Kind, int | str | None]]) -> None:
        """Several writes one after another."""
        for each in asked:
            self.write_one(*each)

    def write_one(self, who: int, key: str, kind: Kind, expects: int | str | None) -> None:
        """Put, delete or purge, with or without an expectation."""
        now = model.revision(self.model, key)
        expected = {"none": 0, "future": now + 1}.get(str(expects))
        if isinstance(expects, int):
            expected = max(now - expects, 0)
        value = self.value(kind)
        fields = {Kind.PUT: {}, Kind.DELETE: {kv.OPERATION: "DEL"}}.get(kind, PURGE)
        headers = fields if expected is None else {**fields, kv.EXPECTED: str(expected)}
        ack = self.clients[who].acknowledgement(self.buckets[0].subject(key), value, headers)
        before = self.model
        self.wrote(key, kind, value, expected, ack)
        self.situations.meet(*of_write(before, self.model, key, kind, expected=expected))
        self.look(who, key)

    @rule(key=keys, kinds=st.lists(kinds, min_size=2, max_size=CLIENTS))
    def race(self, key: str, kinds: list[Kind]) -> None:
        """Several clients at once, each expecting the newest revision: one of them wins."""
        expected = model.revision(self.model, key)
        asked = []
        for js, kind in zip(self.clients, kinds, strict=False):
            value, inbox = self.value(kind), js.inbox()
            fields = {Kind.PUT: {}, Kind.DELETE: {kv.OPERATION: "DEL"}}.get(kind, PURGE)
            headers = {**fields, kv.EXPECTED: str(expected)}
            js.send(self.buckets[0].subject(key), value, headers, inbox)
            asked.append((js, inbox, kind, value))
        answers = [(js.on_subject(inbox).json, kind, value) for js, inbox, kind, value in asked]
        winners = [each for each in answers if "error" not in each[0]]
        if len(winners) != 1:
            got = str([answer for answer, _, _ in answers])
            raise Mismatch("of several that expect one revision, one is accepted", "one", got)
        # The winner first; the others then expect what is no longer.
        for answer, kind, value in sorted(answers, key=lambda each: "error" in each[0]):
            self.wrote(key, kind, value, expected, answer)
        self.situations.meet("raced")
        self.look(0, key)

    @precondition(lambda self: self.model.keys)
    @rule(key=keys, keep=st.integers(0, 1))
    def clear(self, key: str, keep: int) -> None:
        """Purge the stream of a key, as purging deletes does."""
        body: dict[str, str | int] = {"filter": self.buckets[0].subject(key)}
        body.update({"keep": keep} if keep else {})
        answer = self.clients[0].request(f"STREAM.PURGE.{self.buckets[0].stream}", body)
        self.model, count = model.clear(self.model, key, keep)
        if answer["purged"] != count:
            raise Mismatch("a purge took another number", str(count), str(answer["purged"]))
        self.situations.meet(*["cleared"] * (count > 0))

    @precondition(lambda self: len(self.watches) < CLIENTS)
    @rule(asked=watches)
    def watch(self, asked: Asked) -> None:
        """From now on."""
        deliver = "all" if asked.history else "last_per_subject"
        deliver = "new" if asked.updates_only else deliver
        bucket = self.buckets[len(self.watches)]
        watch = bucket.watch(*asked.filters, deliver=deliver)
        told = [entry.revision for entry in watch.initial()]
        began = len(self.written)
        self.watches.append(Watching(bucket.js, watch, asked, self.there(), began, [*told, SIGNAL]))
        self.situations.meet("watched")

    @precondition(lambda self: self.model.keys)
    @rule(who=clients)
    def list_keys(self, who: int) -> None:
        """The keys that have a value."""
        told, expected = self.buckets[who].keys(), model.living(self.model)
        if told != expected:
            raise Mismatch("KV-INV-021: the keys are others", str(expected), str(told))

    # ---- What comes of it -----------------------------------------------------------

    def value(self, kind: Kind) -> bytes:
        """One that nobody has put yet."""
        self.sent += 1
        return b"" if kind.ends else b"v%d" % self.sent

    def wrote(
        self, key: str, kind: Kind, value: bytes, expected: int | None, answer: dict[str, object]
    ) -> None:
        """Compare the answer to a write with the model's."""
        after, revision = model.write(self.model, key, kind, value, expected)
        error = answer.get("error", {})
        code = error.get("err_code") if isinstance(error, dict) else None
        if (answer["seq"], code) != (revision, None if revision else 10071):
            raise Mismatch("a write has another outcome", f"revision {revision}", str(answer))
        if revision:
            self.written.append(Written(revision, key, kind))
        self.model = after

    def there(self) -> list[Written]:
        """What the bucket holds now."""
        return [
            Written(entry.revision, key, entry.kind) for key, entry in model.entries(self.model)
        ]

    def look(self, who: int, key: str) -> None:
        """The newest entry of a key, for anybody."""
        told, expected = self.buckets[who].newest(key), model.newest(self.model, key)
        got = told and model.Entry(told.revision, told.kind or Kind.PUT, told.value)
        if got != expected:
            raise Mismatch(f"KV-INV-009: {key} is another", str(expected), str(told))

    def teardown(self) -> None:
        """Hear the watches out, and put all that is there before the invariants."""
        try:
            if self.model.last:
                for key in KEYS:
                    self.write_one(0, key, Kind.PUT, None)
                for watching in self.watches:
                    self.hear_out(watching)
                self.judge()
        finally:
            super().teardown()

    def hear_out(self, watching: Watching) -> None:
        """All that a watch is told must be what was written, in order.

        What went before it could be delivered need not be told.
        """
        watch, asked, told = watching.watch, watching.asked, watching.told
        later = [each for each in self.written[watching.began :] if asked.wants(each)]
        there = {each.revision for each in self.there()}
        must = max((each.revision for each in later if each.revision in there), default=0)
        while (told[-1] or 0) < must:
            told.append(watch.next()[0].revision)
        watching.js.request("INFO")
        watching.js.barrier()
        for _ in range(sum(message.sid == watch.sid for message in watching.js.arrived)):
            told.append(watch.next()[0].revision)
        later = [each for each in later if each.revision in there or each.revision in told]
        for requirement, text in kv_watch.violations(asked, told, watching.there, later):
            raise Mismatch(f"{requirement}: {text}", "a sound watch", str(told))
        self.situations.meet(*["told later"] * bool(later))

    def judge(self) -> None:
        """The whole log, and a get of each key."""
        js, bucket = self.clients[0], self.buckets[0]
        info = js.info(bucket.stream)
        view = View.of(info)
        judge = Judge(BucketView(bucket.name, view))
        wrong = [*judge.begin()]
        there = []
        for message in map(logged, messages(bucket, view)):
            there.append(message.seq)
            wrong += judge.see(message)
        expected = [entry.revision for _, entry in model.entries(self.model)]
        if there != expected:
            raise Mismatch("KV-INV-022: other entries are kept", str(expected), str(there))
        for key in KEYS:
            newest = bucket.newest(key)
            wrong += judge.got(key, newest.revision if newest else None)
        for each in [*wrong, *judge.end(view.before)]:
            raise Mismatch(str(each), "a sound bucket", str(info["state"]))


@property_case(
    "KV-INV-007",
    "KV-INV-008",
    "KV-INV-009",
    "KV-INV-012",
    "KV-INV-013",
    "KV-INV-014",
    "KV-INV-015",
    "KV-INV-016",
    "KV-INV-017",
    "KV-INV-019",
    "KV-INV-021",
    "KV-INV-022",
    "KV-INV-023",
    "KV-INV-024",
    "KV-INV-026",
    "KV-INV-027",
    config="jetstream",
)
def test_buckets_are_what_the_model_says(nats: Nats) -> None:
    machine.run(nats, Buckets, Situations(FLOORS), steps=6)
