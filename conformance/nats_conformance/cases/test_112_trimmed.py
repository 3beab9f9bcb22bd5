"""What limits have removed and left, after the server was killed (JS-LIM-042, JS-LIM-043).

Also what readers see of a stream at once (JS-LIM-026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.jetstream import JetStream


def places(js: JetStream, stream: str) -> tuple[int, int, list[int]]:
    """first_seq, last_seq, and the sequences that are there."""
    state = js.state(stream, deleted_details=True)
    first, last = state["first_seq"], state["last_seq"]
    gone = set(state.get("deleted") or ())
    return first, last, [seq for seq in range(first, last + 1) if seq not in gone]


def filled(nats: Nats, js: JetStream, tokens: str, **config: Any) -> str:
    """A stream that has got a message for each of these tokens."""
    name = nats.name("S")
    stream = js.create(name, subjects=[f"{name}.*"], storage="file", **config)
    for token in tokens:
        js.publish(f"{name}.{token}", token)
    return stream


#: By what a stream comes below a limit that has removed messages.
_ROOM: Final[dict[str, Callable[[JetStream, str], object]]] = {
    "deletion": lambda js, stream: [
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": seq}) for seq in (4, 5)
    ],
    "purge": lambda js, stream: js.request(f"STREAM.PURGE.{stream}", {"filter": f"{stream}.2"}),
    "rollup": lambda js, stream: js.publish(f"{stream}.2", "", {"Nats-Rollup": "sub"}),
    "update": lambda js, stream: js.request(
        f"STREAM.UPDATE.{stream}",
        {"name": stream, "subjects": [f"{stream}.*"], "storage": "file"},
    ),
}


@case("JS-LIM-042", config="crash", private=True)
def test_what_a_limit_removed_does_not_come_back(nats: Nats) -> None:
    js = nats.jetstream()
    limits = ({"max_msgs": 3}, {"max_bytes": 150}, {"max_msgs_per_subject": 1})
    before = {}
    for limit in limits:
        for make_room in _ROOM.values():
            stream = filled(nats, js, "12121", **limit, allow_rollup_hdrs=True)
            assert places(js, stream)[0] > 1
            make_room(js, stream)
            before[stream] = places(js, stream)
    nats.server.restart("kill")
    js = nats.jetstream()
    assert {stream: places(js, stream) for stream in before} == before


@case("JS-LIM-043", config="crash", private=True)
def test_what_the_limits_left_is_there_after_a_kill(nats: Nats) -> None:
    js = nats.jetstream()
    kept = [
        filled(nats, js, "11211", max_msgs=2, max_msgs_per_subject=1),
        filled(nats, js, "11211", max_bytes=90, max_msgs_per_subject=1),
    ]
    before = {stream: places(js, stream) for stream in kept}
    assert {found for _, _, (found, _) in before.values()} == {3}
    nats.server.restart("kill")
    js = nats.jetstream()
    assert {stream: places(js, stream) for stream in kept} == before
    for stream in kept:
        assert js.stored(stream, last_by_subj=f"{stream}.2")["seq"] == 3


@case("JS-LIM-026", config="jetstream")
def test_what_is_answered_is_seen_on_every_connection(nats: Nats) -> None:
    writer, reader = nats.jetstream(), nats.jetstream()
    for storage in ("memory", "file"):
        stream = writer.create(nats.name("S"), storage=storage, allow_direct=True)
        for seq in range(1, 31):
            assert writer.publish(stream, f"{seq}")["seq"] == seq
            match seq % 3:
                case 0:
                    assert reader.stored(stream, seq=seq)["data"] == f"{seq}".encode()
                case 1:
                    assert reader.direct(stream, {"seq": seq}).payload == f"{seq}".encode()
                case _:
                    assert reader.state(stream)["last_seq"] == seq
        for seq in range(1, 11):
            writer.request(f"STREAM.MSG.DELETE.{stream}", {"seq": seq})
            reader.refused(f"STREAM.MSG.GET.{stream}", 10037, {"seq": seq})
            assert reader.direct(stream, {"seq": seq}).status == 404
        writer.request(f"STREAM.PURGE.{stream}")
        assert reader.state(stream)["messages"] == 0
        assert reader.direct(stream, {"seq": 30}).status == 404
