"""Messages that go by themselves: too old, or of no interest any more (JS-LIM-015 .. JS-LIM-018)."""

from __future__ import annotations

import time
from typing import Final

from nats_conformance.cases import Nats, case
from nats_conformance.polling import until

#: The age in seconds.
AGE: Final = 0.3


@case("JS-LIM-015", config="jetstream", deliveries=False, waits=True)
def test_old_messages_go_by_themselves(nats: Nats) -> None:
    js = nats.jetstream()
    streams = [js.create(storage=storage, max_age=int(AGE * 1e9)) for storage in ("memory", "file")]
    began = time.monotonic()
    for stream in streams:
        js.publish(stream, "x")
        js.publish(stream, "x")
    for stream in streams:
        state = until(
            lambda: js.state(stream),  # noqa: B023 - called at once
            lambda state: state["messages"] == 0,
            AGE + nats.patience,
        )
        assert time.monotonic() - began >= AGE
        assert (state["bytes"], state["first_seq"], state["last_seq"]) == (0, 3, 2)
        js.refused(f"STREAM.MSG.GET.{stream}", 10037, {"seq": 1})
        assert js.publish(stream, "x")["seq"] == 3


@case("JS-LIM-015", config="jetstream", deliveries=False, waits=True)
def test_each_message_has_its_own_age(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(max_age=int(AGE * 1e9))
    began: list[float] = []
    for _ in range(3):
        began.append(time.monotonic())
        js.publish(stream, "x")
        between = began[-1] + AGE / 2
        until(time.monotonic, lambda now: now > between, 5)  # noqa: B023
    seen = 1
    while seen < 4:
        state = until(
            lambda: js.state(stream),
            lambda state: state["first_seq"] > seen,  # noqa: B023
            AGE + nats.patience,
        )
        now = time.monotonic()
        assert all(now - start >= AGE for start in began[: state["first_seq"] - 1])
        seen = state["first_seq"]


@case("JS-LIM-017", config="jetstream", deliveries=False)
def test_a_work_queue_drops_what_is_acknowledged(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(storage=storage, retention="workqueue")
        for _ in range(3):
            js.publish(stream, "x")
        consumer = js.consumer(stream)
        assert js.state(stream)["messages"] == 3
        for delivery in consumer.take(2):
            consumer.answer(delivery, "+ACK")
        state = js.state(stream)
        assert (state["messages"], state["first_seq"]) == (1, 3)


@case("JS-LIM-017", config="jetstream", deliveries=False)
def test_interest_keeps_until_all_have_acknowledged(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage, retention="interest")
        all_of_it = js.consumer(stream)
        part = js.consumer(stream, filter_subject=f"{prefix}.b")
        for word in "ab":
            js.publish(f"{prefix}.{word}", "x")
        for delivery in all_of_it.take(2):
            all_of_it.answer(delivery, "+ACK")
        state = js.state(stream)
        assert (state["messages"], state["first_seq"]) == (1, 2)
        part.answer(part.next(), "+ACK")
        state = js.state(stream)
        assert (state["messages"], state["first_seq"], state["last_seq"]) == (0, 3, 2)


@case("JS-LIM-018", config="jetstream", deliveries=False)
def test_what_no_consumer_wants_is_skipped(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage, retention="interest")
        js.consumer(stream, filter_subject=f"{prefix}.a")
        for seq, word in enumerate("abab", 1):
            assert js.publish(f"{prefix}.{word}", "x")["seq"] == seq
        state = js.state(stream, deleted_details=True)
        assert (state["messages"], state["first_seq"], state["last_seq"]) == (2, 1, 4)
        assert state["deleted"] == [2, 4]
