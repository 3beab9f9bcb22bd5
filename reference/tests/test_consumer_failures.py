"""Whatever commits fail: what is stored is delivered once, in order, and counted (JS-RST-001, JS-INV-001)."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from consumers import SECONDS, token
from hypothesis import given, settings
from hypothesis import strategies as st
from keeping import Kept, fails, full

from nats_reference.jetstream.consumer import information, undoing, unkept

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("publish", "pull", "both", "listen", "leave", "remove", "wait")),
        st.integers(1, 3),
        st.sampled_from((None, None, full, fails)),
    ),
    max_size=25,
)
PUSH, MEMORY = {"deliver_subject": "d"}, {"mem_storage": True}


class Course:
    """A consumer without acknowledgements, and what its clients get."""

    def __init__(self, kept, members):
        self.kept, self.world = kept, kept.world
        self.push = "deliver_subject" in members
        self.world.listeners.clear()
        self.consumer = self.world.consumer(ack_policy="none", **members)
        self.got = []
        self.removed = set()

    @contextmanager
    def together(self):
        """What comes in one read."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.world, "settle", lambda: None)
            yield

    def do(self, number, act, count):
        with self.together():
            if act in {"publish", "both"}:
                self.world.put(*["s.a"] * count, payload=b"%d" % number)
            if act in {"pull", "both"} and not self.push:
                self.world.pull(f"inbox{number}", batch=count, expires=9000 * SECONDS)
            if act in {"listen", "both"} and self.push:
                self.world.listen("d")
        if act == "leave":
            self.world.leave("d")
        if act == "remove" and self.kept.left and self.kept.left[-1] not in self.taken():
            self.world.stream.discard(self.kept.left[-1])
            self.world.stream.commit_soon()
            self.world.settle()

    def taken(self):
        """The sequences and payloads of all that came so far."""
        self.got += [
            (token(each).stream_seq, each.payload) for each in self.world.taken() if each.consumer
        ]
        return [seq for seq, _ in self.got]

    def end(self):
        """All is well again, and everybody hears."""
        self.world.settle(undoing.RETRY)
        self.world.settle(unkept.WITHIN)
        with self.together():
            if self.push:
                self.world.listen("d")
            else:
                self.world.pull("last", batch=1000)
        self.world.settle(undoing.RETRY)
        self.taken()


@pytest.mark.parametrize("members", [PUSH, {}, PUSH | MEMORY, MEMORY])
@pytest.mark.parametrize(
    ("sync", "retention"), [(True, "limits"), (False, "limits"), (False, "interest")]
)
@given(steps=STEPS)
@settings(deadline=None, max_examples=25)
def test_what_is_stored_comes_once(members, sync, retention, steps):
    with tempfile.TemporaryDirectory() as folder:
        kept = Kept.made(Path(folder), sync=sync, retention=retention)
        kept.world.log.error = lambda _text: None
        course = Course(kept, members)
        for number, (act, count, failing) in enumerate(steps):
            with pytest.MonkeyPatch.context() as patch:
                if failing:
                    failing(patch)
                course.do(number, act, count)
                kept.world.settle()
                course.taken()
                if act == "wait":
                    kept.world.settle(count * unkept.WITHIN)
            if act == "wait" and count > 1:
                kept.world.settle(undoing.RETRY)
        course.end()
        told = information.info(course.consumer)
        store = kept.world.stream.store
        if retention == "interest":
            assert kept.left == []
            assert [seq for seq, _ in course.got] == sorted({seq for seq, _ in course.got})
        else:
            there = [(seq, store.get(seq).payload) for seq in kept.left]
            assert [each for each in course.got if each[0] in set(kept.left)] == there
        assert told["num_pending"] == 0
        assert told["delivered"]["consumer_seq"] == len(course.got)
        store.abandon()
