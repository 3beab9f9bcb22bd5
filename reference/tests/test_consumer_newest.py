"""The list that `last_per_subject` begins with: what is left of it, what it costs, what is kept."""

from __future__ import annotations

import shutil
from typing import Any

import consumers
import pytest
from consumers import World
from hypothesis import given
from hypothesis import strategies as st

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer import creating, delivering
from nats_reference.jetstream.consumer.newest import Newest
from nats_reference.jetstream.store.sqlite import SQLiteStore

world = consumers.world

CONFIG = StreamConfig("S", subjects=("s.>",), storage="file")
EACH = {"deliver_policy": "last_per_subject", "filter_subject": "s.>"}
#: So many subjects make a long list.
MANY = 2000


class File:
    """A stream in a file, with two messages on each subject: the second ones are the list."""

    def __init__(self, path, subjects: int) -> None:
        self.path = path
        self.world = World(CONFIG, SQLiteStore.create(path, sync=False))
        self.world.put(*[f"s.{i}" for i in range(subjects)] * 2)

    @property
    def store(self) -> SQLiteStore:
        return self.world.stream.store

    def get(self, batch: int, **asked: Any) -> list[int]:
        """The next messages."""
        self.world.pull(batch=batch, no_wait=True, **asked)
        return self.world.sequences()

    def kill(self) -> None:
        """Start a server with what another leaves that is killed at this moment."""
        folder = self.path.parent.with_name("left")
        shutil.copytree(self.path.parent, folder)
        self.store.abandon()
        shutil.rmtree(self.path.parent)
        folder.rename(self.path.parent)
        self.world = World(CONFIG, SQLiteStore.open(self.path, sync=False))
        creating.restore(self.world.group)
        self.world.settle()

    def row(self) -> bytes:
        """What is kept of the progress."""
        return self.store.load("progress/C")["progress/C"]


@pytest.fixture
def file(tmp_path):
    made = []

    def make(subjects: int = 5, *, bare: bool = False, **members: Any) -> File:
        made.append(File(tmp_path / "S" / "stream.db", subjects))
        if not bare:
            made[-1].world.consumer(**EACH, **members)
        return made[-1]

    yield make
    for each in made:
        each.store.abandon()


# ---- What it costs -----------------------------------------------------------


def test_a_delivery_does_not_write_the_list(file, monkeypatch):
    server = file(MANY)
    written: list[int] = []
    save = SQLiteStore.save

    def count(self: SQLiteStore, key: str, value: bytes) -> None:
        written.append(len(value))
        save(self, key, value)

    monkeypatch.setattr(SQLiteStore, "save", count)
    for seq in range(MANY + 1, MANY + 11):
        written.clear()
        assert server.get(1) == [seq]
        assert 0 < sum(written) < 1000


