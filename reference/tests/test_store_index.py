"""The index of a store against the plainest possible one, with and without changes of mind."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nats_reference.jetstream import selection, state
from nats_reference.jetstream.store import index as indexes
from nats_reference.jetstream.store.index import Index
from nats_reference.jetstream.store.track import SLACK, Track
from nats_reference.jetstream.store.tree import Tree
from nats_spec import subjects

SUBJECTS = st.sampled_from([b"a", b"a.b", b"a.c", b"a.b.c", b"b", b"*", b"a.*", b"a..b"])
PATTERNS = st.sampled_from([b">", b"a", b"a.*", b"*", b"*.*", b"a.>", b"*.b.>", b"*.*.c", b"x.>"])


class IndexAgainstDict(RuleBasedStateMachine):
    """Everything an index says can be read from a dictionary of its messages."""

    def __init__(self):
        super().__init__()
        self.index = Index()
        self.there = {}
        self.last = 0
        self.time = 0
        self.kept = ({}, 0, 0)

    @initialize(first=st.sampled_from([0, 1, 2, 500, 512, 513]))
    def begin(self, first):
        self.index = Index(first)
        self.last = max(first - 1, 0)
        self.settle()

    def tick(self, by):
        self.time += by
        return self.time

    @rule(subject=SUBJECTS, size=st.integers(1, 99), by=st.integers(0, 2), count=st.integers(1, 3))
    def add(self, subject, size, by, count):
        for _ in range(count):
            seq = self.index.add(subject, size, self.tick(by))
            self.last += 1
            assert seq == self.last
            self.there[seq] = (subject, size, self.time)

    @rule(count=st.sampled_from([1, 2, 300, 511, 512, 1024]))
    def skip(self, count):
        self.last += count
        self.index.skip_to(self.last, self.tick(1))

    @rule(data=st.data())
    def remove(self, data):
        seq = data.draw(st.sampled_from(sorted(self.there) or [0]) | st.integers(0, self.last + 1))
        gone = self.there.pop(seq, None)
        assert self.index.remove(seq) == (gone and gone[:2])

    @rule()
    def clear(self):
        self.there.clear()
        self.index.clear()

    @rule()
    def settle(self):
        self.index.settle()
        self.kept = (dict(self.there), self.last, self.index.first_seq)

    @rule()
    def undo(self):
        self.index.undo()
        there, self.last, first = self.kept
        self.there = dict(there)
        assert self.index.first_seq == first

    @invariant()
    def figures(self):
        index = self.index
        assert index.last_seq == self.last
        assert index.messages == len(self.there)
        assert index.bytes == sum(size for _, size, _ in self.there.values())
        assert list(index.sequences()) == sorted(self.there)
        if self.there:
            assert index.first_seq == min(self.there)
        elif index.first_seq:
            assert index.first_seq == self.last + 1
        span = range(index.first_seq, self.last + 1) if self.there else ()
        assert list(index.gaps()) == [seq for seq in span if seq not in self.there]
        for seq, (subject, size, time) in self.there.items():
            assert seq in index
            assert (index.subject(seq), index.size(seq), index.time(seq)) == (subject, size, time)

    @rule()
    def load(self):
        """As after a restart: an index of the same messages says the same."""
        index = Index()
        index.load(
            (seq, time, subject, size) for seq, (subject, size, time) in sorted(self.there.items())
        )
        if self.there:
            index.skip_to(self.last, self.index.last_time)
            index.settle()
            self.index = index
            self.settle()

    @rule(pattern=PATTERNS, around=st.integers(0, 2000))
    def select(self, pattern, around):
        def fits(subject):
            return pattern in (b">", subject) or subjects.matches(pattern, subject)

        matching = [seq for seq, (subject, _, _) in sorted(self.there.items()) if fits(subject)]
        index = self.index
        after = [seq for seq in matching if seq >= around]
        assert selection.next_of(index, pattern, around) == (after[0] if after else 0)
        before = [seq for seq in matching if seq <= around]
        assert selection.last_of(index, pattern, around) == (before[-1] if before else 0)
        assert selection.last_of(index, pattern) == (matching[-1] if matching else 0)
        assert selection.count(index, pattern, around) == len(after)
        newest = {}
        for seq in before:
            newest[self.there[seq][0]] = seq
        assert selection.newest(index, [pattern, pattern], 3, around) == sorted(
            seq for seq in newest.values() if seq >= 3
        )
        counts = {}
        for seq in matching:
            subject = self.there[seq][0]
            counts[subject] = counts.get(subject, 0) + 1
        assert state.counts(index, pattern) == sorted(counts.items())

    @rule(time=st.integers(-1, 50))
    def at_time(self, time):
        later = [seq for seq, (_, _, stored) in sorted(self.there.items()) if stored >= time]
        assert self.index.at_time(time) == (later[0] if later else 0)


TestIndexAgainstDict = IndexAgainstDict.TestCase
TestIndexAgainstDict.settings = settings(max_examples=50, stateful_step_count=30)


def test_walking_and_the_tree_agree(monkeypatch):
    index = Index()
    for number in range(300):
        index.add(b"s.%d" % (number % 7), 1, number)
    walked = [selection.next_of(index, b"*.3", seq) for seq in range(300)]
    monkeypatch.setattr(selection, "WALK", 0)
    assert [selection.next_of(index, b"*.3", seq) for seq in range(300)] == walked
    assert selection.last_of(index, b"*.3", 200) == max(seq for seq in walked if 0 < seq <= 200)


def test_a_track_forgets_what_has_gone_from_its_front():
    track = Track(b"a", 1)
    for seq in range(2, 1000):
        track.append(seq)
    for seq in range(1, 990):
        track.remove(seq)
    assert track.sequences() == list(range(990, 1000))
    assert len(track._seqs) <= 2 * SLACK + 10


def test_pages_go_when_they_are_empty():
    index = Index()
    for number in range(10_000):
        index.add(b"a", 1, number)
        index.remove(index.last_seq)
        index.settle()
    assert len(index._pages) <= 1
    for _ in range(3):
        index.add(b"a", 1, 0)
        index.remove(index.last_seq)
        index.skip_to(index.last_seq + 700, 0)
        index.settle()
    assert not index._pages


@pytest.mark.parametrize("pattern", [b"a.*", b"*", b"*.b", b">", b"a.>", b"a.b.>", b"a..b", b"a.b"])
def test_a_tree_matches_as_the_definition_says(pattern):
    names = [b"a", b"a.b", b"a.c", b"a.b.c", b"*.b", b"a..b", b"x"]
    tracks = [Track(name, 1) for name in names]
    tree = Tree(tracks)
    found = sorted(track.subject for track in tree.match(pattern))
    assert found == sorted(name for name in names if subjects.matches(pattern, name))
    for track in tracks:
        tree.remove(track)
    assert tree._root == {}


def test_a_page_is_512_sequences():
    assert indexes.MASK == (1 << indexes.SHIFT) - 1 == 511
