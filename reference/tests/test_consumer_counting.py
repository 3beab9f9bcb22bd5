"""Whatever comes and goes, a consumer's count is what counting everything would find (JS-DLV-008)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import consumers
import pytest
from consumers import MILLISECONDS, World, token
from hypothesis import given, settings
from hypothesis import strategies as st

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer.acks import Token
from nats_reference.jetstream.consumer.counting import Backlog
from nats_reference.jetstream.errors import ApiError

world = consumers.world

SUBJECTS = st.sampled_from(["s.a", "s.b", "s.c"])
FILTERS = st.sampled_from([[], [], ["s.a"], ["s.*"], ["s.a", "s.b"]])
UNLIMITED = {"max_msgs": -1, "max_msgs_per_subject": -1, "max_age": 0, "max_bytes": -1}
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "max_msgs": st.integers(1, 6),
        "max_msgs_per_subject": st.integers(1, 3),
        "max_age": st.just(50 * MILLISECONDS),
        "max_bytes": st.just(120),
    },
)
CONSUMERS = st.fixed_dictionaries(
    {"ack_policy": st.sampled_from(["explicit", "explicit", "all", "none"])},
    optional={
        "filter_subjects": FILTERS,
        "deliver_subject": st.just("push"),
        "deliver_policy": st.sampled_from(["last_per_subject", "new", "last"]),
        "max_ack_pending": st.sampled_from([1, 3]),
    },
)
ROLL_UPS = st.tuples(SUBJECTS, st.sampled_from([b"sub", b"all"]))
PURGES = st.tuples(st.sampled_from([None, b"s.a", b"s.*"]), st.integers(0, 9), st.just(0)) | (
    st.tuples(st.sampled_from([None, b"s.a"]), st.just(0), st.integers(1, 4))
)
STEPS: dict[str, st.SearchStrategy[Any]] = {
    "put": st.lists(SUBJECTS, min_size=1, max_size=5),
    "roll_up": ROLL_UPS,
    "pull": st.integers(1, 4),
    "pull_and_put": st.tuples(st.integers(1, 4), st.lists(SUBJECTS, max_size=4)),
    "delete": st.integers(1, 12),
    "purge": PURGES,
    "limit": LIMITS,
    "refilter": FILTERS,
    "begin_again": CONSUMERS,
    "answer": st.lists(st.integers(1, 12), max_size=4),
    "leave": st.sampled_from(["push", "inbox"]),
    "listen": st.sampled_from(["push", "inbox"]),
    "wait": st.sampled_from([0.003, 0.06, 0.3]),
}


class Story:
    """A stream, a consumer, and what is done to both."""

    def __init__(self, retention: str, members: dict[str, Any]) -> None:
        config = StreamConfig(
            "S",
            subjects=("s.>",),
            storage="memory",
            retention=retention,
            allow_rollup_hdrs=True,
        )
        self.world = World(config)
        self.world.listen("push")
        self.world.listen("inbox")
        self.members = members
        self.begin_again(members)

    def begin_again(self, members: dict[str, Any]) -> None:
        """Delete it, and at once make another of its name."""
        group = self.world.group
        if "C" in group.by_name:
            group.delete(group.by_name["C"])
        self.members = members
        with suppress(ApiError):
            self.world.consumer(**members)

    def refilter(self, filters: list[str]) -> None:
        self.members = self.members | {"filter_subjects": filters}
        with suppress(ApiError):
            self.world.consumer(**self.members)

    def put(self, names: list[str]) -> None:
        self.world.put(*names)

    def roll_up(self, what: tuple[str, bytes]) -> None:
        self.world.put(what[0], headers=b"NATS/1.0\r\nNats-Rollup: %b\r\n\r\n" % what[1])

    def pull(self, batch: int) -> None:
        self.pull_and_put((batch, []))

    def pull_and_put(self, both: tuple[int, list[str]]) -> None:
        """In one round."""
        self.world.group.pull("C", b"inbox", b"%d" % both[0])
        self.world.put(*both[1])

    def delete(self, seq: int) -> None:
        with suppress(ApiError):
            self.world.stream.remove(seq)
        self.world.settle()

    def purge(self, what: tuple[bytes | None, int, int]) -> None:
        self.world.stream.purge(*what)
        self.world.settle()

    def limit(self, limits: dict[str, int]) -> None:
        stream = self.world.stream
        stream.update(replace(stream.config, **(UNLIMITED | limits)))
        self.world.settle()

    def answer(self, seqs: list[int]) -> None:
        for seq in seqs:
            self.world.group.acknowledge("C", Token(1, seq, seq), None, b"")
        self.world.settle()

    def leave(self, subject: str) -> None:
        self.world.leave(subject)

    def listen(self, subject: str) -> None:
        self.world.listen(subject)

    def wait(self, seconds: float) -> None:
        self.world.settle(seconds)


def plainly(backlog: Backlog, since: int, listed: tuple[int, ...] = ()) -> int:
    """The count, found by looking at every message."""
    index = backlog._index
    found = [index.subject(seq) for seq in range(since, index.last_seq + 1)]
    wanted = [subject for subject in found if subject is not None and backlog.wants(subject)]
    return len(wanted) + sum(seq in index for seq in listed)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["limits", "limits", "interest", "workqueue"]),
    CONSUMERS,
    st.lists(
        st.one_of(*(st.tuples(st.just(name), what) for name, what in STEPS.items())), max_size=15
    ),
)
def test_a_count_is_what_counting_everything_finds(retention, members, steps) -> None:
    count = Backlog.count

    def both(self: Backlog, since: int, listed: tuple[int, ...] = ()) -> int:
        found = count(self, since, listed)
        assert found == plainly(self, since, listed)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Backlog, "count", both)
        story = Story(retention, members)
        for name, what in steps:
            getattr(story, name)(what)
            if consumer := story.world.group.by_name.get("C"):
                consumer.pending_count()


def test_what_the_same_round_removed_is_not_pending(world) -> None:
    """An acknowledgement and a roll-up arrive together: what is delivered then is the last there is."""
    world.stream.update(replace(world.stream.config, allow_rollup_hdrs=True))
    world.listen("push")
    world.consumer(deliver_subject="push", filter_subject="s.a", max_ack_pending=1)
    world.put("s.a", "s.a", "s.a")
    (first,) = world.taken()
    world.group.acknowledge("C", token(first), None, b"")
    world.put("s.a", headers=b"NATS/1.0\r\nNats-Rollup: sub\r\n\r\n")
    (delivery,) = world.taken()
    assert token(delivery).stream_seq == 4
    assert delivery.reply.endswith(b".0")


def test_a_purge_of_what_is_wanted_now_leaves_what_was_wanted_before(world):
    """JS-RET-013: it is outstanding still, and the floor stays below it."""
    consumer = world.consumer(filter_subject="s.*")
    world.put("s.a", "s.b", "s.c")
    world.pull(batch=3)
    world.taken()
    world.consumer(filter_subject="s.b")
    world.stream.purge(b"s.b")
    world.settle()
    assert [*consumer.progress.pending] == [1, 3]
    assert (consumer.progress.floor, consumer.progress.floor_stream) == (0, 0)
    assert consumer.needs(1)