def test_a_delivery_does_not_go_through_the_list(world):
    gone_through = []

    class Watched(tuple):
        __slots__ = ()

        def __iter__(self):
            gone_through.append(1)
            return super().__iter__()

        def __getitem__(self, place):
            if isinstance(place, slice) and len(range(len(self))[place]) > 1:
                gone_through.append(1)
            return super().__getitem__(place)

    world.put(*[f"s.{i}" for i in range(MANY)])
    consumer = world.consumer(**EACH, max_ack_pending=-1)
    consumer.newest = Newest(Watched(consumer.newest))
    gone_through.clear()
    world.pull(batch=MANY // 2)
    assert len(world.sequences()) == MANY // 2
    world.stream.remove(2)
    world.stream.remove(MANY)
    world.settle()
    assert consumer.pending_count() == MANY // 2 - 1
    world.put("s.0")
    world.pull(batch=MANY)
    assert world.sequences() == [*range(MANY // 2 + 1, MANY), MANY + 1]
    assert not gone_through


# ---- What is left ------------------------------------------------------------


STEPS = st.lists(st.sampled_from(["take", "take", "back", "keep"]), max_size=20)


@given(st.sets(st.integers(1, 30), max_size=8), STEPS)
def test_it_is_a_sorted_list_that_loses_its_first(seqs, steps):
    newest, left, taken = Newest(tuple(sorted(seqs))), sorted(seqs), []
    whole = None
    for step in steps:
        if step == "take" and left:
            assert newest.first == left[0]
            taken.append(newest.take())
            assert taken[-1] == left.pop(0)
        elif step == "back" and taken:
            left = sorted([*left, taken[-1]])
            newest.give_back(taken.pop())
        elif step == "keep":
            if not newest.listed:
                whole = None
            elif not newest.kept:
                whole = newest.whole()
            newest = Newest.read(newest.place(), whole)
            assert newest.kept == (whole is not None)
        assert (list(newest), len(newest), newest.left) == (left, len(left), len(left))
        assert [seq for seq in range(32) if seq in newest] == left
    assert None not in newest


# ---- What is kept ------------------------------------------------------------


@pytest.mark.parametrize("pulled", range(7))
def test_a_killed_server_knows_the_place(file, pulled):
    server = file(max_ack_pending=-1)
    server.world.put("s.z")
    for seq in range(6, 6 + pulled):
        assert server.get(1) == [seq]
    for _ in range(2):
        server.kill()
        consumer = server.world.group.by_name["C"]
        assert consumer.pending_count() == 6 - pulled
        assert server.store.load("newest/").keys() == ({"newest/C/"} if pulled < 5 else set())
    assert server.get(9) == list(range(6 + pulled, 12))


def test_a_filter_that_changes_changes_no_list(file):
    server = file()
    assert server.get(1) == [6]
    server.world.consumer(**EACH | {"filter_subject": "s.*"})
    server.world.put("s.z")
    server.kill()
    assert server.get(9) == [7, 8, 9, 10, 11]


def test_what_nobody_took_is_the_next_after_a_kill(file):
    """The first request is too small for a message, the second is not."""
    server = file()
    for _ in range(4):
        server.get(1)
    assert server.get(1, max_bytes=1) == []
    server.kill()
    assert server.get(2) == [10]


@pytest.mark.parametrize(
    ("at_once", "place", "kept"), [(2, b"6,7,8", {"newest/C/"}), (1024, b"6,7,8,9,10", set())]
)
def test_what_was_sent_to_nobody_is_the_next_after_a_kill(file, monkeypatch, at_once, place, kept):
    """The listener has gone when the messages of a round are sent."""
    monkeypatch.setattr(delivering, "ROUND", at_once)
    server = file(ack_policy="none", deliver_subject="d")

    def gone(*_what):
        server.world.listeners.clear()
        return False

    server.world.deliver = server.world.deliver_run = gone
    server.world.listen("d")
    assert server.row().split(b" ")[-1] == place
    assert server.store.load("newest/").keys() == kept
    server.kill()
    server.world.listen("d")
    assert server.world.sequences() == [6, 7, 8, 9, 10]


def test_a_list_in_the_row_is_read(file):
    """As older servers wrote it: all that is left, and no list elsewhere."""
    server = file()
    assert server.get(1) == [6]
    *numbers, _ = server.row().split(b" ")
    server.store.save("progress/C", b" ".join([*numbers, b"7,8,9,10"]))
    server.store.forget(["newest/C/"])
    server.store.commit()
    server.kill()
    assert server.get(1) == [7]
    assert server.row().split(b" ")[-1] == b"8"
    assert server.store.load("newest/") == {"newest/C/": b"8,9,10"}
    server.kill()
    assert server.get(9) == [8, 9, 10]


def test_a_deleted_consumer_leaves_no_list(file):
    server = file()
    server.get(1)
    server.world.group.delete(server.world.group.by_name["C"])
    server.world.settle()
    assert server.store.load("newest/") == {}
    server.world.consumer(**EACH)
    server.kill()
    assert server.get(9) == [6, 7, 8, 9, 10]


def test_a_list_that_could_not_be_written_is_written_later(file, monkeypatch):
    """The first commit of its consumer fails; an update writes its configuration."""
    server = file(bare=True)

    def no_room(_self):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(SQLiteStore, "_write", no_room)
        server.world.consumer(**EACH)
    assert server.store.load("newest/") == {}
    server.world.consumer(**EACH, description="again")
    assert server.get(2) == [6, 7]
    server.kill()
    assert server.get(9) == [8, 9, 10]
