"""One bucket against the model of an object store: put, replaced, deleted, linked, broken off.

What is read is compared after each step, and in the end the whole bucket is put before the
invariants: they must name what was left over, and links that lead nowhere, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from nats_conformance.cases import Mismatch, Nats, property_case
from nats_conformance.invariants.objects import violations
from nats_conformance.objects import Missing, ObjectStore, Refused
from nats_conformance.properties import machine
from nats_conformance.properties.situations import Situations
from nats_spec import objects
from nats_spec.model import object_store as model

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES: Final = ("a", "b", "*.> ?", "Grüße")
names = st.sampled_from(NAMES)
chunks = st.integers(1, 5)
#: Nothing, one byte, and about the ends of chunks.
sizes = st.sampled_from((0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 15))

#: Times that each situation must come up in a hundred examples.
FLOORS: Final = {
    "empty": 8,
    "one chunk": 40,
    "several chunks": 60,
    "replaced": 15,
    "put again": 100,
    "deleted": 30,
    "missing": 10,
    "broken off": 20,
    "cleaned up": 20,
    "linked": 8,
    "not linked": 6,
    "renamed": 10,
    "not renamed": 4,
    "sealed": 2,
    "refused, sealed": 2,
}


class Objects(machine.Machine):
    """A bucket and what it should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.js = self.nats.jetstream()
        self.model = model.Store()
        self.written = 0
        #: Chunks that were left over, by their nuid.
        self.left: set[str] = set()
        self.calm = 0
        self.store: ObjectStore | None = None

    @initialize(
        storage=st.sampled_from(("memory", "memory", "memory", "file")),
        size=sizes,
        chunk=chunks,
        broken=sizes,
    )
    def begin(self, storage: str, size: int, chunk: int, broken: int) -> None:
        """A bucket with an object, put again where it was deleted, after a put that was broken off."""
        self.store = ObjectStore.create(self.js, storage=storage)
        self.put("a", size, chunk)
        self.break_off("a", broken or 1, chunk, clean=bool(size % 2))
        self.delete("a")
        self.put("a", broken, chunk)

    def content(self, size: int) -> bytes:
        """Content that no other put has."""
        self.written += 1
        return (b"%d." % self.written).ljust(size, b"-")[:size]

    @property
    def bucket(self) -> ObjectStore:
        """The bucket, which `begin` has made."""
        if self.store is None:
            raise ValueError("not begun")
        return self.store

    @rule(name=names, size=sizes, chunk=chunks)
    def put(self, name: str, size: int, chunk: int) -> None:
        """An object, whatever was there."""
        self.calm += 1
        content = self.content(size)
        outcome = model.put(self.model, name, content)
        if isinstance(outcome, model.Refused):
            subject = objects.chunk_subject(self.bucket.bucket, self.nats.name("n"))
            self.js.publish_refused(subject, 10109, content)
            self.situations.meet("refused, sealed")
            return
        there = name in self.model.objects
        met = {"replaced": self.model.has(name), "put again": there and not self.model.has(name)}
        self.situations.meet(*[each for each, is_met in met.items() if is_met])
        meta = self.bucket.put(name, content, chunk)
        count = ("empty", "one chunk", "several chunks")[min(meta.chunks, 2)]
        self.situations.meet(count)
        self.model = outcome
        self.look(name)

    @precondition(lambda self: not self.model.sealed)
    @rule(name=names, size=sizes.filter(bool), chunk=chunks, clean=st.booleans())
    def break_off(self, name: str, size: int, chunk: int, clean: bool) -> None:
        """A put that ends before its metadata, of a client that cleans up or has died."""
        meta = self.bucket.upload(name, self.content(size), chunk)
        self.situations.meet("cleaned up" if clean else "broken off")
        if clean:
            self.bucket.purge_chunks(meta.nuid)
        else:
            self.left.add(meta.nuid)
        self.look(name)

    @rule(name=names)
    def delete(self, name: str) -> None:
        """An object or a link."""
        outcome = model.delete(self.model, name)
        if outcome is model.Refused.SEALED:
            return
        self.situations.meet("missing" if isinstance(outcome, model.Refused) else "deleted")
        self.done(outcome, lambda: self.bucket.delete(name))
        self.look(name)

    @precondition(lambda self: not self.model.sealed)
    @rule(name=names, to=st.just("a") | names)
    def link(self, name: str, to: str) -> None:
        """To an object."""
        outcome = model.link(self.model, name, to)
        self.situations.meet("not linked" if isinstance(outcome, model.Refused) else "linked")
        self.done(outcome, lambda: self.bucket.link(name, self.bucket.info(to)))
        self.look(name)

    @precondition(lambda self: not self.model.sealed)
    @rule(name=names)
    def link_bucket(self, name: str) -> None:
        """To the bucket itself."""
        outcome = model.link(self.model, name, "")
        self.done(outcome, lambda: self.bucket.link_bucket(name, self.bucket.bucket))
        self.look(name)

    @precondition(lambda self: not self.model.sealed)
    @rule(name=st.just("a") | names, new=names)
    def rename(self, name: str, new: str) -> None:
        """An object or a link."""
        outcome = model.rename(self.model, name, new)
        self.situations.meet("not renamed" if isinstance(outcome, model.Refused) else "renamed")
        self.done(outcome, lambda: self.bucket.rename(name, new))
        self.look(name)
        self.look(new)

    @precondition(lambda self: self.calm > 3 and not self.model.sealed)
    @rule()
    def seal(self) -> None:
        """Only reading is left."""
        self.bucket.seal()
        self.model = model.seal(self.model)
        self.situations.meet("sealed")
        self.put("a", 1, 1)

    @rule()
    def listed(self) -> None:
        """What a listing shows."""
        found = set(self.bucket.names())
        if found != self.model.names:
            raise Mismatch("a listing shows others", str(self.model.names), str(found))

    def done(self, outcome: model.Store | model.Refused, do: Callable[[], Any]) -> None:
        """Do it; it must be refused as the model says, or not at all."""
        refused = _refusal(do)
        if isinstance(outcome, model.Refused):
            wanted = "missing" if outcome is model.Refused.MISSING else "refused"
        else:
            wanted, self.model = "", outcome
        if refused != wanted:
            raise Mismatch("it ended otherwise", wanted or "done", refused or "done")

    def look(self, name: str) -> None:
        """The content of this name."""
        wanted = model.get(self.model, name)
        try:
            found: bytes | str = self.bucket.get(name)
        except Missing:
            found = "missing"
        except Refused:
            found = "refused"
        if isinstance(wanted, model.Refused):
            shown = "missing" if wanted is model.Refused.MISSING else "refused"
            if found != shown:
                raise Mismatch(f"{name!r} is there", shown, str(found))
        elif found != wanted:
            raise Mismatch(f"{name!r} is another", str(wanted), str(found))

    def teardown(self) -> None:
        """Put the whole bucket before the invariants."""
        try:
            if self.store is not None:
                self.judge()
        finally:
            super().teardown()

    def judge(self) -> None:
        """Only what was left over on purpose is wrong."""
        for name in NAMES:
            self.look(name)
        wrong = {
            (each.invariant, each.object)
            for each in violations(self.bucket.observed())
            if not each.remark
        }
        wanted = {("chunks_have_an_object", nuid) for nuid in self.left}
        wanted |= {("links_lead_somewhere", name) for name in model.astray(self.model)}
        if wrong != wanted:
            raise Mismatch("the bucket is another", str(wanted), str(wrong))


def _refusal(do: Callable[[], Any]) -> str:
    """How it was refused; nothing if it was done."""
    try:
        do()
    except Missing:
        return "missing"
    except Refused:
        return "refused"
    return ""


@property_case(
    "OBJ-INV-002",
    "OBJ-INV-003",
    "OBJ-INV-005",
    "OBJ-INV-006",
    "OBJ-INV-007",
    "OBJ-INV-008",
    "OBJ-INV-009",
    "OBJ-INV-011",
    "OBJ-INV-012",
    "OBJ-INV-014",
    "OBJ-INV-015",
    "OBJ-INV-017",
    "OBJ-INV-019",
    config="jetstream",
)
def test_a_bucket_does_what_the_model_says(nats: Nats) -> None:
    machine.run(nats, Objects, Situations(FLOORS), steps=10)
