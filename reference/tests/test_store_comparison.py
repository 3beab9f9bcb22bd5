"""Both stores do the same, and what was committed to a file is there when it is opened again."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nats_reference.jetstream.store.memory import MemoryStore
from nats_reference.jetstream.store.sqlite import SQLiteStore
from nats_reference.jetstream.store.wal import log_of

BLOBS = st.sampled_from([b"", b"x", b"\0\xff", b"y" * 5000])
KEYS = st.sampled_from(["a", "a/b", "a/c", "%", "ab_"])


class Stores(RuleBasedStateMachine):
    """The memory store is right by definition."""

    def __init__(self):
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.path = self.directory / "S" / "stream.db"
        self.time = 0

    @initialize(first=st.sampled_from([0, 1, 100]), sync=st.booleans())
    def begin(self, first, sync):
        self.sync = sync
        self.memory = MemoryStore(first)
        self.file = SQLiteStore.create(self.path, first, sync=sync)
        self.commit()

    def both(self, call):
        return call(self.memory), call(self.file)

    @rule(
        subject=st.sampled_from([b"a", b"a.b", b"\xc3\xa9"]),
        headers=st.none() | BLOBS,
        payload=BLOBS,
        by=st.integers(0, 1),
    )
    def append(self, subject, headers, payload, by):
        self.time += by
        one, other = self.both(lambda store: store.append(subject, headers, payload, self.time))
        assert one == other

    @rule(by=st.integers(1, 600))
    def skip(self, by):
        self.both(lambda store: store.skip_to(store.index.last_seq + by, self.time))

    @rule(data=st.data())
    def remove(self, data):
        seq = data.draw(st.integers(0, self.memory.index.last_seq + 1))
        one, other = self.both(lambda store: store.remove(seq))
        assert (one and one[0]) == (other and other[0])

    @rule()
    def clear(self):
        self.both(lambda store: store.clear())

    @rule(key=KEYS, value=BLOBS)
    def save(self, key, value):
        self.both(lambda store: store.save(key, value))

    @rule(keys=st.lists(KEYS))
    def forget(self, keys):
        self.both(lambda store: store.forget(keys))

    @rule()
    def commit(self):
        self.both(lambda store: store.commit())
        since = self.memory.index.last_seq // 2
        assert list(self.memory.with_headers(since)) == list(self.file.with_headers(since))

    @rule()
    def end_in_order(self):
        self.commit()
        self.file.close()
        self.reopen()

    @rule()
    def be_killed(self):
        """What lies there at this moment is opened by somebody else."""
        self.commit()
        copy = self.directory / "copy"
        shutil.copytree(self.path.parent, copy)
        self.file.abandon()
        shutil.rmtree(self.path.parent)
        copy.rename(self.path.parent)
        self.reopen()

    def reopen(self):
        self.file = SQLiteStore.open(self.path, sync=self.sync)

    @invariant()
    def the_same(self):
        one, other = self.memory.index, self.file.index
        seqs = list(one.sequences())
        assert list(other.sequences()) == seqs
        assert (one.first_seq, one.last_seq) == (other.first_seq, other.last_seq)
        assert one.messages == other.messages
        if one.last_seq and seqs:
            assert one.last_time == other.last_time
        for seq in (*seqs, 0, one.last_seq + 1):
            assert self.memory.get(seq) == self.file.get(seq)
        for prefix in ("a", "a/", "%", "_"):
            assert self.memory.load(prefix) == self.file.load(prefix)

    def teardown(self):
        self.file.destroy()
        assert not self.path.parent.exists()
        assert not log_of(self.path).exists()
        shutil.rmtree(self.directory)


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=30, stateful_step_count=25)
