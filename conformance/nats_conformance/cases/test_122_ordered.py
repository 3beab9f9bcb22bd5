"""Chapter 122: ordered consumers: what clients make of consumers that keep nothing."""

from __future__ import annotations

from typing import Any

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Consumer, delivered
from nats_conformance.jetstream import JetStream

#: What an ordered consumer asks for (JS-ORD-001).
ORDERED: dict[str, Any] = {
    "durable_name": None,
    "ack_policy": "none",
    "max_deliver": 1,
    "mem_storage": True,
    "num_replicas": 1,
    "inactive_threshold": 300_000 * MS,
}


@case("JS-ORD-001", config="jetstream", deliveries=False)
def test_what_an_ordered_consumer_asks_for(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    push: dict[str, Any] = {
        "deliver_subject": nats.name("d"),
        "flow_control": True,
        "idle_heartbeat": 1000 * MS,
    }
    for own in ({}, push):
        made = js.consumer(stream, **(ORDERED | own)).made["config"]
        wanted = {name: value for name, value in (ORDERED | own).items() if value is not None}
        assert {name: made.get(name) for name in wanted} == wanted
        assert "durable_name" not in made
        assert "ack_wait" not in made


@case("JS-ORD-002", "JS-ORD-004", config="jetstream", deliveries=False)
def test_a_gap_is_seen_and_filled(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"])
    for number in range(30):
        js.publish(f"{foo}.{'ab'[number % 2]}", f"{number}")
    reader = Ordered(js, stream, f"{foo}.a")
    reader.read(5)
    reader.lose(2)
    reader.read(5)
    reader.consumer.delete()
    reader.read(5)
    assert reader.payloads == [b"%d" % number for number in range(0, 30, 2)]
    assert reader.made == 3


class Ordered:
    """A reader that makes its consumer anew whenever something is missing."""

    def __init__(self, js: JetStream, stream: str, subject: str) -> None:
        self.js = js
        self.stream = stream
        self.subject = subject
        self.payloads: list[bytes] = []
        self.made = 0
        self._last = 0
        self.consumer = self._anew()

    def _anew(self) -> Consumer:
        self.made += 1
        self._expected = 1
        start: dict[str, Any] = {
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._last + 1,
        }
        return self.js.consumer(
            self.stream, filter_subject=self.subject, **(ORDERED | (start if self._last else {}))
        )

    def lose(self, count: int) -> None:
        """Let messages come, and forget them."""
        self.consumer.take(count)

    def read(self, count: int) -> None:
        """Read so many more messages, each once and in order."""
        wanted = len(self.payloads) + count
        while len(self.payloads) < wanted:
            message = self.consumer.pull(1).next()
            if message.status == 503:
                self.consumer = self._anew()
                continue
            delivery = delivered(message)
            if delivery.token.consumer_seq != self._expected:
                self.consumer.delete()
                self.consumer = self._anew()
                continue
            self._expected += 1
            self._last = delivery.seq
            self.payloads.append(delivery.payload)
