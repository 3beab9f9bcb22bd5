"""What is left of streams after their server has ended (JS-LIM-020 .. JS-LIM-022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream


def whole(js: JetStream, stream: str) -> dict[str, Any]:
    """Configuration, state and messages of a stream."""
    info = js.info(stream, deleted_details=True)
    state = info["state"]
    gone = set(state.get("deleted") or ())
    there = range(state["first_seq"], state["last_seq"] + 1) if state["messages"] else ()
    return {
        "created": info["created"],
        "config": {k: v for k, v in info["config"].items() if k != "metadata"},
        "state": state,
        "messages": [js.stored(stream, seq=seq) for seq in there if seq not in gone],
    }


def filled(js: JetStream, name: str, **config: Any) -> str:
    """A stream with messages 1, 3, 5, 6 and 8 of eight."""
    stream = js.create(name, subjects=[f"{name}.*"], max_msgs=7, **config)
    for number in range(1, 9):
        js.publish(
            f"{name}.{number % 3}", f"{number}" * number, {"A": "x"} if number == 3 else None
        )
    for seq in (4, 7, 2):
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": seq})
    return stream


@case("JS-LIM-020", "JS-LIM-021", config="jetstream", private=True)
def test_streams_in_files_come_back_as_they_were(nats: Nats) -> None:
    js = nats.jetstream()
    kept = [filled(js, name, storage="file") for name in ("KEPT", "PURGED", "EMPTIED")] + [
        js.create("NEW", storage="file")
    ]
    js.request("STREAM.PURGE.PURGED", {"seq": 6})
    js.request("STREAM.PURGE.EMPTIED")
    lost = filled(js, "LOST", storage="memory")
    for signal in ("term", "kill"):
        before = {stream: whole(js, stream) for stream in kept}
        nats.server.restart(signal)
        js = nats.jetstream()
        assert {stream: whole(js, stream) for stream in kept} == before
        js.refused(f"STREAM.INFO.{lost}", 10059)
        seq = before["EMPTIED"]["state"]["last_seq"]
        assert js.publish("EMPTIED.1", "x")["seq"] == seq + 1
        js.request("STREAM.PURGE.EMPTIED")


@case("JS-LIM-022", config="jetstream", private=True)
def test_what_is_acknowledged_survives_a_killed_server(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create("KEPT", storage="file")
    replies = [js.inbox() for _ in range(300)]
    for number, reply in enumerate(replies, 1):
        js.send(stream, f"{number}", None, reply)
    for number, reply in enumerate(replies, 1):
        assert js.on_subject(reply).json["seq"] == number
    nats.server.restart("kill")
    js = nats.jetstream()
    state = js.state(stream)
    assert (state["messages"], state["first_seq"], state["last_seq"]) == (300, 1, 300)
    for seq in (1, 150, 299, 300):
        assert js.stored(stream, seq=seq)["data"] == f"{seq}".encode()


@case("JS-LIM-020", config="jetstream", private=True)
def test_the_last_sequence_outlives_its_message(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create("S", storage="file")
    for _ in range(3):
        js.publish(stream)
    nats.server.restart("term")
    js = nats.jetstream()
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 3})
    nats.server.restart("term")
    js = nats.jetstream()
    state = js.state(stream)
    assert (state["messages"], state["last_seq"]) == (2, 3)
    assert js.publish(stream)["seq"] == 4
