"""Runs are a shorter way to the same: with and without them a consumer says and remembers the same."""

from __future__ import annotations

from typing import Any

import pytest
from consumers import MILLISECONDS, SECONDS, World, token
from hypothesis import given, settings
from hypothesis import strategies as st

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer import acknowledging, information, running

CONFIGS = st.fixed_dictionaries(
    {
        "ack_policy": st.sampled_from(["explicit", "explicit", "all", "none"]),
        "max_ack_pending": st.sampled_from([-1, 1, 3]),
        "ack_wait": st.sampled_from([SECONDS, 20 * MILLISECONDS]),
    },
    optional={
        "filter_subject": st.sampled_from(["s.a", "s.*"]),
        "deliver_subject": st.just("push"),
        "deliver_policy": st.sampled_from(["all", "last_per_subject", "new"]),
        "headers_only": st.just(True),
        "max_deliver": st.just(2),
    },
)
ASKED = st.fixed_dictionaries(
    {"batch": st.integers(1, 5)},
    optional={
        "no_wait": st.just(True),
        "max_bytes": st.sampled_from([60, 1000]),
        "expires": st.sampled_from([10 * MILLISECONDS, SECONDS]),
        "idle_heartbeat": st.just(4 * MILLISECONDS),
    },
)
ANSWERS = st.tuples(st.integers(0, 20), st.sampled_from([b"", b"+ACK", b"+ACK", b"-NAK", b"+TERM"]))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(st.sampled_from(["s.a", "s.b"]), max_size=4)),
        st.tuples(st.just("pull"), st.tuples(st.sampled_from(["inbox", "other"]), ASKED)),
        st.tuples(st.just("answer"), st.lists(ANSWERS, max_size=5)),
        st.tuples(st.just("delete"), st.integers(1, 9)),
        st.tuples(st.just("wait"), st.sampled_from([0.001, 0.03, 1.1])),
        st.tuples(st.just("leave"), st.sampled_from(["inbox", "push"])),
    ),
    max_size=12,
)


class Story:
    """What is done to a consumer, and all that comes of it."""

    def __init__(self, config: dict[str, Any], retention: str) -> None:
        stream = StreamConfig("S", subjects=("s.>",), storage="memory", retention=retention)
        self.world = World(stream)
        self.config = config
        self.world.put("s.a", "s.b", "s.a")
        self.world.listen("push")
        self.consumer = self.world.consumer(**config)
        self.world.put("s.b", "s.a")
        self.deliveries: list[Any] = []
        self.told: list[Any] = []
        self.look()

    def look(self) -> None:
        """Remember what came, and what the consumer knows."""
        taken = self.world.taken()
        self.deliveries += [each for each in taken if each.consumer and each.reply]
        self.told.append([each._replace(consumer=None) for each in taken])
        self.told.append(information.info(self.consumer))

    def put(self, subjects: list[str]) -> None:
        self.world.put(*subjects)

    def pull(self, asked: tuple[str, dict[str, Any]]) -> None:
        if "deliver_subject" not in self.config:
            self.world.pull(asked[0], **asked[1])

    def answer(self, answers: list[tuple[int, bytes]]) -> None:
        """Several in one round."""
        for place, payload in answers if self.deliveries else ():
            delivery = self.deliveries[place % len(self.deliveries)]
            self.world.group.acknowledge("C", token(delivery), None, payload)
        self.world.settle()

    def delete(self, seq: int) -> None:
        if seq in self.world.stream.store.index:
            self.world.stream.discard(seq)
            self.world.settle()

    def wait(self, seconds: float) -> None:
        self.world.settle(seconds)

    def leave(self, subject: str) -> None:
        self.world.leave(subject)


def possible(config: dict[str, Any]) -> dict[str, Any]:
    """The same without what is refused."""
    without = set()
    if config["ack_policy"] == "none":
        without |= {"max_ack_pending", "ack_wait", "max_deliver"}
    if "filter_subject" not in config and config.get("deliver_policy") == "last_per_subject":
        without.add("deliver_policy")
    return {name: value for name, value in config.items() if name not in without}


def told(config: dict[str, Any], retention: str, steps: list[tuple[str, Any]]) -> list[Any]:
    story = Story(config, retention)
    for name, given_ in steps:
        getattr(story, name)(given_)
        story.look()
    return story.told


@settings(max_examples=300, deadline=None)
@given(CONFIGS.map(possible), st.sampled_from(["limits", "limits", "interest"]), STEPS)
def test_a_run_tells_what_single_deliveries_tell(config, retention, steps) -> None:
    by_runs = told(config, retention, steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "may_run", lambda _consumer: False)
        patch.setattr(acknowledging, "plain", lambda *_: False)
        singly = told(config, retention, steps)
    assert by_runs == singly


def test_most_of_what_is_read_comes_in_runs(monkeypatch) -> None:
    given_ = []
    run = running.run
    monkeypatch.setattr(running, "run", lambda *args: given_.append(run(*args)) or given_[-1])
    story = Story({"ack_policy": "explicit"}, "limits")
    story.put(["s.a"] * 50)
    story.pull(("inbox", {"batch": 40}))
    story.look()
    assert [count for count, *_ in given_] == [40]
    assert len(story.deliveries) == 40
    story.answer([(place, b"+ACK") for place in range(40)])
    assert story.consumer.progress.floor_stream == 40
    assert not story.consumer.progress.pending
