"""Streams created where one of the same name has just been deleted (JS-STREAM-016)."""

from __future__ import annotations

from nats_conformance.cases import Nats, case

#: What goes wrong, goes wrong about every second time.
ROUNDS = 20


# nats-server stays unhealthy after this (MON-HEALTH-007): nobody's live server is put through it.
@case("JS-STREAM-016", config="jetstream", deliveries=False, private=True)
def test_nothing_comes_back_from_a_deleted_stream(nats: Nats) -> None:
    js = nats.jetstream()
    name = js.name("S")
    for _ in range(ROUNDS):
        made = js.created(name, subjects=[name], storage="file")
        assert made["state"]["messages"] == 0
        assert js.state(name)["messages"] == 0
        for _ in range(5):
            js.publish(name, "gone")
        js.request(f"STREAM.DELETE.{name}")
