"""Chapter 120: consumers that nobody uses are deleted, and what counts as use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.consuming import MS, Consumer, advisory, hear_advisories

if TYPE_CHECKING:
    from collections.abc import Callable

#: How much longer than its threshold a pull consumer may stay (JS-INACT-001).
JITTER = 1.0


def gone(consumer: Consumer, within: float) -> None:
    """Wait until the consumer is gone, which must be within so many seconds."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        answer = consumer.js.answer(f"CONSUMER.INFO.{consumer.path}")
        if answer.get("error", {}).get("err_code") == 10014:
            return
        time.sleep(0.02)
    raise Mismatch(f"the consumer is there after {within} s", "10014 consumer not found")


@case("JS-INACT-001", "JS-INACT-005", config="jetstream", deliveries=False, waits=True)
def test_an_ephemeral_goes_when_nobody_asks(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    hear_advisories(js, stream)
    began = time.monotonic()
    consumer = js.consumer(stream, durable_name=None, inactive_threshold=300 * MS)
    assert advisory(js)["action"] == "create"
    gone(consumer, 0.3 + JITTER + 2)
    assert time.monotonic() - began >= 0.3
    told = advisory(js)
    assert (told["action"], told["consumer"]) == ("delete", consumer.name)


@case("JS-INACT-002", config="jetstream", deliveries=False, waits=True)
def test_what_counts_as_use(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    uses: dict[str, Callable[[Consumer], object]] = {
        "pull": lambda c: c.pull(1, no_wait=True).next(),
        "refused pull": lambda c: c.pull(1, no_wait=True).ends("404 No Messages"),
        "ack": lambda c: c.say(f"$JS.ACK.{c.path}.1.1.1.1.0", "+ACK"),
        "progress": lambda c: c.say(f"$JS.ACK.{c.path}.1.1.1.1.0", "+WPI"),
    }
    threshold: dict[str, Any] = {"durable_name": None, "inactive_threshold": 1000 * MS}
    used = {name: js.consumer(stream, **threshold) for name in uses}
    looked_at = js.consumer(stream, **threshold)
    ends = time.monotonic() + 3.2
    while time.monotonic() < ends:
        for name, consumer in used.items():
            uses[name](consumer)
        js.answer(f"CONSUMER.INFO.{looked_at.path}")
        time.sleep(0.1)
    js.refused(f"CONSUMER.INFO.{looked_at.path}", 10014)
    for name, consumer in used.items():
        assert consumer.info()["name"] == consumer.name, name


@case("JS-INACT-003", config="jetstream", deliveries=False, waits=True)
def test_a_request_that_waits_keeps_its_consumer(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    threshold: dict[str, Any] = {"durable_name": None, "inactive_threshold": 500 * MS}
    asked, left = js.consumer(stream, **threshold), js.consumer(stream, **threshold)
    pull = asked.pull(1, expires=2600 * MS)
    abandoned = left.pull(1, expires=60_000 * MS)
    abandoned.abandon()
    assert pull.all().end == "408 Request Timeout"
    js.refused(f"CONSUMER.INFO.{left.path}", 10014)
    gone(asked, 0.5 + JITTER + 2)


@case("JS-INACT-004", config="jetstream", deliveries=False, waits=True)
def test_a_durable_goes_if_it_has_a_threshold(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    stays, goes = js.consumer(stream), js.consumer(stream, inactive_threshold=300 * MS)
    gone(goes, 0.3 + JITTER + 2)
    assert stays.info()["name"] == stays.name


@case("JS-INACT-006", config="jetstream", deliveries=False, waits=True)
def test_another_threshold_starts_the_clock_anew(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream, inactive_threshold=60_000 * MS)
    consumer.update(inactive_threshold=200 * MS)
    gone(consumer, 0.2 + JITTER + 2)
    longer = js.consumer(stream, inactive_threshold=800 * MS)
    longer.update(inactive_threshold=60_000 * MS)
    never = js.consumer(stream, inactive_threshold=800 * MS)
    never.update(inactive_threshold=None)
    gone(js.consumer(stream, inactive_threshold=900 * MS), 0.9 + JITTER + 2)
    assert longer.info()["config"]["inactive_threshold"] == 60_000 * MS
    assert "inactive_threshold" not in never.info()["config"]


@case("JS-INACT-006", "JS-PUSH-014", config="jetstream", deliveries=False, waits=True)
def test_another_threshold_while_somebody_listens(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    deliver = nats.name("d")
    js.subscribe(deliver, "d")
    consumer = js.consumer(stream, deliver_subject=deliver, inactive_threshold=200 * MS)
    consumer.update(inactive_threshold=300 * MS)
    time.sleep(0.5)
    assert consumer.info()["push_bound"] is True
    js.connection.send("UNSUB d\r\n")
    consumer.until(push_bound=None)
    gone(consumer, 2.0)
