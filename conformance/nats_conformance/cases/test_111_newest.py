"""Which message is the newest of a subject once the newest has gone (JS-PUB-012)."""

from __future__ import annotations

from nats_conformance.cases import Nats, case


@case("JS-PUB-012", config="jetstream")
def test_behind_a_deleted_message_the_one_before_is_the_newest(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        name = nats.name("S")
        stream = js.create(name, subjects=[f"{name}.*"], storage=storage)
        for _ in range(4):
            js.publish(f"{name}.a")
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 4})
        expected = {"Nats-Expected-Last-Subject-Sequence": "3"}
        assert js.publish(f"{name}.a", None, expected)["seq"] == 5
